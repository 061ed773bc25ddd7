// Pure: when each autoscaler is due for a whole sync, and how soon an event may call for a look. Times are monotonic milliseconds. docs/autoscaling.md 3.

/** A look between syncs comes at most this often for one autoscaler: its pods live on many nodes, whose samples arrive one by one. */
export const minLookGapMs = 1_000;

interface Times {
  dueAtMs: number;
  lookedAtMs: number;
  hasSynced: boolean;
}

export class Schedule {
  readonly #syncPeriodMs: number;
  readonly #times = new Map<string, Times>();

  constructor(syncPeriodMs: number) {
    this.#syncPeriodMs = syncPeriodMs;
  }

  /** A whole sync is due now: the autoscaler is new, or it changed. */
  makeDue(key: string, nowMs: number): void {
    this.#of(key).dueAtMs = nowMs;
  }

  isDue(key: string, nowMs: number): boolean {
    return this.#of(key).dueAtMs <= nowMs;
  }

  /** A look begins. */
  looked(key: string, nowMs: number): void {
    this.#of(key).lookedAtMs = nowMs;
  }

  /**
   * A whole sync is done; the next is due a period later. After the first one it is a part of the period that depends on the key, so that
   * autoscalers that were all seen at once do not stay in step.
   */
  synced(key: string, nowMs: number): void {
    const times = this.#of(key);
    times.dueAtMs = nowMs + this.#syncPeriodMs * (times.hasSynced ? 1 : phase(key));
    times.hasSynced = true;
  }

  /** How long until the next whole sync. */
  untilDueMs(key: string, nowMs: number): number {
    return Math.max(0, this.#of(key).dueAtMs - nowMs);
  }

  /** How long a look that an event calls for has to wait; 0 for the first one after a quiet time. */
  untilLookMs(key: string, nowMs: number): number {
    return Math.max(0, this.#of(key).lookedAtMs + minLookGapMs - nowMs);
  }

  delete(key: string): void {
    this.#times.delete(key);
  }

  #of(key: string): Times {
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const times: Times = { dueAtMs: 0, lookedAtMs: Number.NEGATIVE_INFINITY, hasSynced: false };
    this.#times.set(key, times);
    return times;
  }
}

/** A number in (0, 1] that is the same for a key on every run: FNV-1a. */
function phase(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  return ((hash >>> 0) + 1) / 2 ** 32;
}
