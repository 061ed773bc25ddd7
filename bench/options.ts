// Pure: the flags of `npm run bench`.
import { parseArgs } from 'node:util';
import { wholeNumber } from '../test/support/flag-values.ts';
import { podsPerApp } from './shape.ts';

export const usage = `npm run bench -- [flags]
  --nodes N           simulated nodes; default 100
  --pods-per-node N   default 30
  --hpas N            HorizontalPodAutoscalers of ten pods each; default: for a fifth of the pods
  --only NAME         reference or headroom; default both, one after the other
  --quick             fewer cycles, no faults: a look in about three minutes, too short to quote
  --skip-faults       everything but the hung and the failing kubelet
  --profile           a CPU profile of Headroom for each part, next to the results
  --out FILE          where the figures go as JSON; default bench/results/NODESxPODS.json
`;

export type ContenderName = 'reference' | 'headroom';

export interface BenchOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly hpas: number;
  /** In the order in which they run. */
  readonly contenders: readonly ContenderName[];
  readonly quick: boolean;
  readonly faults: boolean;
  readonly profile: boolean;
  /** undefined: the default place. */
  readonly out: string | undefined;
}

/** A RangeError or TypeError tells what is wrong with the flags. */
export function parseOptions(argv: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      nodes: { type: 'string', default: '100' },
      'pods-per-node': { type: 'string', default: '30' },
      hpas: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'skip-faults': { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const nodes = wholeNumber(values.nodes, '--nodes', 1, 10_000);
  const podsPerNode = wholeNumber(values['pods-per-node'], '--pods-per-node', 1, 250);
  return {
    nodes,
    podsPerNode,
    hpas: hpasOf(values.hpas, Math.floor((nodes * podsPerNode) / podsPerApp)),
    contenders: contendersOf(values.only),
    quick: values.quick,
    faults: !values.quick && !values['skip-faults'],
    profile: values.profile,
    out: values.out,
  };
}

function hpasOf(text: string | undefined, apps: number): number {
  return text === undefined ? Math.floor(apps / 5) : wholeNumber(text, '--hpas', 0, apps);
}

function contendersOf(only: string | undefined): readonly ContenderName[] {
  if (only === undefined) return ['reference', 'headroom'];
  if (only !== 'reference' && only !== 'headroom') {
    throw new RangeError(`--only must be reference or headroom, not ${only}`);
  }
  return [only];
}
