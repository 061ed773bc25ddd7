// Pure: the mutants that survived, against those that docs/mutation-testing.md explains.
import { tableRowsOf } from '../support/markdown.ts';

interface Position {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

interface Mutant {
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
  readonly replacement?: string;
}

/** The parts of Stryker's JSON report that are read here. */
export interface StrykerReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>;
}

/** A change of code that no test noticed, in one line each. */
export interface Survivor {
  readonly file: string;
  readonly code: string;
  readonly mutant: string;
}

export interface Comparison {
  /** Survived, and not explained. */
  readonly unexplained: readonly Survivor[];
  /** Explained, but killed or gone. */
  readonly outdated: readonly Survivor[];
}

/** The rows `file | code | mutant | why` of all tables; code stands in backticks. */
export function readExplained(page: string): readonly Survivor[] {
  const plain = (cell: string): string => cell.replaceAll(/^`+ ?| ?`+$/g, '');
  return tableRowsOf(page)
    .filter(([file = '', ...others]) => file.startsWith('`') && others.length === 3)
    .map(([file = '', code = '', mutant = '']) => ({ file: plain(file), code: plain(code), mutant: plain(mutant) }));
}

export function compareSurvivors(report: StrykerReport, explained: readonly Survivor[]): Comparison {
  const survivors = survivorsOf(report);
  return { unexplained: without(survivors, explained), outdated: without(explained, survivors) };
}

export function describeSurvivors(
  report: StrykerReport,
  { unexplained, outdated }: Comparison,
): { readonly lines: readonly string[]; readonly isExplained: boolean } {
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const undetected = statuses.filter(isUndetected).length;
  const percent = (100 * (1 - undetected / statuses.length)).toFixed(1);
  return {
    lines: [
      `${statuses.length} mutants, ${undetected} survived: ${percent} % killed`,
      ...unexplained.map((survivor) => `not explained: ${format(survivor)}`),
      ...outdated.map((survivor) => `explained, but killed or gone: ${format(survivor)}`),
    ],
    isExplained: unexplained.length === 0 && outdated.length === 0,
  };
}

function survivorsOf(report: StrykerReport): readonly Survivor[] {
  return Object.entries(report.files).flatMap(([path, { source, mutants }]) =>
    mutants
      .filter(({ status }) => isUndetected(status))
      .map(({ location, replacement = '' }) => ({
        file: path.slice(path.lastIndexOf('/') + 1),
        code: inOneLine(textAt(source, location)),
        mutant: inOneLine(replacement),
      })),
  );
}

function isUndetected(status: string): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

function textAt(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.pop() ?? '';
  return [...lines, last.slice(0, end.column - 1)].join('\n').slice(start.column - 1);
}

function inOneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** Each of `explained` stands for one survivor: two of the same words are two rows. */
function without(all: readonly Survivor[], known: readonly Survivor[]): readonly Survivor[] {
  const left = known.map(format);
  return all.filter((survivor) => {
    const index = left.indexOf(format(survivor));
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

function format({ file, code, mutant }: Survivor): string {
  return `${file}: ${code} -> ${mutant}`;
}
