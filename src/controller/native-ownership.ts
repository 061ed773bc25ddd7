// Pure: what was seen of other controllers of HPAs -> who scales native HPAs. Times are monotonic milliseconds. docs/autoscaling.md 6.
//
// Silence proves nothing by itself: kube-controller-manager may be slow, restarting, or cut off from the API server. So silence only counts while the
// API server answers us, for longer the more HPAs there are, and longer still once somebody was there. One write by somebody else settles it at once.

/** `unknown`: the canary has not been left alone for long enough; nothing native is written until it has. */
export type NativeHpasOwner = 'ours' | 'theirs' | 'unknown';

/** How long the canary must be left alone, in sync periods: when nobody was ever seen, and after somebody was. */
const strangerPeriods = 3;
const returnPeriods = 8;
/** How long after the last sign of somebody else a new canary asks whether they are still there, in sync periods. */
const askAgainPeriods = 12;
/** kube-controller-manager may send 20 requests a second and needs about two for each HPA; the canary has its turn when all others had theirs. */
const turnMs = 100;
/** Each time that silence misled us it must last twice as long, up to so many times. */
const longestCaution = 8;

export interface OwnershipSettings {
  readonly syncPeriodMs: number;
  /** A number in [0, 1): two installations of Headroom in one cluster must not ask in step. */
  readonly random: () => number;
}

export class NativeOwnership {
  readonly #syncPeriodMs: number;
  readonly #random: () => number;
  #owner: NativeHpasOwner = 'unknown';
  /** The canary that was read and not written; since when, without a gap. */
  #silence: { readonly uid: string; readonly sinceMs: number } | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #askAgainAtMs = 0;
  #caution = 1;

  constructor({ syncPeriodMs, random }: OwnershipSettings) {
    this.#syncPeriodMs = syncPeriodMs;
    this.#random = random;
  }

  get owner(): NativeHpasOwner {
    return this.#owner;
  }

  /** How long the canary must be left alone until HPAs, of which there are so many, are ours. */
  patienceMs(hpas: number): number {
    const periods = this.#owner === 'theirs' ? returnPeriods : strangerPeriods;
    return (periods * this.#syncPeriodMs + hpas * turnMs) * this.#caution;
  }

  /** Whether the canary was seen before anybody wrote it, so that a write is news. */
  hasSeenSilent(uid: string): boolean {
    return this.#silence?.uid === uid;
  }

  /** The API server did not answer: so it may have been for the other one, who has to begin anew as we do. */
  notHeard(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Somebody else writes statuses of HPAs now. */
  othersSeen(nowMs: number): void {
    if (this.#owner === 'ours') this.#caution = Math.min(longestCaution, 2 * this.#caution);
    this.#owner = 'theirs';
    // A canary that was passed over so far may still be answered.
    if (this.#silence !== undefined) this.#silence = { ...this.#silence, sinceMs: nowMs };
    this.#askAgainAtMs = nowMs + askAgainPeriods * this.#syncPeriodMs * (1 + this.#random() / 4);
  }

  /** Theirs, and long ago that anything was seen of them. */
  isTimeToAsk(nowMs: number): boolean {
    return this.#owner === 'theirs' && nowMs >= this.#askAgainAtMs;
  }

  /** The API server answered at that time that nobody wrote the canary with this uid; undefined: that there is no canary. */
  canaryRead(uid: string | undefined, nowMs: number, hpas: number): void {
    const isGap = nowMs - this.#readAtMs > this.#syncPeriodMs;
    this.#readAtMs = nowMs;
    if (uid === undefined) this.#silence = undefined;
    else if (isGap || this.#silence?.uid !== uid) this.#silence = { uid, sinceMs: nowMs };
    else if (nowMs - this.#silence.sinceMs >= this.patienceMs(hpas)) this.#owner = 'ours';
  }
}
