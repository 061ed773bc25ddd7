// Pure: all comparisons of a run -> counts, groups, text.
import type { Difference } from './compare.ts';
import { intendedBy } from './intended.ts';
import type { ParityOptions } from './options.ts';

/** One HPA after one step. */
export interface Comparison {
  readonly step: number;
  readonly hpa: string;
  /** What the HPA is an example of. */
  readonly kind: string;
  /** What happened to its group in this step. */
  readonly change: string;
  /** False: one of the sides still moved when the step ended, so nothing was compared. */
  readonly settled: boolean;
  readonly differences: readonly Difference[];
}

export interface Report {
  readonly options: ParityOptions;
  readonly compared: number;
  readonly equal: number;
  readonly intended: number;
  readonly different: number;
  readonly unsettled: number;
  /** The longest time between two syncs of an HPA by the reference, on the average of a step; in sync periods. */
  readonly slowness: number;
  readonly byField: Readonly<Record<string, number>>;
  readonly byKind: Readonly<Record<string, number>>;
  /** Conditions, events and changes that took part, so that a run that compares little is seen. */
  readonly seen: Readonly<Record<string, number>>;
  readonly differences: readonly Comparison[];
}

export function makeReport(
  options: ParityOptions,
  comparisons: readonly Comparison[],
  { seen, slowness }: Pick<Report, 'seen' | 'slowness'>,
): Report {
  const settled = comparisons.filter((each) => each.settled);
  const different = unintended(settled);
  const equal = settled.filter(({ differences }) => differences.length === 0).length;
  return {
    options,
    compared: settled.length,
    equal,
    intended: settled.length - equal - different.length,
    different: different.length,
    unsettled: comparisons.length - settled.length,
    byField: countBy(different.flatMap(({ differences }) => differences.map(({ field }) => field))),
    byKind: countBy(different.map(({ kind }) => kind)),
    slowness,
    seen,
    differences: different,
  };
}

/** Those that differ in something that docs/parity.md does not list, with nothing but that. */
export function unintended(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons
    .map((each) => ({
      ...each,
      differences: each.differences.filter((one) => intendedBy(one, each.change) === undefined),
    }))
    .filter(({ differences }) => differences.length > 0);
}

export function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).toSorted(([, left], [, right]) => right - left));
}

const shownAtMost = 25;
/** In sync periods. From here on, what the reference does depends on how late its syncs are. */
const tooSlow = 1.4;

export function renderReport(report: Report): string {
  const { options, compared, equal, intended, different, unsettled } = report;
  const contender = options.kind === 'hra' ? 'HeadroomAutoscalers of Headroom' : 'Headroom';
  const sides = `kube-controller-manager against ${options.self ? 'itself' : contender}`;
  const lines = [
    `${sides}, seed ${options.seed}: ${options.hpas} HPAs, ${options.steps} steps`,
    ...table('seen', report.seen),
  ];
  if (different > 0) {
    for (const each of report.differences.slice(0, shownAtMost)) lines.push(...renderComparison(each));
    lines.push(
      'A is kube-controller-manager, B is Headroom; docs/parity.md says what is compared, and how to repeat it',
      ...table('different by step', countBy(report.differences.map(({ step }) => `step ${step}`))),
      ...table('different by field', report.byField),
      ...table('different by kind of HPA', report.byKind),
    );
  }
  lines.push(
    `compared ${compared}, equal ${equal}, intended ${intended}, different ${different}; not settled ${unsettled}`,
  );
  if (report.slowness > tooSlow) {
    lines.push(
      `the machine was too busy: kube-controller-manager took up to ${report.slowness.toFixed(1)} sync periods from sync to sync`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function table(title: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return [`${title}:`, ...Object.entries(counts).map(([name, count]) => `${String(count).padStart(7)}  ${name}`)];
}

/** Lines for people: what differs of one HPA, and how. */
export function renderComparison({ step, hpa, kind, change, differences }: Comparison): readonly string[] {
  const heading = `step ${step}, ${hpa} (${kind}; ${change})`;
  const values = differences.flatMap(({ field, a, b }) => [
    `  ${field}`,
    `    A ${JSON.stringify(a) ?? 'nothing'}`,
    `    B ${JSON.stringify(b) ?? 'nothing'}`,
  ]);
  return [heading, ...values];
}
