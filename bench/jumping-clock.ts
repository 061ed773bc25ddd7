// A clock that jumps to whatever is due next: hours of a controller in seconds. Unlike the tests' FakeClock it is made for a hundred thousand sleeps.
import { type Timer, TimerHeap } from '../src/kube/timer-heap.ts';
import { type Clock, DeadlineExceeded } from '../src/lib/clock.ts';

interface Sleeper extends Timer {
  readonly wake: () => void;
}

export class JumpingClock implements Clock {
  #nowMs: number;
  #slept = 0;
  readonly #sleepers = new TimerHeap<Sleeper>();

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#sleepers.push({ dueAtMs: this.#nowMs + Math.max(0, ms), order: this.#slept++, wake });
      signal?.addEventListener('abort', wake, { once: true });
    });
  }

  deadline(ms: number, signal?: AbortSignal): AbortSignal {
    const controller = new AbortController();
    void this.sleep(ms).then(() => controller.abort(new DeadlineExceeded(ms)));
    return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
  }

  /** Time passes and nobody wakes. */
  jump(ms: number): void {
    this.#nowMs += ms;
  }

  /** Wakes each who is due until then, at its own time, and lets what follows run. */
  async advanceTo(untilMs: number): Promise<void> {
    await immediate();
    for (
      let next = this.#sleepers.first();
      next !== undefined && next.dueAtMs <= untilMs;
      next = this.#sleepers.first()
    ) {
      this.#sleepers.pop();
      this.#nowMs = Math.max(this.#nowMs, next.dueAtMs);
      next.wake();
      await immediate();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

/** What is ready runs: continuations of continuations, before the next turn of the event loop. */
function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
