// Edge: remembers whether the API server answers, and says so in the log once when that changes.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

/** So many requests in a row without any answer mean that contact is lost; a single broken connection is nothing to report. */
const failuresUntilLost = 2;

/** Contact with one API server, of all clients that share it. */
export class Contact {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #failures = 0;
  #failingSinceMs = 0;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The API server answered, whatever it said. */
  answered(): void {
    if (this.#failures >= failuresUntilLost) {
      this.#logger.info('API server answers again', { outageMs: this.#clock.monotonic() - this.#failingSinceMs });
    }
    this.#failures = 0;
  }

  /** A request got no answer. */
  failed(error: unknown): void {
    if (this.#failures === 0) this.#failingSinceMs = this.#clock.monotonic();
    this.#failures += 1;
    if (this.#failures === failuresUntilLost) this.#logger.warn('API server does not answer', { error });
  }
}
