// Pure: whose new values are written when there is not room for all: each in its turn, whatever the phase of its syncs. docs/autoscaling.md 4.4.
//
// Syncs keep their distances and the budget fills evenly, so that whoever comes first would find the same ones to have room each period. So this goes
// in rounds: who was turned away is owed a write, and while anybody is owed one nobody else has room. Written once in a round is enough.

/** Who was not here again for so many sync periods has nothing to write any more. */
const patiencePeriods = 3;

export class StatusRounds {
  readonly #patienceMs: number;
  /** Who was turned away in this round -> when last. */
  readonly #owed = new Map<string, number>();
  /** Who was written in this round. */
  readonly #served = new Set<string>();
  #sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(syncPeriodMs: number) {
    this.#patienceMs = patiencePeriods * syncPeriodMs;
  }

  /** Whether the values of this autoscaler may be written now, given that there is room for some. True: they will be. */
  allows(key: string, hasRoom: boolean, nowMs: number): boolean {
    this.#dropSilent(nowMs);
    const isTurn = this.#owed.size === 0 || this.#owed.has(key);
    if (!hasRoom || !isTurn) {
      this.#turnAway(key, nowMs);
      return false;
    }
    this.settled(key);
    if (this.#owed.size > 0) this.#served.add(key);
    return true;
  }

  /** Nothing of this autoscaler is left to be written. */
  settled(key: string): void {
    if (this.#owed.delete(key) && this.#owed.size === 0) this.#served.clear();
  }

  delete(key: string): void {
    this.settled(key);
    this.#served.delete(key);
  }

  #turnAway(key: string, nowMs: number): void {
    if (!this.#served.has(key)) this.#owed.set(key, nowMs);
  }

  /** Or the others would wait for ever for who was left to another controller, or became quiet. */
  #dropSilent(nowMs: number): void {
    if (nowMs - this.#sweptAtMs <= this.#patienceMs) return;
    this.#sweptAtMs = nowMs;
    for (const [key, atMs] of this.#owed) if (nowMs - atMs > this.#patienceMs) this.settled(key);
  }
}
