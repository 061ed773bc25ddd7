// Flow: what one hung kubelet does to everybody else's samples, and one failing kubelet to its own pods.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../test/cluster/build.ts';
import type { FaultFigures } from './figures.ts';
import { cycleMs } from './measure-steady.ts';
import { type MetricsApi, podPath } from './metrics-api.ts';
import { benchPods } from './shape.ts';
import type { Kubelets, Stage } from './stage.ts';
import { type Summary, summarize } from './statistics.ts';

const hungNode = 'sim-0';
const failingNode = 'sim-1';
const agePollMs = 1000;
const ageCycles = 3;
const gonePollMs = 250;
const goneCycles = 4;

export async function measureFaults(
  stage: Stage,
  api: MetricsApi,
  signal: AbortSignal,
  progress: Progress,
): Promise<FaultFigures> {
  const { kubelets } = stage;
  progress('age of samples, all kubelets healthy');
  const ageHealthySeconds = await observeAges(api, signal);
  progress('age of samples, one kubelet hangs');
  await setFault(kubelets, hungNode, { kind: 'hang' });
  // The first cycle finds out.
  await sleep(cycleMs, undefined, { signal });
  const ageWithHungNodeSeconds = await observeAges(api, signal);
  await setFault(kubelets, hungNode, undefined);
  progress('one kubelet fails for one cycle');
  return { ageHealthySeconds, ageWithHungNodeSeconds, goneAfterFailureSeconds: await observeGone(stage, api, signal) };
}

/** The age of each healthy node's sample, looked at once a second. Timestamps are cut to seconds: ages are too long by half of one. */
async function observeAges(api: MetricsApi, signal: AbortSignal): Promise<Summary> {
  const ages: number[] = [];
  const endsAtMs = Date.now() + ageCycles * cycleMs;
  while (Date.now() < endsAtMs) {
    const items = await api.nodeMetrics();
    const nowMs = Date.now();
    for (const { metadata, timestamp } of items) {
      if (metadata.name !== hungNode) ages.push((nowMs - Date.parse(timestamp)) / 1000);
    }
    await sleep(agePollMs, undefined, { signal });
  }
  return summarize(ages);
}

async function observeGone(stage: Stage, api: MetricsApi, signal: AbortSignal): Promise<number> {
  const pod = benchPods(stage.shape).find(({ nodeName }) => nodeName === failingNode);
  if (pod === undefined) return 0;
  const startedAtMs = Date.now();
  let goneMs = 0;
  let lastMs = startedAtMs;
  await setFault(stage.kubelets, failingNode, { kind: 'status', code: 500 });
  let fails = true;
  while (Date.now() - startedAtMs < goneCycles * cycleMs) {
    await sleep(gonePollMs, undefined, { signal });
    const isGone = (await api.get(podPath(pod))) === undefined;
    const nowMs = Date.now();
    if (isGone) goneMs += nowMs - lastMs;
    lastMs = nowMs;
    if (fails && nowMs - startedAtMs >= cycleMs) {
      fails = false;
      await setFault(stage.kubelets, failingNode, undefined);
    }
  }
  return goneMs / 1000;
}

async function setFault({ controlUrl }: Kubelets, node: string, fault: object | undefined): Promise<void> {
  const url = `${controlUrl}/nodes/${node}/fault`;
  const answer = await fetch(
    url,
    fault === undefined ? { method: 'DELETE' } : { method: 'PUT', body: JSON.stringify(fault) },
  );
  if (!answer.ok) throw new Error(`setting a fault of ${node}: ${answer.status} ${await answer.text()}`);
}
