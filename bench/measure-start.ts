// Flow: how long a contender takes from its start until it serves every pod, and what that costs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import type { StartFigures } from './figures.ts';
import { type MetricsApi, podPath } from './metrics-api.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';
import { benchPod, podCount } from './shape.ts';
import type { Stage } from './stage.ts';

const pollMs = 250;
const probes = 40;
const timeoutMs = 300_000;

/** Asking for a few pods costs the contender next to nothing; the whole list is asked for when those are there. */
export async function measureStart(
  stage: Stage,
  contender: Contender,
  api: MetricsApi,
  signal: AbortSignal,
): Promise<StartFigures> {
  const deadlineMs = Date.now() + timeoutMs;
  const waiting = probePaths(stage);
  while (waiting.length > 0 || (await api.podMetrics()).length < podCount(stage.shape)) {
    contender.check();
    if (Date.now() > deadlineMs) throw new Error(`${contender.name} serves not all pods after ${timeoutMs / 1000} s`);
    const path = waiting[0];
    if (path !== undefined && (await api.get(path)) !== undefined) waiting.shift();
    else await sleep(pollMs, undefined, { signal });
  }
  return {
    servingAllSeconds: (Date.now() - contender.startedAtMs) / 1000,
    cpuSeconds: cpuSeconds(contender.pid),
    peakBytes: memoryOf(contender.pid).peakBytes,
  };
}

/** Pods of nodes that are spread over all. */
function probePaths({ shape }: Stage): string[] {
  const step = Math.max(1, Math.floor(shape.nodes / probes));
  const paths: string[] = [];
  for (let index = 0; index < shape.nodes; index += step) paths.push(podPath(benchPod(shape, index)));
  return paths;
}
