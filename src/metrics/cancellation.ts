// Pure state, hot: whether one scrape is to end before its answer, and why.

/** What a scrape needs of an AbortSignal. Those are event targets: with their listeners they took 7 % of a scrape's CPU. */
export class Cancellation {
  #isCancelled = false;
  #reason: unknown;
  #listener: (() => void) | undefined;

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** What it was cancelled with; undefined before. */
  get reason(): unknown {
    return this.#reason;
  }

  /** The first reason counts. */
  cancel(reason: unknown): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#reason = reason;
    this.#listener?.();
  }

  /** Calls the listener when it is cancelled, at once when it was before. There is one listener at a time; undefined for none. */
  onCancelled(listener: (() => void) | undefined): void {
    this.#listener = listener;
    if (this.#isCancelled) listener?.();
  }
}
