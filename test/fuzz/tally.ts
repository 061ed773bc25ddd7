// State: what was tried, how it ended, and what should not have happened.

export interface Finding {
  readonly kind: string;
  readonly what: string;
  count: number;
}

export interface TallyRow {
  readonly kind: string;
  readonly inputs: number;
  /** How often each outcome. */
  readonly outcomes: ReadonlyMap<string, number>;
}

interface GrowingRow {
  inputs: number;
  readonly outcomes: Map<string, number>;
}

export class Tally {
  readonly #rows = new Map<string, GrowingRow>();
  readonly #findings = new Map<string, Finding>();
  readonly #onFinding: (finding: Finding) => void;

  /** `onFinding` is told of each finding once, when it is first met. */
  constructor(onFinding: (finding: Finding) => void = () => undefined) {
    this.#onFinding = onFinding;
  }

  /** `count` inputs of a kind that ended like this. */
  add(kind: string, outcome: string, count = 1): void {
    const row = this.#rows.get(kind) ?? { inputs: 0, outcomes: new Map<string, number>() };
    this.#rows.set(kind, row);
    row.inputs += count;
    row.outcomes.set(outcome, (row.outcomes.get(outcome) ?? 0) + count);
  }

  /** The same words again are the same finding. */
  find(kind: string, what: string): void {
    const known = this.#findings.get(`${kind} ${what}`);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const finding = { kind, what, count: 1 };
    this.#findings.set(`${kind} ${what}`, finding);
    this.#onFinding(finding);
  }

  get inputs(): number {
    return this.rows.reduce((sum, row) => sum + row.inputs, 0);
  }

  get rows(): readonly TallyRow[] {
    return [...this.#rows].map(([kind, row]) => ({ kind, ...row }));
  }

  get findings(): readonly Finding[] {
    return [...this.#findings.values()];
  }
}
