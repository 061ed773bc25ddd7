// Flow: the requests that are being served: how many, of what kind, until when. Refuses what is too much, cuts off what takes too long.
import type { ServerResponse } from 'node:http';
import type { Clock } from '../lib/clock.ts';
import { handedOver } from './answer.ts';

export interface InFlightLimits {
  /** `--max-requests-inflight`: gets and lists at a time; 0: no limit. */
  readonly maxReads: number;
  /** All other verbs; 0: no limit. */
  readonly maxWrites: number;
}

interface Entry {
  readonly response: ServerResponse;
  readonly deadlineAtMs: number;
}

const sweepIntervalMs = 1_000;
const readVerbs = new Set(['get', 'list', 'watch']);

export class InFlightRequests {
  readonly #clock: Clock;
  readonly #limits: InFlightLimits;
  readonly #entries = new Set<Entry>();
  #reads = 0;
  #writes = 0;

  constructor(clock: Clock, limits: InFlightLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Requests whose response is not finished. */
  get size(): number {
    return this.#entries.size;
  }

  /** Remembers a request until its response is finished or its connection is gone. */
  track(response: ServerResponse, timeoutMs: number): void {
    const entry = { response, deadlineAtMs: this.#clock.monotonic() + timeoutMs };
    this.#entries.add(entry);
    // `on`, here and below: what comes once needs no listener that takes itself away.
    response.on('close', () => this.#entries.delete(entry));
  }

  /**
   * Takes one of the places for requests of this verb until the response is finished, or its small answer handed over: a stranger who never reads
   * a refusal (HTTP/2 lets him) must not keep others out. False: all are taken.
   */
  admit(response: ServerResponse, verb: string): boolean {
    return readVerbs.has(verb) ? this.#admitRead(response) : this.#admitWrite(response);
  }

  #admitRead(response: ServerResponse): boolean {
    if (this.#limits.maxReads > 0 && this.#reads >= this.#limits.maxReads) return false;
    this.#reads += 1;
    onceDone(response, () => {
      this.#reads -= 1;
    });
    return true;
  }

  #admitWrite(response: ServerResponse): boolean {
    if (this.#limits.maxWrites > 0 && this.#writes >= this.#limits.maxWrites) return false;
    this.#writes += 1;
    onceDone(response, () => {
      this.#writes -= 1;
    });
    return true;
  }

  /**
   * Until the signal aborts, hands each response whose deadline has passed to `onTimeout`. One look a second over at most a few hundred requests
   * is cheaper than a timer for each.
   */
  async sweep(signal: AbortSignal, onTimeout: (response: ServerResponse) => void): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(sweepIntervalMs, signal);
      const nowMs = this.#clock.monotonic();
      for (const entry of this.#entries) {
        if (entry.deadlineAtMs > nowMs) continue;
        this.#entries.delete(entry);
        onTimeout(entry.response);
      }
    }
  }
}

function onceDone(response: ServerResponse, release: () => void): void {
  let isDone = false;
  const done = (): void => {
    if (!isDone) release();
    isDone = true;
  };
  response.on('close', done);
  response.on(handedOver, done);
}
