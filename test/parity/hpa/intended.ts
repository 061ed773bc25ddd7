// Pure: the differences that docs/parity.md lists, as far as a comparison of real control planes can show them.
import type { Difference } from './compare.ts';

export interface IntendedDifference {
  /** The beginning of the row of docs/parity.md that says so. */
  readonly row: string;
  matches(difference: Difference): boolean;
}

export const intendedDifferences: readonly IntendedDifference[] = [];

export function intendedBy(difference: Difference): IntendedDifference | undefined {
  return intendedDifferences.find((intended) => intended.matches(difference));
}
