// Pure: when each autoscaler is due for a whole sync, and how soon an event may call for a look. Times are monotonic milliseconds. docs/autoscaling.md 3.
import { phaseOf, stepMsOf } from '../lib/phase.ts';

/** A look between syncs comes at most this often for one autoscaler: its pods live on many nodes, whose samples arrive one by one. */
export const minLookGapMs = 1_000;

interface Times {
  /** When a whole sync was asked for that was not done yet; undefined: none was. */
  askedAtMs: number | undefined;
  /** When the next period begins; undefined before the first. */
  periodAtMs: number | undefined;
  lookedAtMs: number;
  /** Until then a sync that is due waits on purpose. */
  heldUntilMs: number;
}

export class Schedule {
  readonly #syncPeriodMs: number;
  readonly #stepMs: number;
  readonly #times = new Map<string, Times>();

  constructor(syncPeriodMs: number) {
    this.#syncPeriodMs = syncPeriodMs;
    this.#stepMs = stepMsOf(syncPeriodMs);
  }

  /** A whole sync is due now: the autoscaler is new, or it changed. The periods stay as they are. */
  makeDue(key: string, nowMs: number): void {
    this.#of(key).askedAtMs = nowMs;
  }

  isDue(key: string, nowMs: number): boolean {
    return this.untilDueMs(key, nowMs) === 0;
  }

  /** Whether a look that begins now is the one of its period. The first one is. */
  isPeriodic(key: string, nowMs: number): boolean {
    return this.untilPeriodMs(key, nowMs) === 0;
  }

  /** A look begins. */
  looked(key: string, nowMs: number): void {
    this.#of(key).lookedAtMs = nowMs;
  }

  /** A whole sync that began at `startedAtMs` is done. What was asked for meanwhile is still to be done. */
  synced(key: string, startedAtMs: number): void {
    const times = this.#of(key);
    if (times.askedAtMs !== undefined && times.askedAtMs <= startedAtMs) times.askedAtMs = undefined;
  }

  /**
   * The sync of a period, which began at `startedAtMs`, is over. The next period begins a sync period after the step at which this one did, and not after its end, or periods would
   * drift; those that went by meanwhile are left out. The first period alone is shorter, by a part that depends on the key, so that autoscalers that were all seen at
   * once do not stay in step. A longer one would let a window reach fewer syncs than it should.
   */
  beginPeriod(key: string, startedAtMs: number, nowMs: number): void {
    const times = this.#of(key);
    const isFirst = times.periodAtMs === undefined;
    const lastsMs = isFirst ? this.#firstPeriodMs(key) : this.#syncPeriodMs;
    const nextAtMs = Math.floor(startedAtMs / this.#stepMs) * this.#stepMs + lastsMs;
    const missed = Math.max(0, Math.ceil((nowMs - nextAtMs) / this.#syncPeriodMs));
    times.periodAtMs = nextAtMs + missed * this.#syncPeriodMs;
  }

  #firstPeriodMs(key: string): number {
    return Math.ceil((this.#syncPeriodMs * (1 - phaseOf(key))) / this.#stepMs) * this.#stepMs;
  }

  /** How long until the next whole sync. */
  untilDueMs(key: string, nowMs: number): number {
    return this.#of(key).askedAtMs === undefined ? this.untilPeriodMs(key, nowMs) : 0;
  }

  /** What is due has to wait, because replicas may not change before. That does not count as being late. */
  hold(key: string, untilMs: number): void {
    this.#of(key).heldUntilMs = untilMs;
  }

  /** For how long a whole sync could have begun; 0 when none is due, and before the first that anything asked for. */
  overdueMs(key: string, nowMs: number): number {
    const times = this.#times.get(key);
    return times === undefined ? 0 : overdueMs(times, nowMs);
  }

  /** Of the autoscaler whose sync has been due for longest. */
  longestOverdueMs(nowMs: number): number {
    return this.#times.values().reduce((longest, times) => Math.max(longest, overdueMs(times, nowMs)), 0);
  }

  /** How long until the next period begins. */
  untilPeriodMs(key: string, nowMs: number): number {
    return Math.max(0, (this.#of(key).periodAtMs ?? nowMs) - nowMs);
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
    const never = Number.NEGATIVE_INFINITY;
    const times: Times = { askedAtMs: undefined, periodAtMs: undefined, lookedAtMs: never, heldUntilMs: never };
    this.#times.set(key, times);
    return times;
  }
}

function overdueMs({ askedAtMs, periodAtMs, heldUntilMs }: Times, nowMs: number): number {
  const dueSinceMs = Math.min(askedAtMs ?? nowMs, periodAtMs ?? nowMs);
  return Math.max(0, nowMs - Math.max(dueSinceMs, heldUntilMs));
}
