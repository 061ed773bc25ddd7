// Edge: the only place in src that reads the time or sets a timer. Everything else takes a Clock or `nowMs`.

/** Time as an argument. Instants are milliseconds since the Unix epoch. */
export interface Clock {
  /** Wall-clock time now, in milliseconds since the Unix epoch. */
  now(): number;
  /** Time since an arbitrary fixed instant, in milliseconds; never jumps backwards. For measuring durations. */
  monotonic(): number;
  /** Resolves after `ms`, or at once (without throwing) when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts after `ms`, or when `signal` does. `signal.reason` tells the two apart: a deadline's is a DeadlineExceeded. */
  deadline(ms: number, signal?: AbortSignal): AbortSignal;
}

/** The reason of a signal made by `Clock.deadline` that ran out of time. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';

  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`deadline of ${timeoutMs} ms exceeded`);
    this.timeoutMs = timeoutMs;
  }
}

const longestTimerMs = 2 ** 31 - 1;

/** What a timer takes: it fires at once, with a warning, for negative delays and for those of more than 24 days. */
function timerDelayMs(ms: number): number {
  return Math.min(Math.max(ms, 0), longestTimerMs);
}

/** The machine's clock. Its timers do not keep the process alive by themselves. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) {
        resolve();
        return;
      }
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, timerDelayMs(ms));
      signal?.addEventListener('abort', finish, { once: true });
    }),
  deadline: (ms, signal) => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new DeadlineExceeded(ms)), timerDelayMs(ms));
    timer.unref();
    return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
  },
};
