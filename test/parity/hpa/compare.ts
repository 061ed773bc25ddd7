// Pure: two snapshots of one HPA -> what differs.
import type { EventSet, HpaSnapshot } from './snapshot.ts';

export interface Difference {
  /** A field of the status, `replicas`, `events`, or `exists`. */
  readonly field: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** From so many reports of a type on, the recorder of a side may have dropped one: its budget is 25. */
const budgetSpent = 22;

export interface Chance {
  /** The change reaches a side by two caches, so that it may see half of it for a moment: when a condition turned, and what was reported, is chance. */
  readonly canFlap: boolean;
  /** Texts of events that were such chance in this step or one before. */
  readonly events: Set<string>;
}

/** Adds to `chance.events`. */
export function compareHpa(
  a: HpaSnapshot | undefined,
  b: HpaSnapshot | undefined,
  { canFlap, events: chanceEvents }: Chance,
): readonly Difference[] {
  if (a === undefined || b === undefined) {
    return a === b ? [] : [{ field: 'exists', a: a !== undefined, b: b !== undefined }];
  }
  const names = new Set([...Object.keys(a.fields), ...Object.keys(b.fields)]);
  const differences: Difference[] = [];
  for (const field of names) {
    const [left, right] = [a.fields[field], b.fields[field]].map((value) => (canFlap ? withoutSince(value) : value));
    if (canonical(left) !== canonical(right)) differences.push({ field, a: left, b: right });
  }
  const withoutChance = (texts: readonly string[]): readonly string[] => {
    if (canFlap) for (const text of texts) chanceEvents.add(text);
    return texts.filter((text) => !chanceEvents.has(text));
  };
  const onlyA = withoutChance(missingFrom(b.events, a.events));
  const onlyB = withoutChance(missingFrom(a.events, b.events));
  if (onlyA.length + onlyB.length > 0) differences.push({ field: 'events', a: onlyA, b: onlyB });
  return differences;
}

/** The texts that the one has and the other has not, though it could have. */
function missingFrom(lacking: EventSet, having: EventSet): readonly string[] {
  return having.texts.filter((text) => {
    const [type = ''] = text.split(' ');
    return !lacking.texts.includes(text) && (lacking.counts[type] ?? 0) < budgetSpent;
  });
}

/** Two conditions that are the same, but turned at different times. */
export function equalButSince(a: unknown, b: unknown): boolean {
  return canonical(a) !== canonical(b) && canonical(withoutSince(a)) === canonical(withoutSince(b));
}

function withoutSince(value: unknown): unknown {
  const isCondition = typeof value === 'object' && value !== null && 'since' in value;
  return isCondition ? { ...value, since: 'any time' } : value;
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}
