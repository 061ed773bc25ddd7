// Pure: what is remembered of each autoscaler between looks. One of the two things in the program that remember; bounded by the number of autoscalers
// and, for each, by what fits into its longest window (see decide/history.ts) and never more than `maxEntries`.
import type { History } from './decide/types.ts';
import type { Memory } from './memory.ts';

/** What outlives a restart. */
export interface Remembered extends Memory {
  /** Of the object: a new object of the same name starts afresh. */
  readonly uid: string;
  /** When replicas were last written; undefined: never. */
  readonly lastScaleAtMs: number | undefined;
}

/** An hour, the longest window there is, at a sync period of one second. */
const maxEntries = 3600;

export class HistoryStore {
  readonly #remembered = new Map<string, Remembered>();

  get(key: string, uid: string): Remembered | undefined {
    const remembered = this.#remembered.get(key);
    return remembered?.uid === uid ? remembered : undefined;
  }

  set(key: string, remembered: Remembered): void {
    const { history, between } = remembered;
    const kept = between.length > maxEntries ? newest(between) : between;
    this.#remembered.set(key, { ...remembered, history: bounded(history), between: kept });
  }

  delete(key: string): void {
    this.#remembered.delete(key);
  }

  entries(): Iterable<readonly [string, Remembered]> {
    return this.#remembered;
  }

  keys(): Iterable<string> {
    return this.#remembered.keys();
  }
}

/** The newest entries. Only a window much longer than the validated hour would lose any. */
function bounded(history: History): History {
  const { recommendations, scaleUpEvents, scaleDownEvents } = history;
  if (
    recommendations.length <= maxEntries &&
    scaleUpEvents.length <= maxEntries &&
    scaleDownEvents.length <= maxEntries
  ) {
    return history;
  }
  return {
    recommendations: newest(recommendations),
    scaleUpEvents: newest(scaleUpEvents),
    scaleDownEvents: newest(scaleDownEvents),
  };
}

function newest<T extends { readonly atMs: number }>(entries: readonly T[]): readonly T[] {
  return entries.toSorted((a, b) => a.atMs - b.atMs).slice(-maxEntries);
}
