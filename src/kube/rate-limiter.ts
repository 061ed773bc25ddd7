// Edge: a token bucket on a Clock, as client-go's. Writes that wait go before reads that wait.
import type { Clock } from '../lib/clock.ts';

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** Tokens per second; negative means no limit (as in client-go). */
  readonly qps: number;
  /** Most tokens that a quiet time saves up. */
  readonly burst: number;
}

export type Priority = 'write' | 'read';

interface Waiter {
  readonly proceed: () => void;
}

/** Hands out one token per call of `acquire`; first come, first served within a priority. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  readonly #waiting: Readonly<Record<Priority, Set<Waiter>>> = { write: new Set(), read: new Set() };
  #tokens: number;
  #refilledAtMs: number;
  #pumping = false;

  constructor({ clock, qps, burst }: RateLimiterOptions) {
    this.#clock = clock;
    this.#qps = qps;
    this.#burst = Math.max(1, burst);
    this.#tokens = this.#burst;
    this.#refilledAtMs = clock.monotonic();
  }

  /** Resolves when the caller may send its request. Rejects when the signal aborts first. */
  async acquire(priority: Priority, signal: AbortSignal): Promise<void> {
    if (this.#qps < 0) return;
    signal.throwIfAborted();
    if (this.#waiting.write.size + this.#waiting.read.size === 0 && this.#takeToken()) return;
    await this.#wait(priority, signal);
  }

  #wait(priority: Priority, signal: AbortSignal): Promise<void> {
    const queue = this.#waiting[priority];
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queue.delete(waiter);
        reject(new Error('aborted while waiting for the rate limit', { cause: signal.reason }));
      };
      const waiter: Waiter = {
        proceed: () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        },
      };
      queue.add(waiter);
      signal.addEventListener('abort', giveUp, { once: true });
      void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    for (let next = this.#first(); next !== undefined; next = this.#first()) {
      if (this.#takeToken()) {
        next.queue.delete(next.waiter);
        next.waiter.proceed();
      } else {
        await this.#clock.sleep(Math.ceil(((1 - this.#tokens) / this.#qps) * 1000));
      }
    }
    this.#pumping = false;
  }

  #first(): { queue: Set<Waiter>; waiter: Waiter } | undefined {
    for (const queue of [this.#waiting.write, this.#waiting.read]) {
      for (const waiter of queue) return { queue, waiter };
    }
    return undefined;
  }

  #takeToken(): boolean {
    const nowMs = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * this.#qps);
    this.#refilledAtMs = nowMs;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
