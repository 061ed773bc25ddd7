// Flow: looks at Headroom for as long as a soak lasts: its memory, what it serves, what it says of itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { probe } from '../test/cluster/probe.ts';
import type { Contender } from './contenders.ts';
import type { MetricsApi } from './metrics-api.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';
import type { SoakRecord } from './soak-record.ts';
import type { SampleLedger } from './soak-samples.ts';
import { parseSelfMetrics, type SelfMetrics } from './soak-self-metrics.ts';
import type { SoakKubelets } from './soak-stage.ts';
import type { Stage } from './stage.ts';

export interface WatchDeps {
  readonly stage: Stage;
  readonly kubelets: Pick<SoakKubelets, 'latestByMs'>;
  readonly contender: Contender;
  readonly api: MetricsApi;
  readonly pods: SampleLedger;
  readonly nodes: SampleLedger;
  readonly record: SoakRecord;
  readonly progress: (line: string) => void;
}

const processEveryMs = 1_000;
const metricsEveryMs = 15_000;
const listEveryMs = 10_000;
const tellEveryMs = 60_000;

/** Until the signal aborts. Rejects when Headroom ends. */
export async function watch(deps: WatchDeps, signal: AbortSignal): Promise<void> {
  await Promise.all([
    every(processEveryMs, signal, () => lookAtProcess(deps)),
    every(metricsEveryMs, signal, () => lookAtMetrics(deps)),
    every(listEveryMs, signal, () => checkLists(deps)),
    every(tellEveryMs, signal, () => {
      if (deps.record.process.length > 1) deps.progress(tell(deps.record));
    }),
  ]);
}

/** undefined: no answer, or another than 200. */
export async function readSelfMetrics({ controlPlane, servingPort }: Stage): Promise<SelfMetrics | undefined> {
  const { certificatePem: cert, keyPem: key } = controlPlane.credentials.admin;
  const answer = await probe(`https://127.0.0.1:${servingPort}/metrics`, { cert, key });
  return answer?.status === 200 ? parseSelfMetrics(answer.body) : undefined;
}

function lookAtProcess({ contender, record }: WatchDeps): void {
  contender.check();
  const { residentBytes } = memoryOf(contender.pid);
  record.process.push({ atMs: Date.now(), residentBytes, cpuSeconds: cpuSeconds(contender.pid) });
}

async function lookAtMetrics({ stage, kubelets, contender, record }: WatchDeps): Promise<void> {
  record.kubeletsLateByMs = kubelets.latestByMs;
  const atMs = Date.now();
  const metrics = await readSelfMetrics(stage);
  if (metrics === undefined) record.unreadMetrics++;
  else record.metrics.push({ ...metrics, atMs, allocatedBytes: memoryOf(contender.pid).allocatedBytes });
}

async function checkLists({ api, pods, nodes, record }: WatchDeps): Promise<void> {
  const podsAskedAtMs = Date.now();
  const podItems = await api.podMetrics();
  if (podItems.length === 0) record.unanswered++;
  else record.sawPods(pods.check(podItems, podsAskedAtMs));
  const nodesAskedAtMs = Date.now();
  const nodeItems = await api.nodeMetrics();
  if (nodeItems.length === 0) record.unanswered++;
  else record.sawNodes(nodes.check(nodeItems, nodesAskedAtMs));
  record.checks++;
}

function tell(record: SoakRecord): string {
  const last = record.process.at(-1);
  const metrics = record.metrics.at(-1);
  const megabytes = (bytes: number | undefined): string => `${((bytes ?? 0) / 1e6).toFixed(0)} MB`;
  const minuteAgo = record.process.at(-61) ?? record.process[0];
  const cpu = ((last?.cpuSeconds ?? 0) - (minuteAgo?.cpuSeconds ?? 0)).toFixed(1);
  return [
    `${megabytes(last?.residentBytes)} resident, heap ${megabytes(metrics?.heapUsedBytes)}, ${cpu} CPU-s in the last minute`,
    `${record.podsStarted} pods and ${record.nodesReplaced} nodes new, ${record.edits} edits, ${record.scaledUp} up, ${record.scaledDown} down`,
    `found: ${record.findingCount} samples, ${record.ignoredEdits} edits, ${metrics?.lateSyncs ?? 0} of ${metrics?.syncs ?? 0} syncs late`,
  ].join('; ');
}

async function every(intervalMs: number, signal: AbortSignal, work: () => void | Promise<void>): Promise<void> {
  while (!signal.aborted) {
    const beganAtMs = performance.now();
    await work();
    const waitMs = Math.max(0, beganAtMs + intervalMs - performance.now());
    await sleep(waitMs, undefined, { signal }).catch(() => undefined);
  }
}
