// Pure: who is due first. A binary heap, as a queue of 3,000 keys is asked for its first all the time.

export interface Timer {
  readonly dueAtMs: number;
  /** Who goes first of those that are due at one time; without it nobody in particular. */
  readonly order?: number;
}

/** Smallest `dueAtMs` first. */
export class TimerHeap<T extends Timer> {
  readonly #timers: T[] = [];

  get size(): number {
    return this.#timers.length;
  }

  first(): T | undefined {
    return this.#timers[0];
  }

  push(timer: T): void {
    let at = this.#timers.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  pop(): T | undefined {
    const first = this.#timers[0];
    const last = this.#timers.pop();
    if (last === undefined || this.#timers.length === 0) return first;
    this.#timers[0] = last;
    for (let at = 0; ; ) {
      const child = this.#firstChild(at);
      if (child === undefined || !this.#isBefore(child, at)) return first;
      this.#swap(at, child);
      at = child;
    }
  }

  #firstChild(at: number): number | undefined {
    const left = 2 * at + 1;
    if (left >= this.#timers.length) return undefined;
    return left + 1 < this.#timers.length && this.#isBefore(left + 1, left) ? left + 1 : left;
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#timers[a];
    const second = this.#timers[b];
    if (first === undefined || second === undefined) return false;
    return first.dueAtMs === second.dueAtMs ? (first.order ?? 0) < (second.order ?? 0) : first.dueAtMs < second.dueAtMs;
  }

  #swap(a: number, b: number): void {
    const first = this.#timers[a];
    const second = this.#timers[b];
    if (first === undefined || second === undefined) return;
    this.#timers[a] = second;
    this.#timers[b] = first;
  }
}
