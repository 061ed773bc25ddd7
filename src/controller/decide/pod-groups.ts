// Pure: sorts the pods of an autoscaler into ready, unready, missing and ignored, and adds up each group. docs/decision-math.md step 4.2.
import { wrapInt64 } from '../../lib/go-numbers.ts';
import type { PodView } from '../../lib/views.ts';
import type { PodRequest } from './requests.ts';
import type { DecideSettings, PodGroup, PodMetric, PodRule, PodWorking } from './types.ts';

/** What a metric looks at besides its values. */
export interface GroupingQuestion {
  /** undefined when it plays no part: it counts for cpu only. */
  readonly readiness?: { readonly settings: DecideSettings; readonly nowMs: number } | undefined;
  /** undefined when requests play no part. */
  readonly requestOf?: ((pod: PodView) => PodRequest) | undefined;
}

/** One group added up. The usage of unready pods is known, but never counts. */
export interface GroupSum {
  readonly count: number;
  readonly usageMilli: bigint;
  readonly requestMilli: bigint;
}

export interface GroupedPods {
  readonly workings: readonly PodWorking[];
  readonly ready: GroupSum;
  readonly unready: GroupSum;
  readonly missing: GroupSum;
  /** Values whose name is none of the pods. */
  readonly strays: { readonly count: number; readonly usageMilli: bigint };
  /** Why the request of a pod is not known; of several such pods, the first by name speaks. */
  readonly requestFailure: string | undefined;
}

const groupOfRule: Readonly<Record<PodRule, PodGroup>> = {
  deleting: 'ignored',
  failed: 'ignored',
  pending: 'unready',
  'no-metric': 'missing',
  'no-ready-condition': 'unready',
  initializing: 'unready',
  'never-ready': 'unready',
  ready: 'ready',
};

/** Groups pods by their metric and state. Cost: one pass over the pods, and one over the metrics if some are strays. */
export function groupPods(
  pods: readonly PodView[],
  metrics: ReadonlyMap<string, PodMetric>,
  question: GroupingQuestion,
): GroupedPods {
  const workings: PodWorking[] = [];
  const sums = { ready: emptySum(), unready: emptySum(), missing: emptySum(), ignored: emptySum() };
  let withMetric = 0;
  let failure: RequestFailure | undefined;

  for (const pod of pods) {
    const metric = metrics.get(pod.name);
    if (metric !== undefined) withMetric++;
    const request = question.requestOf?.(pod);
    if (request?.kind === 'missing') failure = firstByName(failure, pod.name, request.messageFor);
    const working = describePod(pod, metric, request, question);
    workings.push(working);
    addTo(sums[working.group], working);
  }
  return {
    workings,
    ready: wrapSum(sums.ready),
    unready: wrapSum(sums.unready),
    missing: wrapSum(sums.missing),
    strays: withMetric === metrics.size ? noStrays : addUpStrays(pods, metrics),
    requestFailure: failure?.messageFor(failure.pod),
  };
}

function describePod(
  pod: PodView,
  metric: PodMetric | undefined,
  request: PodRequest | undefined,
  question: GroupingQuestion,
): PodWorking {
  const rule = classifyPod(pod, metric, question);
  const requestMilli = request?.kind === 'found' ? request.milli : undefined;
  return { pod: pod.name, group: groupOfRule[rule], rule, usageMilli: metric?.valueMilli, requestMilli };
}

/** 4.2: the first rule that fits. */
function classifyPod(pod: PodView, metric: PodMetric | undefined, question: GroupingQuestion): PodRule {
  if (pod.deleting) return 'deleting';
  if (pod.phase === 'Failed') return 'failed';
  if (pod.phase === 'Pending') return 'pending';
  if (metric === undefined) return 'no-metric';
  return question.readiness === undefined ? 'ready' : classifyByReadiness(pod, metric, question.readiness);
}

/** 4.2, for cpu: a young pod burns cpu on its own start; such a sample says nothing about the load. */
function classifyByReadiness(
  { startedAtMs, ready }: PodView,
  metric: PodMetric,
  { settings, nowMs }: NonNullable<GroupingQuestion['readiness']>,
): PodRule {
  if (ready === undefined || startedAtMs === undefined) return 'no-ready-condition';
  const isUnready = ready.status === 'False';
  if (startedAtMs + settings.cpuInitializationPeriodMs > nowMs) {
    const isSampleFromBefore = metric.timestampMs < ready.lastTransitionAtMs + metric.windowMs;
    return isUnready || isSampleFromBefore ? 'initializing' : 'ready';
  }
  const wasNeverReady = startedAtMs + settings.initialReadinessDelayMs > ready.lastTransitionAtMs;
  return isUnready && wasNeverReady ? 'never-ready' : 'ready';
}

interface RequestFailure {
  readonly pod: string;
  readonly messageFor: (podName: string) => string;
}

function firstByName(
  failure: RequestFailure | undefined,
  pod: string,
  messageFor: (podName: string) => string,
): RequestFailure {
  return failure !== undefined && failure.pod <= pod ? failure : { pod, messageFor };
}

const noStrays = { count: 0, usageMilli: 0n };

function addUpStrays(
  pods: readonly PodView[],
  metrics: ReadonlyMap<string, PodMetric>,
): { count: number; usageMilli: bigint } {
  const names = new Set(pods.map((pod) => pod.name));
  let count = 0;
  let usageMilli = 0n;
  for (const [name, metric] of metrics) {
    if (names.has(name)) continue;
    count++;
    usageMilli += metric.valueMilli;
  }
  return { count, usageMilli: wrapInt64(usageMilli) };
}

interface OpenSum {
  count: number;
  usageMilli: bigint;
  requestMilli: bigint;
}

function addTo(sum: OpenSum, { usageMilli, requestMilli }: PodWorking): void {
  sum.count++;
  if (usageMilli !== undefined) sum.usageMilli += usageMilli;
  if (requestMilli !== undefined) sum.requestMilli += requestMilli;
}

function emptySum(): OpenSum {
  return { count: 0, usageMilli: 0n, requestMilli: 0n };
}

/** Wrapping once at the end gives the same low 64 bits as wrapping after each addition. */
function wrapSum(sum: OpenSum): GroupSum {
  return { count: sum.count, usageMilli: wrapInt64(sum.usageMilli), requestMilli: wrapInt64(sum.requestMilli) };
}
