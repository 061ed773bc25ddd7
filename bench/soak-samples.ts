// State: what the Metrics API must serve at any time, and what it has served. Times are wall-clock milliseconds.

/** As the Metrics API names it. */
export interface ServedThing {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly timestamp: string;
}

export interface Limits {
  /** How old something is when it must be served at the latest. */
  readonly serveWithinMs: number;
  /** How old a served sample may be. */
  readonly sampleAgeMs: number;
  /** How long something may be served after it is gone. */
  readonly forgetWithinMs: number;
}

export type FindingKind = 'never-served' | 'lost' | 'stale' | 'ghost' | 'stranger';

export interface Finding {
  readonly kind: FindingKind;
  readonly key: string;
  readonly atMs: number;
  /** What it was about, for people. */
  readonly detail: string;
}

export interface Check {
  readonly served: number;
  readonly findings: readonly Finding[];
  /** Of all samples, in ms. */
  readonly agesMs: readonly number[];
  /** From the beginning of each that is served for the first time to now, in ms. */
  readonly firstServedAfterMs: readonly number[];
}

interface Known {
  readonly beganAtMs: number;
  isServed: boolean;
  isEnding: boolean;
}

/** RFC 3339 in the API has whole seconds. */
const timestampStepMs = 1000;
/** How long it is remembered what is gone, so that a ghost is told from a stranger. */
const rememberMs = 600_000;

export function keyOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Kept for pods and for nodes apart. */
export class SampleLedger {
  readonly #limits: Limits;
  readonly #known = new Map<string, Known>();
  readonly #goneAtMs = new Map<string, number>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Was there before Headroom, which has been seen to serve it. */
  isThere(key: string): void {
    this.#known.set(key, { beganAtMs: Number.NEGATIVE_INFINITY, isServed: true, isEnding: false });
  }

  began(key: string, nowMs: number): void {
    this.#known.set(key, { beganAtMs: nowMs, isServed: false, isEnding: false });
  }

  /** About to be deleted: from now on it may be served or not. */
  ending(key: string): void {
    const known = this.#known.get(key);
    if (known !== undefined) known.isEnding = true;
  }

  ended(key: string, nowMs: number): void {
    this.#known.delete(key);
    this.#goneAtMs.set(key, nowMs);
  }

  /** Compares a whole list, which was asked for at `askedAtMs`, with what had to be in it. */
  check(items: readonly ServedThing[], askedAtMs: number): Check {
    const findings: Finding[] = [];
    const agesMs: number[] = [];
    const firstServedAfterMs: number[] = [];
    const served = new Set<string>();
    const find = (kind: FindingKind, key: string, detail: string): void => {
      findings.push({ kind, key, atMs: askedAtMs, detail });
    };
    for (const item of items) {
      const key = keyOf(item.metadata);
      served.add(key);
      const ageMs = askedAtMs - Date.parse(item.timestamp);
      agesMs.push(ageMs);
      const known = this.#known.get(key);
      if (known === undefined) {
        this.#checkGone(key, askedAtMs, find);
        continue;
      }
      if (!known.isServed) firstServedAfterMs.push(askedAtMs - known.beganAtMs);
      known.isServed = true;
      if (!(ageMs <= this.#limits.sampleAgeMs + timestampStepMs)) find('stale', key, `${ageMs} ms old`);
    }
    this.#checkMissing(served, askedAtMs, find);
    this.#forgetGone(askedAtMs);
    return { served: served.size, findings, agesMs, firstServedAfterMs };
  }

  #checkGone(key: string, askedAtMs: number, find: (kind: FindingKind, key: string, detail: string) => void): void {
    const goneAtMs = this.#goneAtMs.get(key);
    if (goneAtMs === undefined) find('stranger', key, 'it never was or is gone for long');
    else if (askedAtMs - goneAtMs > this.#limits.forgetWithinMs)
      find('ghost', key, `gone for ${askedAtMs - goneAtMs} ms`);
  }

  #checkMissing(
    served: ReadonlySet<string>,
    askedAtMs: number,
    find: (kind: FindingKind, key: string, detail: string) => void,
  ): void {
    for (const [key, known] of this.#known) {
      if (known.isEnding || served.has(key)) continue;
      const ageMs = askedAtMs - known.beganAtMs;
      if (known.isServed) find('lost', key, `served before, ${ageMs} ms old`);
      else if (ageMs > this.#limits.serveWithinMs) find('never-served', key, `${ageMs} ms old`);
    }
  }

  #forgetGone(nowMs: number): void {
    for (const [key, goneAtMs] of this.#goneAtMs) {
      // In the order of their ends.
      if (nowMs - goneAtMs <= rememberMs) break;
      this.#goneAtMs.delete(key);
    }
  }
}
