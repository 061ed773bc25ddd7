// Pure: one shared value for all equal ones, in bounded memory.

/**
 * Two generations of at most `capacity` entries. A value that is asked for moves to the young one; when that is full, the old one is
 * forgotten. So values in use stay shared, and what nobody asks for any more goes. Forgetting costs sharing only, never correctness.
 */
export class InternTable<V> {
  readonly #capacity: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The value known by this key, or the one that `make` makes now. */
  get(key: string, make: () => V): V {
    let value = this.#young.get(key);
    if (value !== undefined) return value;
    value = this.#old.get(key) ?? make();
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
    return value;
  }

  /** Entries held; at most twice the capacity. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
