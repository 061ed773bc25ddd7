// Pure: what is remembered of each autoscaler between looks. One of the two things in the program that remember; bounded by the number of autoscalers
// and, for each, by what fits into its longest window (see decide/history.ts) and never more than `maxEntries`.
import type { Autoscaler } from '../crd/types.ts';
import { learnScaleEvent } from './decide/history.ts';
import type { History } from './decide/types.ts';
import { emptyMemory, type Memory } from './memory.ts';

/** What outlives a restart. */
export interface Remembered extends Memory {
  /** Of the object: a new object of the same name starts afresh. */
  readonly uid: string;
  /** When replicas were last written; undefined: never. */
  readonly lastScaleAtMs: number | undefined;
}

/**
 * With the change of replicas that the status tells of, if it is newer than what is known: another process made it, or an earlier one that left no
 * word of it. `known` when there is none. Only the newest can be learnt so, and only until the next status is written: it no longer says how
 * large the change was.
 */
export function withChangeOfStatus<T extends Remembered | undefined>(known: T, autoscaler: Autoscaler): T | Remembered {
  const { spec, status, uid } = autoscaler;
  const { lastScaleAtMs, currentReplicas, desiredReplicas } = status;
  if (lastScaleAtMs === undefined || lastScaleAtMs <= (known?.lastScaleAtMs ?? 0)) return known;
  if (currentReplicas === desiredReplicas) return known;
  const before = known ?? { ...emptyMemory, uid };
  return { ...before, lastScaleAtMs, history: learnScaleEvent(before.history, spec.behavior, status) };
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
