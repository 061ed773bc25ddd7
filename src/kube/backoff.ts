// Pure: growing pauses between attempts, with jitter so that many clients do not come back at once.

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Doubles from `initialMs` to `maxMs`; each pause is a random half to whole of that. */
export class Backoff {
  readonly #options: BackoffOptions;
  #currentMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#currentMs = options.initialMs;
  }

  next(): number {
    const pauseMs = this.#currentMs * (0.5 + this.#options.random() / 2);
    this.#currentMs = Math.min(this.#options.maxMs, this.#currentMs * 2);
    return pauseMs;
  }

  reset(): void {
    this.#currentMs = this.#options.initialMs;
  }
}
