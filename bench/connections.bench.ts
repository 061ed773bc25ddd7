// Benchmark: CPU and memory of connections to many kubelets, one way after the other, each in a fresh process.
// `npm run bench:connections [-- --nodes 5000 --pods 30 --cycle 5 --cycles 3 --only NAME --node-flag=…]`. Figures: docs/adr/0004-connections-to-kubelets.md
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lastLines, runCommand, spawnGuarded } from '../test/cluster/processes.ts';
import { variants } from './connection-variants.ts';

interface Figures {
  readonly name: string;
  readonly firstCpuSeconds: number;
  readonly cycleCpuSeconds: number;
  readonly idleCpuSeconds: number;
  readonly baseBytes: number;
  readonly residentBytes: number;
  readonly heapUsed: number;
  readonly heapTotal: number;
  readonly external: number;
  readonly resumedPerCycle: number;
}

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const startTimeoutMs = 120_000;

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '5000' },
    pods: { type: 'string', default: '30' },
    /** Seconds; one that is shorter than 15 does the same work with fewer wake-ups. */
    cycle: { type: 'string', default: '5' },
    cycles: { type: 'string', default: '3' },
    only: { type: 'string', multiple: true },
    'node-flag': { type: 'string', multiple: true, default: [] },
  },
});

/** What the simulated kubelets print when they listen. */
async function listening(logPath: string, hasEnded: () => boolean): Promise<string> {
  const deadlineMs = Date.now() + startTimeoutMs;
  for (;;) {
    const line = await readFile(logPath, 'utf8');
    if (line.endsWith('}\n')) return line;
    if (hasEnded() || Date.now() > deadlineMs) throw new Error(`no simulated kubelets:\n${lastLines(logPath, 15)}`);
    await sleep(50);
  }
}

async function measure(name: string, kubelets: string): Promise<Figures> {
  const { nodes, cycle, cycles, 'node-flag': flags } = values;
  const args = [...flags, program('connections-process.ts'), name, nodes, cycle, cycles];
  const answer = await runCommand([process.execPath, ...args], { input: kubelets });
  if (answer.code !== 0) throw new Error(`${name}: ${answer.stderr}`);
  return JSON.parse(answer.stdout) as Figures;
}

function row(figures: Figures): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0).padStart(9);
  return [
    figures.name.padEnd(24),
    figures.cycleCpuSeconds.toFixed(2).padStart(9),
    figures.idleCpuSeconds.toFixed(2).padStart(9),
    figures.firstCpuSeconds.toFixed(1).padStart(9),
    megabytes(figures.residentBytes),
    megabytes(figures.residentBytes - figures.baseBytes),
    megabytes(figures.heapUsed),
    megabytes(figures.heapTotal),
    megabytes(figures.external),
    figures.resumedPerCycle.toFixed(0).padStart(9),
  ].join('');
}

await using undo = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), 'headroom-connections-'));
undo.defer(() => rm(dir, { recursive: true }));
const logPath = join(dir, 'kubelets.log');
const command = [process.execPath, program('kubelets-process.ts'), values.nodes, values.pods];
const child = await spawnGuarded(command, { logPath });
undo.defer(() => child.stop(2000));
const kubelets = await listening(logPath, () => child.exited !== undefined);
console.log(
  'CPU s: per cycle, in an idle one, and of all connections with their first answers. MB: resident, more than at the start, JavaScript, external.',
);
console.log(
  'way                       cycle s   idle s  first s  resident     grown      used      heap  external  resumed',
);
for (const name of values.only ?? Object.keys(variants)) console.log(row(await measure(name, kubelets)));
