// Flow: what scraping and storing alone cost, per cycle.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import type { SteadyFigures } from './figures.ts';
import { cpuSeconds, memoryOf, resetPeak } from './process-figures.ts';
import type { Stage } from './stage.ts';
import { summarize } from './statistics.ts';

/** --metric-resolution of both contenders. */
export const cycleMs = 15_000;
const lookMs = 1000;

export async function measureSteady(
  stage: Stage,
  contender: Contender,
  cycles: number,
  signal: AbortSignal,
): Promise<SteadyFigures> {
  const pids = [contender.pid, stage.kubelets.pid, stage.apiServerPid];
  resetPeak(contender.pid);
  const scrapesBefore = await scrapes(stage);
  const cpuBefore = pids.map(cpuSeconds);
  const startedAtMs = performance.now();
  const resident: number[] = [];
  while (performance.now() - startedAtMs < cycles * cycleMs) {
    await sleep(Math.min(lookMs, cycles * cycleMs - (performance.now() - startedAtMs)), undefined, { signal });
    resident.push(memoryOf(contender.pid).residentBytes);
  }
  // The sleeps may end late: per cycle, not per number of cycles wished for.
  const measuredCycles = (performance.now() - startedAtMs) / cycleMs;
  const perCycle = pids.map((pid, index) => (cpuSeconds(pid) - (cpuBefore[index] ?? 0)) / measuredCycles);
  contender.check();
  const [own = 0, kubelets = 0, apiServer = 0] = perCycle;
  return {
    cycles,
    cpuSecondsPerCycle: own,
    residentBytes: summarize(resident).p50,
    peakBytes: memoryOf(contender.pid).peakBytes,
    scrapesPerCycle: ((await scrapes(stage)) - scrapesBefore) / measuredCycles,
    kubeletsCpuSecondsPerCycle: kubelets,
    apiServerCpuSecondsPerCycle: apiServer,
  };
}

/** How often kubelets were scraped so far. */
export async function scrapes({ kubelets }: Stage): Promise<number> {
  const answer = await fetch(`${kubelets.controlUrl}/status`);
  return ((await answer.json()) as { scrapes: number }).scrapes;
}
