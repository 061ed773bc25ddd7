// The simulated nodes as a process of their own. Prints one JSON line when they are ready; ends on SIGTERM, SIGINT, and when
// its standard input closes, so that it never outlives the process that started it.
import { parseArgs } from 'node:util';
import { errorMessage } from '../../../src/lib/errors.ts';
import { readConfiguration } from './configuration.ts';
import { type SimulatedNodesOptions, startSimulatedNodes } from './simulated-nodes.ts';

const usage = `node test/cluster/sim/main.ts --kubeconfig FILE --nodes N [options]
  --kubeconfig FILE    the cluster whose pods run on the nodes
  --nodes N            how many nodes
  --config FILE        JSON: workloads, usage, housekeeping, timing, nodeLabels, nodeAnnotations, capacity and the options below
  --name-prefix TEXT   of the nodes' names; default sim-
  --port N             of every kubelet; default a free one
  --first-octet N      addresses begin at 127.N.1.1; default 16
  --seed N             of noise and phases; default 1
  --control-port N     switches on 127.0.0.1, see control-endpoint.ts; default a free one
  --token TEXT         accept this bearer token instead of asking the API server
  --keep-stdin         do not end when standard input closes
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kubeconfig: { type: 'string' },
      nodes: { type: 'string' },
      config: { type: 'string' },
      'name-prefix': { type: 'string' },
      port: { type: 'string' },
      'first-octet': { type: 'string' },
      seed: { type: 'string' },
      'control-port': { type: 'string' },
      token: { type: 'string' },
      'keep-stdin': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  const configured = values.config === undefined ? {} : await readConfiguration(values.config);
  const flags: { -readonly [Name in keyof SimulatedNodesOptions]?: SimulatedNodesOptions[Name] } = {};
  if (values.kubeconfig !== undefined) flags.kubeconfigPath = values.kubeconfig;
  if (values.nodes !== undefined) flags.nodeCount = count(values.nodes, '--nodes');
  if (values['name-prefix'] !== undefined) flags.namePrefix = values['name-prefix'];
  if (values.port !== undefined) flags.port = count(values.port, '--port');
  if (values['first-octet'] !== undefined) flags.firstOctet = count(values['first-octet'], '--first-octet');
  if (values.seed !== undefined) flags.seed = count(values.seed, '--seed');
  if (values['control-port'] !== undefined) flags.controlPort = count(values['control-port'], '--control-port');
  if (values.token !== undefined) flags.auth = { token: values.token };
  await run({ nodeCount: 1, controlPort: 0, ...configured, ...flags }, values['keep-stdin'] === true);
}

async function run(options: SimulatedNodesOptions, keepStdin: boolean): Promise<void> {
  const asked = askedToEnd(keepStdin);
  try {
    await using simulation = await startSimulatedNodes(options);
    const { port, controlUrl, caPem, nodes } = simulation;
    process.stdout.write(`${JSON.stringify({ port, controlUrl, nodes: nodes.length, caPem })}\n`);
    await asked;
  } finally {
    // An open standard input would keep the process alive.
    process.stdin.unref();
  }
}

/** Resolves on a signal, and when standard input closes unless that is to be ignored. */
function askedToEnd(keepStdin: boolean): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    if (keepStdin) return;
    process.stdin.once('end', () => resolve()).once('error', () => resolve());
    process.stdin.resume();
  });
}

function count(text: string, flag: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new RangeError(`${flag} must be a whole number, not ${text}`);
  return value;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${errorMessage(error)}\n`);
  process.exitCode = 2;
}
