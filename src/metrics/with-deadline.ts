// Flow: a task with a deadline, of which nothing is left once the task has ended.
import { DeadlineExceeded } from '../lib/clock.ts';
import type { Alarms } from './alarms.ts';
import { Cancellation } from './cancellation.ts';

/** Runs the task with what is cancelled with DeadlineExceeded after `timeoutMs`, or with the reason of `outer` when that aborts. */
export async function withDeadline<T>(
  alarms: Alarms,
  timeoutMs: number,
  outer: AbortSignal,
  task: (cancellation: Cancellation) => Promise<T>,
): Promise<T> {
  const cancellation = new Cancellation();
  const follow = (): void => cancellation.cancel(outer.reason);
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  const deadline = alarms.after(timeoutMs, () => cancellation.cancel(new DeadlineExceeded(timeoutMs)));
  try {
    return await task(cancellation);
  } finally {
    alarms.cancel(deadline);
    outer.removeEventListener('abort', follow);
  }
}
