// Pure: the differences that docs/parity.md lists, as far as the comparison of real control planes has shown them.
import { isEditOfSpec } from './changes.ts';
import { type Difference, equalButSince } from './compare.ts';

export interface IntendedDifference {
  /** Its number in docs/parity.md, such as `K13`. */
  readonly row: string;
  /** `change` is what happened to the HPA's group in the step. */
  matches(difference: Difference, change: string): boolean;
}

/** The kind that Headroom puts before the name of a HeadroomAutoscaler among rivals. */
const kindPrefix = /HeadroomAutoscaler:(?=[\w-]+\/)/g;

const intendedDifferences: readonly IntendedDifference[] = [
  {
    // What was recommended before the edit counts at our first look after it, and has left its window at theirs. All else is the same in the end.
    row: 'K2',
    matches: ({ field, a, b }, change) => field === 'ScalingLimited' && isEditOfSpec(change) && equalButSince(a, b),
  },
  {
    row: 'K14',
    matches: ({ a, b }) => {
      const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
      return left !== right && left === right?.replace(kindPrefix, '');
    },
  },
];

export function intendedBy(difference: Difference, change: string): IntendedDifference | undefined {
  return intendedDifferences.find((intended) => intended.matches(difference, change));
}
