// Pure: which events are written, which only counted, which combined, which dropped: the rules of client-go's tools/record, EventCorrelator.

import { LruMap } from './lru-map.ts';
import type { EventView } from './types.ts';

/** An event that is on its way to the API server. */
export interface PendingEvent {
  readonly view: EventView;
  /** metadata.name; of the first occurrence when this is a repetition. */
  readonly name: string;
  readonly message: string;
  readonly count: number;
  readonly firstAtMs: number;
  readonly lastAtMs: number;
  /** Events that combine several have a source, but no reporting component. */
  readonly combined: boolean;
}

export interface Occurrence {
  readonly view: EventView;
  readonly name: string;
  readonly atMs: number;
}

interface Observation {
  readonly count: number;
  readonly firstAtMs: number;
  readonly name: string;
}

interface SimilarEvents {
  readonly messages: Set<string>;
  lastAtMs: number;
}

interface Bucket {
  tokens: number;
  refilledAtMs: number;
}

const cacheEntries = 4096;
/** So many different messages of one reason within the interval are combined into one event. */
const maxSimilarEvents = 10;
const similarIntervalMs = 600_000;
/** An object may have so many events of one type at once, and one more every five minutes. */
const burst = 25;
const refillMs = 300_000;

/** State of correlation for one source component; bounded to 4096 entries of each sort. */
export class EventCorrelator {
  readonly #observations = new LruMap<Observation>(cacheEntries);
  readonly #similar = new LruMap<SimilarEvents>(cacheEntries);
  readonly #buckets = new LruMap<Bucket>(cacheEntries);

  /** The event to write: to create when its count is 1, to patch otherwise. undefined: the object has too many events, drop it. */
  correlate(occurrence: Occurrence, nowMs: number): PendingEvent | undefined {
    const { pending, key } = this.#aggregate(occurrence, nowMs);
    const observed = this.#observe(pending, key);
    return this.#takeToken(observed.view, nowMs) ? observed : undefined;
  }

  /** The event was written under this name; later repetitions are counted there. */
  written(event: PendingEvent, name: string): void {
    const { count, firstAtMs } = event;
    this.#observations.set(eventKey(event.view, event.message), { count, firstAtMs, name });
  }

  #aggregate({ view, name, atMs }: Occurrence, nowMs: number): { pending: PendingEvent; key: string } {
    const similarKey = [...objectParts(view), view.type, view.reason].join('\n');
    let similar = this.#similar.get(similarKey);
    if (similar === undefined || nowMs - similar.lastAtMs > similarIntervalMs) {
      similar = { messages: new Set(), lastAtMs: nowMs };
    }
    similar.messages.add(view.message);
    similar.lastAtMs = nowMs;
    this.#similar.set(similarKey, similar);
    const own = { view, name, message: view.message, count: 1, firstAtMs: atMs, lastAtMs: atMs, combined: false };
    if (similar.messages.size < maxSimilarEvents) return { pending: own, key: eventKey(view, view.message) };
    // The set stays at its limit: one message makes room, so that a further new one is over the limit again.
    for (const message of similar.messages) {
      similar.messages.delete(message);
      break;
    }
    const message = `(combined from similar events): ${view.message}`;
    return { pending: { ...own, message, firstAtMs: nowMs, lastAtMs: nowMs, combined: true }, key: similarKey };
  }

  #observe(pending: PendingEvent, key: string): PendingEvent {
    const last = this.#observations.get(key);
    const event =
      last === undefined ? pending : { ...pending, name: last.name, firstAtMs: last.firstAtMs, count: last.count + 1 };
    this.#observations.set(key, { count: event.count, firstAtMs: event.firstAtMs, name: event.name });
    return event;
  }

  #takeToken(view: EventView, nowMs: number): boolean {
    const key = [...objectParts(view), view.type].join('\n');
    const bucket = this.#buckets.get(key) ?? { tokens: burst, refilledAtMs: nowMs };
    // A clock that was set back takes nothing away.
    bucket.tokens = Math.min(burst, bucket.tokens + Math.max(0, nowMs - bucket.refilledAtMs) / refillMs);
    bucket.refilledAtMs = nowMs;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }
}

function eventKey(view: EventView, message: string): string {
  return [...objectParts(view), view.type, view.reason, message].join('\n');
}

/** The resourceVersion is no part of it: the same thing may happen to an object again and again. */
function objectParts({ regarding }: EventView): string[] {
  return [regarding.kind, regarding.namespace, regarding.name, regarding.uid, regarding.apiVersion];
}
