// A clock that stands still until told to move. `advance` runs every sleeper that is due, in order of its time.
import { type Clock, DeadlineExceeded } from '../../src/lib/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

export class FakeClock implements Clock {
  #nowMs: number;
  #setByMs = 0;
  #sleepers: Sleeper[] = [];

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs + this.#setByMs;
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
      this.#add(ms, resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  deadline(ms: number, signal?: AbortSignal): AbortSignal {
    const controller = new AbortController();
    this.#add(ms, () => controller.abort(new DeadlineExceeded(ms)));
    return signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
  }

  /** How many sleeps and deadlines wait for time to pass. */
  get waiting(): number {
    return this.#sleepers.length;
  }

  /** Moves time by `ms`, waking each due sleeper at its own time and letting its continuations run before the next. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.filter((sleeper) => sleeper.atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settle();
  }

  /** Time passes and nobody wakes, as in a process that was stopped or a machine that slept. */
  standStill(ms: number): void {
    this.#nowMs += ms;
  }

  /** The wall clock is set, forward or back, as by NTP; no time passes. */
  set(byMs: number): void {
    this.#setByMs += byMs;
  }

  #add(ms: number, wake: () => void): void {
    this.#sleepers.push({ atMs: this.#nowMs + ms, wake });
  }
}

/** Lets promise continuations that are ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
