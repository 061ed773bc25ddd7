// Flow: a task with a deadline, of which nothing is left once the task has ended.
import { type Clock, DeadlineExceeded } from '../lib/clock.ts';

/** A reason made once: abort() without one builds an error with a stack trace each time. */
const ended = 'the task ended';

/**
 * Runs the task with a signal that aborts with DeadlineExceeded after `timeoutMs`, or with `outer`. For the hundreds of scrapes per second of a large
 * cluster: `clock.deadline` leaves its timer running after the task, and a composed signal costs the garbage collector a weak reference.
 */
export async function withDeadline<T>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = new AbortController();
  const follow = (): void => deadline.abort(outer.reason);
  if (outer.aborted) follow();
  outer.addEventListener('abort', follow, { once: true });
  const expire = async (): Promise<void> => {
    await clock.sleep(timeoutMs, timer.signal);
    if (!timer.signal.aborted) deadline.abort(new DeadlineExceeded(timeoutMs));
  };
  void expire();
  try {
    return await task(deadline.signal);
  } finally {
    timer.abort(ended);
    outer.removeEventListener('abort', follow);
  }
}
