// A clock that jumps to whatever is due next: hours of a controller in seconds. Unlike the tests' FakeClock it is made for a hundred thousand sleeps.
import { type Clock, DeadlineExceeded } from '../src/lib/clock.ts';

interface Sleeper {
  readonly atMs: number;
  readonly order: number;
  readonly wake: () => void;
}

export class JumpingClock implements Clock {
  #nowMs: number;
  #slept = 0;
  /** A binary heap, the earliest first. */
  readonly #sleepers: Sleeper[] = [];

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
      this.#push({ atMs: this.#nowMs + Math.max(0, ms), order: this.#slept++, wake: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
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
    for (let next = this.#sleepers[0]; next !== undefined && next.atMs <= untilMs; next = this.#sleepers[0]) {
      this.#pop();
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
      await immediate();
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#sleepers;
    let at = heap.push(sleeper) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at], heap[parent])) return;
      swap(heap, at, parent);
      at = parent;
    }
  }

  #pop(): void {
    const heap = this.#sleepers;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[child], heap[at])) return;
      swap(heap, at, child);
      at = child;
    }
  }
}

/** Nobody is before somebody. */
function isBefore(a: Sleeper | undefined, b: Sleeper | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function swap(heap: Sleeper[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first === undefined || second === undefined) return;
  heap[a] = second;
  heap[b] = first;
}

/** What is ready runs: continuations of continuations, before the next turn of the event loop. */
function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
