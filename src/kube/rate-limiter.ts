// Edge: a token bucket on a Clock, as client-go's, whose tokens go to what is urgent first and to everybody some.
import type { Clock } from '../lib/clock.ts';
import type { Priority, RequestBudget } from './types.ts';

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** Tokens per second; negative means no limit (as in client-go). */
  readonly qps: number;
  /** Most tokens that a quiet time saves up. */
  readonly burst: number;
}

/** Who goes first when all wait. */
const byUrgency = ['urgent', 'write', 'read'] as const satisfies readonly Priority[];

/**
 * Whose turn the next token is, over and over, while all wait: the urgent get most, and nobody nothing. A turn that its owner does not need goes to the
 * most urgent who waits.
 */
const turns: readonly Priority[] = ['urgent', 'write', 'read', 'urgent', 'write', 'read', 'urgent'];

interface Waiter {
  readonly tokens: number;
  readonly proceed: () => void;
}

/** Hands out tokens, one for each request; first come, first served within a priority. */
export class RateLimiter implements RequestBudget {
  readonly #clock: Clock;
  readonly #qps: number;
  readonly #burst: number;
  readonly #waiting: Readonly<Record<Priority, Set<Waiter>>> = {
    urgent: new Set(),
    write: new Set(),
    read: new Set(),
  };
  #tokens: number;
  #refilledAtMs: number;
  #turn = 0;
  #pumping = false;

  constructor({ clock, qps, burst }: RateLimiterOptions) {
    this.#clock = clock;
    this.#qps = qps;
    this.#burst = Math.max(1, burst);
    this.#tokens = this.#burst;
    this.#refilledAtMs = clock.monotonic();
  }

  get hasRoom(): boolean {
    if (this.#qps < 0) return true;
    this.#refill();
    return !this.#isAnyoneWaiting() && this.#tokens >= Math.max(1, this.#burst / 2);
  }

  tryAcquire(tokens: number): boolean {
    return this.#qps < 0 || (!this.#isAnyoneWaiting() && this.#takeTokens(tokens));
  }

  async acquire(priority: Priority, signal: AbortSignal, tokens = 1): Promise<void> {
    if (this.#qps < 0) return;
    signal.throwIfAborted();
    if (this.tryAcquire(tokens)) return;
    await this.#wait(priority, signal, tokens);
  }

  giveBack(tokens: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + tokens);
  }

  #isAnyoneWaiting(): boolean {
    return byUrgency.some((priority) => this.#waiting[priority].size > 0);
  }

  #wait(priority: Priority, signal: AbortSignal, tokens: number): Promise<void> {
    const queue = this.#waiting[priority];
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        queue.delete(waiter);
        reject(new Error('aborted while waiting for the rate limit', { cause: signal.reason }));
      };
      const waiter: Waiter = {
        tokens,
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
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const { queue, waiter } = next;
      if (this.#takeTokens(waiter.tokens)) {
        this.#turn = (this.#turn + 1) % turns.length;
        queue.delete(waiter);
        waiter.proceed();
      } else {
        const missing = this.#price(waiter.tokens) - this.#tokens;
        await this.#clock.sleep(Math.ceil((missing / this.#qps) * 1000));
      }
    }
    this.#pumping = false;
  }

  #next(): { queue: Set<Waiter>; waiter: Waiter } | undefined {
    const owner = turns[this.#turn] ?? 'urgent';
    for (const priority of [owner, ...byUrgency]) {
      const queue = this.#waiting[priority];
      for (const waiter of queue) return { queue, waiter };
    }
    return undefined;
  }

  #takeTokens(tokens: number): boolean {
    this.#refill();
    const price = this.#price(tokens);
    if (this.#tokens < price) return false;
    this.#tokens -= price;
    return true;
  }

  /** More than the burst is never there. */
  #price(tokens: number): number {
    return Math.min(tokens, this.#burst);
  }

  #refill(): void {
    const nowMs = this.#clock.monotonic();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#refilledAtMs) / 1000) * this.#qps);
    this.#refilledAtMs = nowMs;
  }
}
