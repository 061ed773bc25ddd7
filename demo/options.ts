// Pure: the demo's command line. Flags -> options, or every mistake at once.
import { type ParseArgsOptionDescriptor, parseArgs } from 'node:util';
import { parseDurationMs } from '../src/lib/duration.ts';
import { errorMessage } from '../src/lib/errors.ts';

export interface DemoOptions {
  /** How long the load goes up and down before the demo ends by itself; undefined: until Ctrl-C. */
  readonly forMs: number | undefined;
  readonly realNode: boolean;
  /** Simulated nodes. */
  readonly nodes: number;
}

export type DemoCommand =
  | { readonly kind: 'run'; readonly options: DemoOptions }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'refuse'; readonly mistakes: readonly string[] };

const defaultNodes = 3;
const mostNodes = 1000;

export const helpText = `usage: npm run demo -- [flags]

Starts a Kubernetes control plane with simulated nodes, installs Headroom from this checkout, puts a load on an
example workload and takes it away again, and shows what the autoscaler does and why. Ctrl-C ends all of it.
The first run builds Kubernetes from source, which needs Go and takes minutes; later ones start in seconds.

  --for DURATION   end after this time of load (90s, 3m), print a summary, and exit 1 unless replicas went up and down
  --nodes N        simulated nodes, 1 to ${mostNodes} (default ${defaultNodes})
  --real-node      one real node instead: kubelet, containerd, containers that burn CPU (Linux, root)
  --help           print this
`;

const flags: Readonly<Record<string, ParseArgsOptionDescriptor>> = {
  for: { type: 'string' },
  nodes: { type: 'string' },
  'real-node': { type: 'boolean' },
  help: { type: 'boolean' },
};

export function readDemoCommand(argv: readonly string[]): DemoCommand {
  const { tokens } = parseArgs({ args: [...argv], options: flags, strict: false, tokens: true });
  const mistakes: string[] = [];
  const values = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === 'positional') mistakes.push(`unexpected argument "${token.value}"`);
    if (token.kind !== 'option') continue;
    const mistake = mistakeOf(token.rawName, token.name, token.value);
    if (mistake === undefined) values.set(token.name, token.value ?? '');
    else mistakes.push(mistake);
  }
  if (values.has('help')) return { kind: 'print', text: helpText };
  const forMs = readFor(values.get('for'), mistakes);
  const nodes = readNodes(values.get('nodes'), mistakes);
  if (values.has('real-node') && values.has('nodes')) mistakes.push('--nodes and --real-node exclude each other');
  if (mistakes.length > 0) return { kind: 'refuse', mistakes };
  return { kind: 'run', options: { forMs, nodes, realNode: values.has('real-node') } };
}

function mistakeOf(rawName: string, name: string, value: string | undefined): string | undefined {
  const flag = Object.hasOwn(flags, name) && rawName.startsWith('--') ? flags[name] : undefined;
  if (flag === undefined) return `unknown flag ${rawName}`;
  if (flag.type === 'boolean' && value !== undefined) return `${rawName} takes no value`;
  return flag.type === 'string' && value === undefined ? `${rawName} needs a value` : undefined;
}

function readFor(text: string | undefined, mistakes: string[]): number | undefined {
  if (text === undefined) return undefined;
  try {
    const ms = parseDurationMs(text);
    if (ms > 0) return ms;
    mistakes.push(`--for must be greater than 0, but got ${text}`);
  } catch (error) {
    mistakes.push(`--for: ${errorMessage(error)}`);
  }
  return undefined;
}

function readNodes(text: string | undefined, mistakes: string[]): number {
  if (text === undefined) return defaultNodes;
  const nodes = Number(text);
  if (!/^\d+$/.test(text) || nodes < 1 || nodes > mostNodes) {
    mistakes.push(`--nodes must be a whole number from 1 to ${mostNodes}, but got "${text}"`);
  }
  return nodes;
}
