// What it costs to keep samples over a restart, by the number of containers. `npm run bench:snapshot`
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../src/lib/logger.ts';
import { type Present, readSnapshot, writeSnapshot } from '../src/metrics/sample-snapshot.ts';
import { WindowStore } from '../src/metrics/window-store.ts';
import { fillStores } from './filled-stores.ts';

const startMs = 1_800_000_000_000;
const rounds = 5;
const present: Present = { uidOf: (node) => `6b1f3a52-0000-4000-8000-${node}`, ran: () => true };

interface Cost {
  /** Of the whole process, user and system: the median of all rounds. */
  readonly cpuMs: number;
  /** The longest that the event loop's thread worked before others had a turn, in all rounds. */
  readonly longestTurnMs: number;
}

type Work = () => Promise<unknown>;

async function cpuMsOf(work: Work): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Looks at every turn of the loop, which costs CPU while the work waits for the disk. */
async function longestTurnMsOf(work: Work): Promise<number> {
  let longestMs = 0;
  let isWorking = true;
  let since = process.threadCpuUsage();
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(since);
    longestMs = Math.max(longestMs, (user + system) / 1000);
    since = process.threadCpuUsage();
    if (isWorking) setImmediate(look);
  };
  setImmediate(look);
  await work();
  isWorking = false;
  return longestMs;
}

async function measure(work: Work): Promise<Cost> {
  for (let warmUp = 0; warmUp < 2; warmUp++) await work();
  const cpuMs: number[] = [];
  let longestTurnMs = 0;
  for (let round = 0; round < rounds; round++) {
    cpuMs.push(await cpuMsOf(work));
    longestTurnMs = Math.max(longestTurnMs, await longestTurnMsOf(work));
  }
  return { cpuMs: cpuMs.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN, longestTurnMs };
}

const directory = await mkdtemp(join(tmpdir(), 'headroom-snapshot-'));
const path = join(directory, 'samples.bin');
const columns = ['containers', 'file, MB', 'write, CPU ms', 'longest turn, ms', 'read, CPU ms', 'longest turn, ms'];
console.log(columns.join('  '));
for (const containers of [3_000, 30_000, 150_000]) {
  const { store } = fillStores(containers, startMs, silentLogger);
  const written = await measure(async () => {
    const file = await open(path, 'w');
    await writeSnapshot(file, store, present, { nowMs: startMs, originMs: 0 });
    await file.close();
  });
  const contents = await readFile(path);
  const read = await measure(async () => {
    const restored = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: 300_000 });
    await readSnapshot(contents, restored, present, { nowMs: startMs, originMs: 0 });
    if (restored.usages.containers !== containers) throw new Error('not everything was restored');
  });
  const figures = [contents.length / 1e6, written.cpuMs, written.longestTurnMs, read.cpuMs, read.longestTurnMs];
  const cells = [String(containers), ...figures.map((figure) => figure.toFixed(1))];
  console.log(cells.map((cell, index) => cell.padStart(columns[index]?.length ?? 0)).join('  '));
}
await rm(directory, { recursive: true });
