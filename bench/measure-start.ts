// Flow: how long a contender takes from its start until it serves every pod, and what that costs.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Contender } from './contenders.ts';
import type { StartFigures } from './figures.ts';
import { type MetricsApi, podPath } from './metrics-api.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';
import { type BenchPod, benchPod, benchPods } from './shape.ts';
import type { Stage } from './stage.ts';

const pollMs = 250;
/** Pods that are asked for one by one. */
const probes = 40;
const timeoutMs = 300_000;

/** Asking for single pods costs the contender next to nothing; the whole list is asked for only when those are there. */
export async function measureStart(
  stage: Stage,
  contender: Contender,
  api: MetricsApi,
  signal: AbortSignal,
): Promise<StartFigures> {
  const deadlineMs = Date.now() + timeoutMs;
  let waitingFor = podsOfSpreadNodes(stage);
  while (waitingFor.length > 0) {
    for (const pod of waitingFor) {
      await until(deadlineMs, signal, async () => {
        contender.check();
        return (await api.get(podPath(pod))) !== undefined;
      });
    }
    waitingFor = await missingPods(stage, api);
  }
  return {
    servingAllSeconds: (Date.now() - contender.startedAtMs) / 1000,
    cpuSeconds: cpuSeconds(contender.pid),
    peakBytes: memoryOf(contender.pid).peakBytes,
  };
}

async function until(deadlineMs: number, signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`not all pods are served after ${timeoutMs / 1000} s`);
    await sleep(pollMs, undefined, { signal });
  }
}

function podsOfSpreadNodes({ shape }: Stage): readonly BenchPod[] {
  const step = Math.max(1, Math.floor(shape.nodes / probes));
  return Array.from({ length: Math.ceil(shape.nodes / step) }, (_, index) => benchPod(shape, index * step));
}

/** Some of the pods that the whole list lacks. */
async function missingPods({ shape }: Stage, api: MetricsApi): Promise<readonly BenchPod[]> {
  const items = await api.podMetrics();
  const served = new Set(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  return benchPods(shape)
    .filter(({ namespace, name }) => !served.has(`${namespace}/${name}`))
    .take(probes)
    .toArray();
}
