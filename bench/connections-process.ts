// One variant of bench/connections.bench.ts in a process of its own: connects to all kubelets, then asks them in turn, evenly over the cycle.
// Arguments: the variant, nodes, seconds of a cycle, cycles; on standard input what bench/kubelets-process.ts printed. Prints JSON.
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeAddress } from '../test/cluster/sim/node-identity.ts';
import { type Variant, variants } from './connection-variants.ts';
import { memoryOf } from './process-figures.ts';

const [name = '', nodes = '', cycleSeconds = '', cycles = ''] = process.argv.slice(2);
const count = Number(nodes);
const cycleMs = Number(cycleSeconds) * 1000;
const connectingAtOnce = 50;
/** For kubelets that are due. A look costs some 50 µs, which counts for all ways alike: 0.1 CPU seconds in 15. */
const lookEveryMs = 10;

const { port, caPem } = JSON.parse(await text(process.stdin)) as { readonly port: number; readonly caPem: string };
const variant = variants[name]?.(caPem);
if (variant === undefined) throw new RangeError(`there is no variant ${name}`);
const targets = Array.from({ length: count }, (_, node) => ({
  origin: `https://${nodeAddress(node)}:${port}`,
  path: '/metrics/resource',
}));

async function cpuSecondsOf(task: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await task();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function connectAll({ get }: Variant): Promise<void> {
  const waiting = targets.values();
  const worker = async (): Promise<void> => {
    for (const target of waiting) await get(target);
  };
  await Promise.all(Array.from({ length: connectingAtOnce }, worker));
}

async function cycle({ get }: Variant): Promise<void> {
  const startedAtMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedAtMs;
  const running: Promise<number>[] = [];
  while (running.length < count) {
    const due = Math.min(count, Math.ceil((elapsedMs() / cycleMs) * count));
    for (const target of targets.slice(running.length, due)) running.push(get(target));
    await sleep(lookEveryMs);
  }
  const bytes = await Promise.all(running);
  if (bytes.some((length) => length < 1000)) throw new Error('an answer was too short');
  await sleep(Math.max(0, cycleMs - elapsedMs()));
}

const baseBytes = memoryOf(process.pid).residentBytes;
const firstCpuSeconds = await cpuSecondsOf(() => connectAll(variant));
await cycle(variant);
const resumedBefore = variant.resumed?.() ?? 0;
const measured: number[] = [];
for (let left = Number(cycles); left > 0; left--) measured.push(await cpuSecondsOf(() => cycle(variant)));
// The floor: connections that nobody uses.
const idleCpuSeconds = await cpuSecondsOf(() => sleep(cycleMs));
const { heapUsed, heapTotal, external, arrayBuffers } = process.memoryUsage();
console.log(
  JSON.stringify({
    name,
    firstCpuSeconds,
    idleCpuSeconds,
    cycleCpuSeconds: measured.reduce((sum, seconds) => sum + seconds, 0) / measured.length,
    baseBytes,
    ...memoryOf(process.pid),
    heapUsed,
    heapTotal,
    external,
    arrayBuffers,
    resumedPerCycle: ((variant.resumed?.() ?? 0) - resumedBefore) / measured.length,
  }),
);
process.exit();
