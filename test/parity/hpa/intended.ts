// Pure: the differences that docs/parity.md lists, as far as the comparison of real control planes has shown them: so far none.
import type { Difference } from './compare.ts';

export interface IntendedDifference {
  /** Its number in docs/parity.md, such as `K13`. */
  readonly row: string;
  matches(difference: Difference): boolean;
}

const intendedDifferences: readonly IntendedDifference[] = [];

export function intendedBy(difference: Difference): IntendedDifference | undefined {
  return intendedDifferences.find((intended) => intended.matches(difference));
}
