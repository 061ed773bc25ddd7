// Edge: tells listeners what changed. A listener that throws is a fault of ours; it is logged, and nobody else is disturbed.
import type { Logger } from '../lib/logger.ts';
import type { ChangeKind, ChangeListener } from './types.ts';

export class ChangeListeners<T> {
  readonly #logger: Logger;
  readonly #listeners = new Set<ChangeListener<T>>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Returns a function that ends the subscription. */
  add(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(kind: ChangeKind, object: T, previous: T | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(kind, object, previous);
      } catch (error) {
        this.#logger.error('BUG: a listener to changes threw', { error });
      }
    }
  }
}
