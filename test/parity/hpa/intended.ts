// Pure: the differences that docs/parity.md lists, as far as the comparison of real control planes has shown them.
import type { Difference } from './compare.ts';

export interface IntendedDifference {
  /** Its number in docs/parity.md, such as `K13`. */
  readonly row: string;
  matches(difference: Difference): boolean;
}

/** The kind that Headroom puts before the name of a HeadroomAutoscaler among rivals. */
const kindPrefix = /HeadroomAutoscaler:(?=[\w-]+\/)/g;

const intendedDifferences: readonly IntendedDifference[] = [
  {
    row: 'K14',
    matches: ({ a, b }) => {
      const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
      return left !== right && left === right?.replace(kindPrefix, '');
    },
  },
];

export function intendedBy(difference: Difference): IntendedDifference | undefined {
  return intendedDifferences.find((intended) => intended.matches(difference));
}
