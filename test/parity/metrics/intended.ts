// Pure: the differences that docs/parity.md lists, as far as this comparison shows them. Each names its row and says what both sides answer.
import type { Comparison } from './report.ts';

export interface IntendedDifference {
  /** Its number in docs/parity.md, such as `S13`. */
  readonly row: string;
  matches(comparison: Comparison): boolean;
}

const intendedDifferences: readonly IntendedDifference[] = [];

export function intendedBy(comparison: Comparison): IntendedDifference | undefined {
  return intendedDifferences.find((intended) => intended.matches(comparison));
}
