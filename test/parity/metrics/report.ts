// Pure: all comparisons of a run -> counts, the rows of docs/parity.md that explain differences, text.
import { countBy } from '../hpa/report.ts';
import { type Difference, excerpts } from './compare.ts';
import { intendedBy } from './intended.ts';
import type { ParityOptions } from './options.ts';

/** One question that was asked of both sides at one step. */
export interface Comparison {
  readonly step: number;
  /** The part of the run that it comes from. */
  readonly group: string;
  /** Who asked. */
  readonly credential: string;
  /** `GET /path`, with the headers that matter, or a command line. */
  readonly question: string;
  /** The headers that were sent. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** Of a question about one pod or node: what it is an example of. */
  readonly example?: string;
  /** What the reference and Headroom said, in all. */
  readonly a: { readonly status: number; readonly body: string };
  readonly b: { readonly status: number; readonly body: string };
  readonly differences: readonly Difference[];
}

interface Explained {
  readonly comparison: Comparison;
  readonly row: string | undefined;
}

export interface Report {
  readonly options: ParityOptions;
  readonly compared: number;
  readonly equal: number;
  readonly intended: number;
  readonly different: number;
  readonly byGroup: Readonly<Record<string, number>>;
  /** Row of docs/parity.md -> how many differences it explains. */
  readonly byRow: Readonly<Record<string, number>>;
  readonly differences: readonly Comparison[];
}

export function makeReport(options: ParityOptions, comparisons: readonly Comparison[]): Report {
  const explained = comparisons
    .filter(({ differences }) => differences.length > 0)
    .map((comparison): Explained => ({ comparison, row: options.self ? undefined : intendedBy(comparison)?.row }));
  const different = explained.filter(({ row }) => row === undefined).map(({ comparison }) => comparison);
  return {
    options,
    compared: comparisons.length,
    equal: comparisons.length - explained.length,
    intended: explained.length - different.length,
    different: different.length,
    byGroup: countBy(comparisons.map(({ group }) => group)),
    byRow: countBy(explained.flatMap(({ row }) => row ?? [])),
    differences: different,
  };
}

const shownAtMost = 40;

export function renderReport(report: Report): string {
  const { options, compared, equal, intended, different } = report;
  const sides = options.self ? 'reference against reference' : 'reference against Headroom';
  const lines = [
    `${sides}, seed ${options.seed}${options.quick ? ', quick' : ''}`,
    `compared ${compared}, equal ${equal}, intended ${intended}, different ${different}`,
    ...table('compared, by part', report.byGroup),
    ...table('intended, by row of docs/parity.md', report.byRow),
  ];
  if (different > 0) {
    lines.push(...table('different, by part', countBy(report.differences.map(({ group }) => group))));
    for (const each of report.differences.slice(0, shownAtMost)) lines.push(...renderComparison(each));
  }
  return `${lines.join('\n')}\n`;
}

function table(title: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return [`${title}:`, ...Object.entries(counts).map(([name, count]) => `${String(count).padStart(7)}  ${name}`)];
}

function renderComparison({
  step,
  question,
  headers,
  credential,
  example,
  differences,
}: Comparison): readonly string[] {
  const about = example === undefined ? '' : ` (${example})`;
  return [
    `step ${step}, ${credential}: ${question}${about} ${Object.keys(headers).length === 0 ? '' : JSON.stringify(headers)}`,
    ...differences.flatMap((difference) => {
      const [a, b] = excerpts(difference);
      return [`  ${difference.field}`, `    A ${JSON.stringify(a)}`, `    B ${JSON.stringify(b)}`];
    }),
  ];
}
