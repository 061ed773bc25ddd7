// The load generator as a process of its own: reads a LoadJob as JSON from standard input, prints a LoadResult.
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadJob, LoadResult } from './load.ts';
import { LoadConnection } from './load-connection.ts';
import { cpuSeconds } from './process-figures.ts';
import { mean, summarize } from './statistics.ts';

const job = JSON.parse(await text(process.stdin)) as LoadJob;
const connections = await Promise.all(Array.from({ length: job.connections }, () => LoadConnection.open(job)));
// Connections, tokens and rights are known to the server before anything is measured.
for (const connection of connections) await connection.get(job.warmUpPath);

const latenciesMs: number[] = [];
const bodyBytes: number[] = [];
/** Status code -> how many answers had it; 200 is left out. */
const failures: Record<string, number> = {};
let next = 0;

async function ask(connection: LoadConnection): Promise<void> {
  const path = job.paths[next % job.paths.length] ?? '';
  next += 1;
  const sentAtMs = performance.now();
  const response = await connection.get(path);
  latenciesMs.push(performance.now() - sentAtMs);
  bodyBytes.push(response.bodyBytes);
  if (response.status !== 200) failures[response.status] = (failures[response.status] ?? 0) + 1;
}

/** Work and the server's processor time for it. */
async function timed(work: () => Promise<unknown>): Promise<{ seconds: number; serverCpuSeconds: number }> {
  const cpuBefore = cpuSeconds(job.serverPid);
  const startedAtMs = performance.now();
  await work();
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { seconds, serverCpuSeconds: cpuSeconds(job.serverPid) - cpuBefore };
}

async function askUntilOver(): Promise<void> {
  const endsAtMs = performance.now() + job.durationMs;
  const isOver = (): boolean => (job.requests === undefined ? performance.now() >= endsAtMs : next >= job.requests);
  await Promise.all(
    connections.map(async (connection) => {
      while (!isOver()) await ask(connection);
    }),
  );
}

/** What an answer leaves behind is collected later: so long after it the server's processor time still counts. */
const aftermathMs = 5_000;

/** One request after each pause; of the pauses only the aftermath of a request is measured. */
async function askWithPauses(pauseMs: number): Promise<{ seconds: number; serverCpuSeconds: number }> {
  const total = { seconds: 0, serverCpuSeconds: 0 };
  for (const connection of connections) {
    while (next < (job.requests ?? 0)) {
      await sleep(Math.max(0, pauseMs - aftermathMs));
      const one = await timed(async () => {
        await ask(connection);
        await sleep(aftermathMs);
      });
      total.seconds += one.seconds;
      total.serverCpuSeconds += one.serverCpuSeconds;
    }
  }
  return total;
}

const total = job.pauseMs === undefined ? await timed(askUntilOver) : await askWithPauses(job.pauseMs);
for (const connection of connections) connection.close();
const result: LoadResult = {
  ...total,
  failures,
  bodyBytes: mean(bodyBytes),
  perSecond: latenciesMs.length / total.seconds,
  latencyMs: summarize(latenciesMs),
};
process.stdout.write(JSON.stringify(result));
