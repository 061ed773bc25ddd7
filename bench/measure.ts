// Flow: one contender from its start to its end.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../test/cluster/build.ts';
import { startContender } from './contenders.ts';
import type { ContenderFigures } from './figures.ts';
import { measureFaults } from './measure-faults.ts';
import { measureRequests } from './measure-requests.ts';
import { measureStart } from './measure-start.ts';
import { cycleMs, measureSteady } from './measure-steady.ts';
import { MetricsApi } from './metrics-api.ts';
import type { BenchOptions, ContenderName } from './options.ts';
import { checkServed } from './plausible.ts';
import { memoryOf } from './process-figures.ts';
import type { Stage } from './stage.ts';

export async function measureContender(
  name: ContenderName,
  stage: Stage,
  options: BenchOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<ContenderFigures> {
  const contender = await startContender(name, stage);
  try {
    using api = new MetricsApi(stage.servingPort, stage.loadToken);
    progress(`${name}: started, waiting until it serves all pods`);
    const start = await measureStart(stage, contender, api, signal);
    progress(`${name}: serves all pods after ${start.servingAllSeconds.toFixed(1)} s; warming up`);
    await sleep(2 * cycleMs, undefined, { signal });
    // Never measure a server that serves something else.
    const served = checkServed(stage.shape, await api.podMetrics());
    const cycles = options.quick ? 2 : 4;
    progress(`${name}: ${cycles} cycles of scraping, nothing else`);
    const steady = await measureSteady(stage, contender, cycles, signal);
    const requests = await measureRequests({ stage, contender, steady, quick: options.quick, signal, progress });
    const faults = options.faults
      ? await measureFaults(stage, api, signal, (line) => progress(`${name}: ${line}`))
      : undefined;
    const residentAtEndBytes = memoryOf(contender.pid).residentBytes;
    const stopMs = await contender.stop();
    return { name, start, served, steady, requests, faults, residentAtEndBytes, stopMs };
  } finally {
    await contender.stop();
  }
}
