// Pure (time comes in as a Clock): a bounded cache whose entries are believed for a while. The least recently used entry makes room.
import type { Clock } from '../lib/clock.ts';

interface Entry<T> {
  readonly value: T;
  readonly expiresAtMs: number;
}

export class ExpiringCache<T> {
  readonly #clock: Clock;
  readonly #capacity: number;
  /** In order of use: a Map iterates in insertion order, and each use inserts anew. */
  readonly #entries = new Map<string, Entry<T>>();

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (this.#clock.monotonic() >= entry.expiresAtMs) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps `value` for `ttlMs`; 0 keeps nothing. */
  set(key: string, value: T, ttlMs: number): void {
    this.#entries.delete(key);
    if (ttlMs <= 0) return;
    this.#entries.set(key, { value, expiresAtMs: this.#clock.monotonic() + ttlMs });
    if (this.#entries.size <= this.#capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      break;
    }
  }
}
