// Flow: what autoscaling costs while nothing changes, and how fast replicas follow usage: one app at a time, then all at once.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../test/cluster/build.ts';
import { ApiReader } from './api-reader.ts';
import type { Contender } from './contenders.ts';
import { deleteFromEtcd, writeToEtcd } from './etcd-writer.ts';
import { type Evaluations, evaluationsOf, requestsForAutoscaling } from './evaluations.ts';
import type { AutoscalingFigures } from './figures.ts';
import { cycleMs, scrapes } from './measure-steady.ts';
import type { MetricsApi } from './metrics-api.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';
import { type Deployment, deploymentsPath, ScaleWatch } from './scale-watch.ts';
import { autoscaledApps, type BenchApp, namespacePrefix, podsPerApp } from './shape.ts';
import { ageMs, type Stage } from './stage.ts';
import { summarize } from './statistics.ts';
import { keyPrefix } from './stored-object.ts';
import { hpaPrefix, storedDeployments, storedHpas } from './stored-workloads.ts';

export interface AutoscalingInput {
  readonly stage: Stage;
  readonly contender: Contender;
  /** The contender's Metrics API. */
  readonly served: MetricsApi;
  readonly cycles: number;
  /** For so many cycles before there is an autoscaler it is measured what all else takes; 0: that counts too. */
  readonly cyclesBefore: number;
  /** Whether usage is changed too, to see how fast replicas follow. */
  readonly withReactions: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

interface Hpa {
  readonly metadata: { readonly namespace: string };
  readonly status?: { readonly desiredReplicas?: number; readonly currentMetrics?: readonly object[] | null };
}

const hpasPath = '/apis/autoscaling/v2/horizontalpodautoscalers';
const pollMs = 1000;
const firstRoundTimeoutMs = 8 * cycleMs;
const scaleTimeoutMs = 12 * cycleMs;
/** Usage grows by so much: from ten pods to twenty, and not beyond by some noise. */
const stepFactor = 1.95;
const steps = 40;
/** Steps come within this time, so that no phase of any period is preferred. */
const stepsMs = 30_000;

/** Puts an autoscaler beside every Deployment, measures, and leaves everything as it was. */
export async function measureAutoscaling(input: AutoscalingInput): Promise<AutoscalingFigures> {
  const { stage, contender, progress } = input;
  const { controlPlane, shape } = stage;
  await using undo = new AsyncDisposableStack();
  const api = undo.use(new ApiReader(controlPlane));
  const isReference = contender.name === 'reference';
  await checkReplicas(api);
  const alone = await measureAlone(input);
  // Last of all, when nobody scales any more: what was decided before the autoscalers went would still be written.
  undo.defer(() => restoreDeployments(stage));
  if (isReference) {
    await controlPlane.startComponent('kube-controller-manager');
    undo.defer(() => controlPlane.stopComponent('kube-controller-manager'));
  }
  const startedAtMs = performance.now();
  undo.defer(() => removeAutoscalers(stage));
  await putInto(stage, storedHpas(shape, Date.now() - ageMs), input.signal);
  const pids = [contender.pid, ...(isReference ? [pidOf(stage, 'kube-controller-manager')] : [])];
  const unevaluated = await untilEvaluated(api, input);
  const firstRoundSeconds = (performance.now() - startedAtMs) / 1000;
  progress(
    `${contender.name}: ${shape.hpas - unevaluated} of ${shape.hpas} autoscalers evaluated after ${firstRoundSeconds.toFixed(1)} s; settling`,
  );
  await sleep(2 * cycleMs, undefined, { signal: input.signal });
  progress(`${contender.name}: ${input.cycles} periods of autoscaling in which nothing changes`);
  const idle = await measureIdle(api, pids, alone, input);
  const reactions = input.withReactions ? await measureReactions(api, input) : noReactions;
  return { hpas: shape.hpas, firstRoundSeconds, unevaluated, ...idle, ...reactions };
}

/** How many were not evaluated in eight periods. Throws when that is all of them. */
async function untilEvaluated(api: ApiReader, { contender, signal }: AutoscalingInput): Promise<number> {
  const deadlineMs = Date.now() + firstRoundTimeoutMs;
  for (;;) {
    const { items } = await api.get<{ items: readonly Hpa[] }>(hpasPath);
    // Headroom's canary, an HPA in its own namespace, is never evaluated.
    const own = items.filter(({ metadata }) => metadata.namespace.startsWith(namespacePrefix));
    const waiting = own.filter(({ status }) => (status?.currentMetrics ?? []).length === 0).length;
    if (waiting === 0) return 0;
    contender.check();
    if (Date.now() > deadlineMs) {
      if (waiting === own.length) throw new Error(`none of ${own.length} autoscalers was evaluated`);
      return waiting;
    }
    await sleep(pollMs, undefined, { signal });
  }
}

type ReactionFigures = Pick<AutoscalingFigures, 'stepToScaleSeconds' | 'herdToScaleSeconds' | 'unscaled'>;
const noReactions: ReactionFigures = { stepToScaleSeconds: undefined, herdToScaleSeconds: undefined, unscaled: 0 };

type IdleFigures = Pick<
  AutoscalingFigures,
  | 'evaluationsPerSecond'
  | 'cpuMsPerEvaluation'
  | 'ownCpuMsPerEvaluation'
  | 'contenderCores'
  | 'requestsPerEvaluation'
  | 'scrapesPerCycle'
  | 'residentBytes'
  | 'looksPerEvaluation'
>;

/** CPU seconds per cycle without autoscalers. */
interface Alone {
  readonly own: number;
  readonly apiServer: number;
}

/** Just before: what an API server does after it took up 150,000 pods goes on for minutes. */
async function measureAlone({ stage, contender, cyclesBefore, signal, progress }: AutoscalingInput): Promise<Alone> {
  if (cyclesBefore === 0) return { own: 0, apiServer: 0 };
  progress(`${contender.name}: ${cyclesBefore} cycles before there is an autoscaler`);
  const look = (): Alone => ({ own: cpuSeconds(contender.pid), apiServer: cpuSeconds(stage.apiServerPid) });
  const before = look();
  const startedAtMs = performance.now();
  await sleep(cyclesBefore * cycleMs, undefined, { signal });
  const cycles = (performance.now() - startedAtMs) / cycleMs;
  const after = look();
  return { own: (after.own - before.own) / cycles, apiServer: (after.apiServer - before.apiServer) / cycles };
}

interface Counted extends Evaluations {
  readonly scrapes: number;
  readonly requests: number;
}

interface Spent {
  readonly atMs: number;
  readonly own: number;
  readonly apiServer: number;
}

async function measureIdle(
  api: ApiReader,
  pids: readonly number[],
  alone: Alone,
  { stage, contender, served, cycles, signal }: AutoscalingInput,
): Promise<IdleFigures> {
  const count = async (): Promise<Counted> => ({
    scrapes: await scrapes(stage),
    ...(await evaluationsOf(contender.name, { api, served, stage })),
    requests: await requestsForAutoscaling(contender.name, { api, served }),
  });
  const look = (): Spent => ({
    atMs: performance.now(),
    own: pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0),
    apiServer: cpuSeconds(stage.apiServerPid),
  });
  // Counts are read around the time that is measured, since a page of metrics costs its server something.
  const countedBefore = await count();
  const before = look();
  await sleep(cycles * cycleMs, undefined, { signal });
  const after = look();
  const counted = await count();
  contender.check();
  const elapsedCycles = (after.atMs - before.atMs) / cycleMs;
  const evaluations = counted.evaluations - countedBefore.evaluations;
  const ownSeconds = after.own - before.own - alone.own * elapsedCycles;
  const apiServerSeconds = after.apiServer - before.apiServer - alone.apiServer * elapsedCycles;
  const seconds = (elapsedCycles * cycleMs) / 1000;
  return {
    evaluationsPerSecond: evaluations / seconds,
    // Each for itself: where an API server happens to have less to do than before, that is no merit of autoscalers.
    cpuMsPerEvaluation: ((Math.max(0, ownSeconds) + Math.max(0, apiServerSeconds)) * 1000) / evaluations,
    ownCpuMsPerEvaluation: (Math.max(0, ownSeconds) * 1000) / evaluations,
    contenderCores: Math.max(0, ownSeconds) / seconds,
    scrapesPerCycle: (counted.scrapes - countedBefore.scrapes) / elapsedCycles,
    requestsPerEvaluation: (counted.requests - countedBefore.requests) / evaluations,
    looksPerEvaluation: (counted.looks - countedBefore.looks) / evaluations,
    residentBytes: pids.reduce((sum, pid) => sum + memoryOf(pid).residentBytes, 0),
  };
}

async function measureReactions(
  api: ApiReader,
  { stage, contender, signal, progress }: AutoscalingInput,
): Promise<ReactionFigures> {
  const apps = [...autoscaledApps(stage.shape)];
  const stride = Math.max(1, Math.floor(apps.length / steps));
  const single = apps.filter((_, index) => index % stride === 0).slice(0, steps);
  const ended = new AbortController();
  const watch = await ScaleWatch.start(api, ended.signal);
  try {
    progress(`${contender.name}: usage of ${single.length} apps nearly doubles, one after the other`);
    for (const app of single) {
      await setUsage(stage, [app], stepFactor);
      watch.stepped(app);
      await sleep(stepsMs / single.length, undefined, { signal });
    }
    const steps = await watch.untilScaled(single, scaleTimeoutMs, signal);
    const stepToScaleSeconds = summarize(steps.seconds);
    const herd = apps.filter((app) => !single.includes(app));
    if (herd.length === 0) return { stepToScaleSeconds, herdToScaleSeconds: undefined, unscaled: steps.unscaled };
    progress(`${contender.name}: usage of all other apps nearly doubles at once`);
    await setUsage(stage, herd, stepFactor);
    for (const app of herd) watch.stepped(app);
    const all = await watch.untilScaled(herd, scaleTimeoutMs, signal);
    const unscaled = steps.unscaled + all.unscaled;
    return { stepToScaleSeconds, herdToScaleSeconds: summarize(all.seconds), unscaled };
  } finally {
    ended.abort();
  }
}

async function setUsage({ kubelets }: Stage, apps: readonly BenchApp[], factor: number): Promise<void> {
  const pods = apps.flatMap((app) => app.pods);
  const cores = Object.fromEntries(pods.map(({ uid, cpuMilli }) => [uid, (factor * cpuMilli) / 1000]));
  const answer = await fetch(`${kubelets.controlUrl}/idle-cores`, { method: 'PUT', body: JSON.stringify(cores) });
  if (!answer.ok) throw new Error(`setting the usage of pods: ${answer.status} ${await answer.text()}`);
}

async function removeAutoscalers(stage: Stage): Promise<void> {
  const { signal } = new AbortController();
  await setUsage(stage, [...autoscaledApps(stage.shape)], 1);
  await deleteFromEtcd(stage.controlPlane.etcdUrl, `${keyPrefix}${hpaPrefix}${namespacePrefix}`, signal);
}

async function restoreDeployments(stage: Stage): Promise<void> {
  await putInto(stage, storedDeployments(stage.shape, Date.now() - ageMs), new AbortController().signal);
}

/** Throws when a Deployment is not as big as it was made: it could not be scaled as the others. */
async function checkReplicas(api: ApiReader): Promise<void> {
  const { items } = await api.get<{ items: readonly Deployment[] }>(deploymentsPath);
  const others = items.filter(({ spec }) => spec.replicas !== podsPerApp);
  if (others.length > 0) throw new Error(`${others.length} Deployments do not have ${podsPerApp} replicas`);
}

async function putInto(
  { controlPlane }: Stage,
  objects: Parameters<typeof writeToEtcd>[1],
  signal: AbortSignal,
): Promise<void> {
  await writeToEtcd(controlPlane.etcdUrl, objects, signal, () => undefined, 1);
}

function pidOf({ controlPlane }: Stage, component: string): number {
  const found = controlPlane.pids().find(({ name }) => name === component);
  if (found === undefined) throw new Error(`${component} does not run`);
  return found.pid;
}
