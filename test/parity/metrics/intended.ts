// Pure: the differences that docs/parity.md lists, as far as this comparison shows them. Each names its row and says what both sides answer;
// anything else that differs is a bug, also about the same pod.
import { isOddStep } from './model.ts';
import type { Comparison } from './report.ts';

export interface IntendedDifference {
  /** Its number in docs/parity.md, such as `S13`. */
  readonly row: string;
  matches(comparison: Comparison): boolean;
}

/** What an answer about one pod or node says, roughly. */
type Verdict =
  | 'failed'
  | 'absent'
  | 'served'
  /** An item without time and containers. */
  | 'empty'
  /** An amount or a window that nobody can believe. */
  | 'absurd';

interface Improvement {
  readonly row: string;
  /** Shapes of pods and kinds of nodes. */
  readonly examples: readonly string[];
  readonly reference: readonly Verdict[];
  readonly headroom: readonly Verdict[];
}

const improvements: readonly Improvement[] = [
  {
    row: 'S4',
    examples: ['answers 500 once', 'cuts the connection once', 'hangs once'],
    reference: ['absent'],
    headroom: ['served'],
  },
  {
    row: 'S7',
    examples: ['one bad line once', 'a value that is none once'],
    reference: ['absent'],
    headroom: ['served'],
  },
  { row: 'S9', examples: ['a label whose name ends in pod'], reference: ['absent'], headroom: ['served'] },
  {
    row: 'S10',
    examples: ['lines end with CR LF once', 'blanks before names once', 'a blank before the labels'],
    reference: ['absent'],
    headroom: ['served'],
  },
  {
    row: 'S11',
    examples: ['CPU is NaN once', 'CPU is infinite once', 'its CPU is NaN once'],
    // First an absurd amount, then a counter that falls.
    reference: ['absurd', 'empty', 'absent'],
    headroom: ['absent', 'served'],
  },
  // Headroom's next window begins before the line that does not count.
  {
    row: 'S11',
    examples: ['memory is negative once'],
    reference: ['absurd', 'served'],
    headroom: ['absent', 'served'],
  },
  {
    row: 'S12',
    examples: ['answers HTML once', 'statistics fail once', 'answers nothing once'],
    reference: ['absent'],
    headroom: ['served'],
  },
  {
    row: 'S13',
    examples: ['a sidecar that never used CPU', 'a container without memory', 'a container with a start time only'],
    reference: ['absent'],
    headroom: ['served'],
  },
  { row: 'S14', examples: ['one of two containers restarts'], reference: ['absent'], headroom: ['served'] },
  { row: 'S14', examples: ['a container joins'], reference: ['absent'], headroom: ['served'] },
  // When it has read the same sample twice.
  { row: 'S16', examples: ['a container joins'], reference: ['absurd'], headroom: ['served'] },
  { row: 'S15', examples: ['all counters fall'], reference: ['empty'], headroom: ['absent'] },
  { row: 'S17', examples: ['a start time is missing once'], reference: ['empty'], headroom: ['served'] },
  { row: 'S18', examples: ['on two nodes'], reference: ['served', 'empty'], headroom: ['served'] },
  { row: 'S18', examples: ['reported by another node only'], reference: ['served'], headroom: ['absent'] },
];

const intendedDifferences: readonly IntendedDifference[] = improvements.map((improvement) => ({
  row: improvement.row,
  matches: (comparison) =>
    isOddStep(comparison.step) &&
    improvement.examples.includes(comparison.example ?? '') &&
    improvement.reference.includes(verdictOf(comparison.a)) &&
    improvement.headroom.includes(verdictOf(comparison.b)),
}));

export function intendedBy(comparison: Comparison): IntendedDifference | undefined {
  return intendedDifferences.find((intended) => intended.matches(comparison));
}

function verdictOf({ status, body }: Comparison['a']): Verdict {
  if (status === 404) return 'absent';
  if (status !== 200) return 'failed';
  if (body.includes('"timestamp":null')) return 'empty';
  // Of 18 exabytes, of nano-cores beyond 100 million cores, 292 years.
  const isAbsurd = /"memory":"1844674407370955\d{4}"|"cpu":"\d{17,}n"|"window":"2562047h/.test(body);
  return isAbsurd ? 'absurd' : 'served';
}
