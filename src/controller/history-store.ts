// Pure: what is remembered of each autoscaler between looks (docs/architecture.md lists who else remembers); bounded by the number of autoscalers
// and, for each, by what fits into its longest window (see decide/history.ts) and never more than `maxEntries`.
import type { Autoscaler, AutoscalerStatus } from '../crd/types.ts';
import { learnScaleEvent } from './decide/history.ts';
import type { History } from './decide/types.ts';
import { emptyMemory, type Memory } from './memory.ts';

/** What outlives a restart. */
export interface Remembered extends Memory {
  /** Of the object: a new object of the same name starts afresh. */
  readonly uid: string;
  /** When replicas were last changed, of slow writes their end; undefined: never. */
  readonly lastScaleAtMs: number | undefined;
}

/**
 * With the change of replicas that the status tells of, if that is news: another process made it, or an earlier one that left no word of it. `known` if it
 * is not. Only the last change can be learnt so, and only until the next sync writes a status: from then on it no longer says how large the change was.
 * `previous`: the object of before; undefined when it is seen for the first time.
 */
export function withChangeOfStatus<T extends Remembered | undefined>(
  known: T,
  autoscaler: Autoscaler,
  previous: Autoscaler | undefined,
): T | Remembered {
  const { spec, status, uid } = autoscaler;
  const { lastScaleAtMs } = status;
  if (lastScaleAtMs === undefined || !tellsSize(status)) return known;
  const isNews =
    previous === undefined
      ? lastScaleAtMs > (known?.lastScaleAtMs ?? 0)
      : lastScaleAtMs !== previous.status.lastScaleAtMs && !isSameSecond(lastScaleAtMs, known?.lastScaleAtMs);
  if (!isNews) return known;
  const before = known ?? { ...emptyMemory, uid };
  return { ...before, lastScaleAtMs, history: learnScaleEvent(before.history, spec.behavior, status) };
}

/** Written with the change itself. Later ones may have other replicas too, of somebody else's change. */
function tellsSize({ conditions }: AutoscalerStatus): boolean {
  return conditions.some(({ type, reason }) => type === 'AbleToScale' && reason === 'SucceededRescale');
}

/** A status has whole seconds. */
function isSameSecond(a: number, b: number | undefined): boolean {
  return b !== undefined && Math.floor(a / 1000) === Math.floor(b / 1000);
}

/** An hour, the longest window there is, at a sync period of one second. */
const maxEntries = 3600;

export class HistoryStore {
  readonly #remembered = new Map<string, Remembered>();
  #scalesVersion = 0;

  /** Another number whenever a change of replicas was remembered. */
  get scalesVersion(): number {
    return this.#scalesVersion;
  }

  get(key: string, uid: string): Remembered | undefined {
    const remembered = this.#remembered.get(key);
    return remembered?.uid === uid ? remembered : undefined;
  }

  set(key: string, remembered: Remembered): void {
    const { history, between, lastScaleAtMs } = remembered;
    if (this.#remembered.get(key)?.lastScaleAtMs !== lastScaleAtMs) this.#scalesVersion += 1;
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
