// Pure: the differences that docs/parity.md lists, as far as this comparison shows them. Each names its row and says what both sides answer;
// anything else that differs is a bug, also about the same pod.
import type { Difference } from './compare.ts';
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

const ofItems: readonly IntendedDifference[] = improvements.map((improvement) => ({
  row: improvement.row,
  matches: (comparison) =>
    comparison.group === 'items' &&
    isOddStep(comparison.step) &&
    improvement.examples.includes(comparison.example ?? '') &&
    improvement.reference.includes(verdictOf(comparison.a)) &&
    improvement.headroom.includes(verdictOf(comparison.b)),
}));

/** What is served beside the metrics. */
const ofPages: readonly IntendedDifference[] = [
  // Node's HTTP parser knows the methods that HTTP knows.
  { row: 'S21', matches: ({ question, b }) => question.startsWith('FOO ') && b.status === 400 },
  {
    row: 'S22',
    matches: ({ question, a, b }) => isPage(question, '/debug/pprof/') && a.status === 200 && b.status === 404,
  },
  {
    row: 'S23',
    matches: ({ question, headers, a, b, differences }) => {
      if (!/ \/openapi\/v[23]$/.test(question)) return false;
      if (String(headers['accept']).includes('protobuf')) return a.status === 200 && b.status === 406;
      const documentHeaders = ['header etag', 'header last-modified', 'header accept-ranges', 'body'];
      return differences.every(({ field }) => documentHeaders.includes(field)) && haveSamePaths(a.body, b.body);
    },
  },
  { row: 'S25', matches: ({ question, a, b }) => isPage(question, '/statusz') && a.status === 200 && b.status === 404 },
  {
    row: 'S25',
    matches: ({ a, b, differences }) =>
      hasOnly(differences, ['body']) &&
      a.body.replace('    "/statusz",\n', '') === b.body &&
      a.body.includes('"paths"'),
  },
  {
    row: 'S26',
    matches: ({ question, a, b, differences }) =>
      / \/version\/?$/.test(question) && hasOnly(differences, ['body']) && isVersion(a.body) && isVersion(b.body),
  },
  {
    row: 'S33',
    matches: ({ question, differences }) =>
      isPage(question, '/metrics') && hasOnly(differences, ['header content-type', 'header process-start-time-unix']),
  },
];

/** Names that no object can have. */
const ofNames: IntendedDifference = {
  row: 'S40',
  matches: ({ question, a, b }) =>
    question === 'GET P/nodes/%ff' &&
    a.body.includes(String.raw`\xff`) &&
    a.body.replace(String.raw`\\xff`, '\ufffd').replace(String.raw`\ufffd`, '\ufffd') === b.body,
};

const intendedDifferences = [...ofItems, ...ofPages, ofNames];

export const intendedRows: readonly string[] = intendedDifferences.map(({ row }) => row);

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

/** With any method. */
function isPage(question: string, path: string): boolean {
  return question.slice(question.indexOf(' ') + 1) === path;
}

function hasOnly(differences: readonly Difference[], fields: readonly string[]): boolean {
  return differences.every(({ field }) => fields.includes(field));
}

/** Two OpenAPI documents, or indexes of them: the texts are our own, the paths are not. A HEAD has no document. */
function haveSamePaths(a: string, b: string): boolean {
  if (a === '' && b === '') return true;
  const pathsOf = (document: string): string =>
    Object.keys((JSON.parse(document) as { readonly paths: object }).paths)
      .toSorted()
      .join();
  return pathsOf(a) === pathsOf(b);
}

function isVersion(body: string): boolean {
  return typeof (JSON.parse(body) as { readonly gitVersion?: unknown }).gitVersion === 'string';
}
