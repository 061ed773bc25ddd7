// Pure: when each autoscaler is due for a whole sync, and how soon an event may call for a look. Times are monotonic milliseconds. docs/autoscaling.md 3.

/** A look between syncs comes at most this often for one autoscaler: its pods live on many nodes, whose samples arrive one by one. */
export const minLookGapMs = 1_000;

interface Times {
  /** When a whole sync was asked for that was not done yet; undefined: none was. */
  askedAtMs: number | undefined;
  /** When the next period begins; undefined until the first sync. */
  periodAtMs: number | undefined;
  lookedAtMs: number;
}

export class Schedule {
  readonly #syncPeriodMs: number;
  readonly #times = new Map<string, Times>();

  constructor(syncPeriodMs: number) {
    this.#syncPeriodMs = syncPeriodMs;
  }

  /** A whole sync is due now: the autoscaler is new, or it changed. The periods stay as they are. */
  makeDue(key: string, nowMs: number): void {
    this.#of(key, nowMs).askedAtMs = nowMs;
  }

  isDue(key: string, nowMs: number): boolean {
    return this.untilDueMs(key, nowMs) === 0;
  }

  /** Whether a look that begins now is the one of its period. */
  isPeriodic(key: string, nowMs: number): boolean {
    return (this.#of(key, nowMs).periodAtMs ?? Number.POSITIVE_INFINITY) <= nowMs;
  }

  /** A look begins. */
  looked(key: string, nowMs: number): void {
    this.#of(key, nowMs).lookedAtMs = nowMs;
  }

  /** The sync that began at `startedAtMs` is done, whether it was the one of its period or not. */
  synced(key: string, startedAtMs: number, nowMs: number): void {
    const times = this.#of(key, nowMs);
    // What was asked for meanwhile is still to be done.
    if (times.askedAtMs !== undefined && times.askedAtMs <= startedAtMs) times.askedAtMs = undefined;
    this.#beginPeriod(key, startedAtMs, nowMs);
  }

  /** What the sync that began at `startedAtMs` decided has to wait: it stays due, but the period has had its sync. */
  deferred(key: string, startedAtMs: number, nowMs: number): void {
    const times = this.#of(key, nowMs);
    times.askedAtMs ??= nowMs;
    this.#beginPeriod(key, startedAtMs, nowMs);
  }

  /**
   * A period begins when the sync of the last one is done, never earlier, so that two periodic syncs are always a little more than a period
   * apart. The first one begins a part of the period after the first sync, which depends on the key, so that autoscalers that were all seen at
   * once do not stay in step.
   */
  #beginPeriod(key: string, startedAtMs: number, nowMs: number): void {
    const times = this.#of(key, nowMs);
    if (times.periodAtMs === undefined) times.periodAtMs = nowMs + this.#syncPeriodMs * phase(key);
    else if (times.periodAtMs <= startedAtMs) times.periodAtMs = nowMs + this.#syncPeriodMs;
  }

  /** How long until the next whole sync. */
  untilDueMs(key: string, nowMs: number): number {
    return this.#of(key, nowMs).askedAtMs === undefined ? this.untilPeriodMs(key, nowMs) : 0;
  }

  /** How long until the next period begins. */
  untilPeriodMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#of(key, nowMs).periodAtMs ?? nowMs) - nowMs);
  }

  /** How long a look that an event calls for has to wait; 0 for the first one after a quiet time. */
  untilLookMs(key: string, nowMs: number): number {
    return Math.max(0, this.#of(key, nowMs).lookedAtMs + minLookGapMs - nowMs);
  }

  delete(key: string): void {
    this.#times.delete(key);
  }

  /** An autoscaler that was never looked at is due. */
  #of(key: string, nowMs: number): Times {
    const known = this.#times.get(key);
    if (known !== undefined) return known;
    const times: Times = { askedAtMs: nowMs, periodAtMs: undefined, lookedAtMs: Number.NEGATIVE_INFINITY };
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
