// Pure: the flags of `npm run soak`.
import { parseArgs } from 'node:util';
import { parseDurationMs } from '../src/lib/duration.ts';
import { wholeNumber } from '../test/support/flag-values.ts';

export const usage = `npm run soak -- [flags]
  --nodes N             simulated nodes; default 1000
  --pods-per-node N     default 30
  --hpas N              Deployments with a HorizontalPodAutoscaler; default 100
  --for DURATION        how long the cluster is kept changing and Headroom is watched; default 1h
  --pods-per-second N   pods that are replaced by new ones; default 10
  --node-every DURATION one node leaves with its pods and another joins; default 20s
  --edit-every DURATION one autoscaler is edited; default 1s
  --seed N              of what is replaced; default 1
  --out FILE            where the figures go as JSON; default bench/results/soak-NODESxPODS.json
`;

export interface SoakOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly hpas: number;
  readonly forMs: number;
  readonly podsPerSecond: number;
  readonly nodeEveryMs: number;
  readonly editEveryMs: number;
  readonly seed: number;
  /** undefined: the default place. */
  readonly out: string | undefined;
}

/** A RangeError or TypeError tells what is wrong with the flags. */
export function parseOptions(argv: readonly string[]): SoakOptions | 'help' {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      nodes: { type: 'string', default: '1000' },
      'pods-per-node': { type: 'string', default: '30' },
      hpas: { type: 'string', default: '100' },
      for: { type: 'string', default: '1h' },
      'pods-per-second': { type: 'string', default: '10' },
      'node-every': { type: 'string', default: '20s' },
      'edit-every': { type: 'string', default: '1s' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    nodes: wholeNumber(values.nodes, '--nodes', 2, 10_000),
    podsPerNode: wholeNumber(values['pods-per-node'], '--pods-per-node', 1, 100),
    hpas: wholeNumber(values.hpas, '--hpas', 1, 5_000),
    forMs: duration(values.for, '--for', 10_000),
    podsPerSecond: wholeNumber(values['pods-per-second'], '--pods-per-second', 1, 200),
    nodeEveryMs: duration(values['node-every'], '--node-every', 1_000),
    editEveryMs: duration(values['edit-every'], '--edit-every', 100),
    seed: wholeNumber(values.seed, '--seed', 0),
    out: values.out,
  };
}

function duration(text: string, flag: string, leastMs: number): number {
  const ms = parseDurationMs(text);
  if (!(ms >= leastMs && ms <= 86_400_000)) {
    throw new RangeError(`${flag} must be from ${leastMs / 1000}s to 24h, not ${text}`);
  }
  return ms;
}
