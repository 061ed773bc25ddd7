// Pure but for the store it reads: usage of pods -> the values that the Metrics API would have given for a Resource or ContainerResource metric.
// docs/autoscaling.md 2.4.

import type { PodView } from '../lib/views.ts';
import type { ContainerUsage, MetricsReader, PodReading, PodUsage } from '../metrics/types.ts';
import type { MetricReading, PodMetric } from './decide/types.ts';

export interface ResourceQuestion {
  readonly resource: string;
  /** undefined: all containers together. */
  readonly container: string | undefined;
}

/** One pod with the usage that one reading of the store gave; undefined: none. */
export interface MeasuredPod {
  readonly name: string;
  readonly usage: PodUsage | undefined;
}

/** Reads the usage of each pod once, for all metrics of an autoscaler. As in the Metrics API, only Running pods have one. */
export function measurePods(
  pods: readonly PodView[],
  reader: Pick<MetricsReader, 'getPodUsage'>,
): readonly MeasuredPod[] {
  return pods.map(({ namespace, name, nodeName, phase }) => ({
    name,
    usage: phase === 'Running' ? reader.getPodUsage(namespace, name, nodeName) : undefined,
  }));
}

/** Of some pods, when the oldest and the newest sample was taken; milliseconds since the epoch. */
export interface SampleSpan {
  readonly oldestMs: number;
  readonly newestMs: number;
}

/** undefined: no pod has a usage. */
export function spanOf(pods: readonly MeasuredPod[]): SampleSpan | undefined {
  let oldestMs = Number.POSITIVE_INFINITY;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { usage } of pods) {
    if (usage === undefined) continue;
    oldestMs = Math.min(oldestMs, usage.timestampMs);
    newestMs = Math.max(newestMs, usage.timestampMs);
  }
  return oldestMs > newestMs ? undefined : { oldestMs, newestMs };
}

/** A pod without usage, or without the resource or container that is asked for, has no value. No usage of any pod at all is a failure. */
export function readResource(pods: readonly MeasuredPod[], question: ResourceQuestion): MetricReading {
  const metrics = new Map<string, PodMetric>();
  let measured = 0;
  for (const { name, usage } of pods) {
    if (usage === undefined) continue;
    measured += 1;
    const valueMilli = usageMilli(usage, question);
    if (valueMilli !== undefined) metrics.set(name, podMetric(usage, valueMilli));
  }
  if (measured > 0) return { kind: 'pods', metrics };
  const problem = 'no metrics returned from resource metrics API';
  return { kind: 'failed', message: `unable to get metrics for resource ${question.resource}: ${problem}` };
}

function podMetric({ timestampMs, windowNs }: PodUsage, valueMilli: bigint): PodMetric {
  return { valueMilli, timestampMs: Math.floor(timestampMs / 1000) * 1000, windowMs: windowNs / 1e6 };
}

/** Undefined: the pod has no such resource or container. */
function usageMilli({ containers }: PodUsage, { resource, container }: ResourceQuestion): bigint | undefined {
  if (resource !== 'cpu' && resource !== 'memory') return undefined;
  const asked = container === undefined ? containers : containers.filter(({ name }) => name === container).slice(0, 1);
  if (asked.length === 0) return undefined;
  return asked.reduce((sum, usage) => sum + containerMilli(usage, resource), 0n);
}

/** Each container's quantity is rounded up to a milli-unit before they are summed. */
function containerMilli(usage: ContainerUsage, resource: 'cpu' | 'memory'): bigint {
  return resource === 'cpu' ? BigInt(Math.ceil(usage.cpuNanoCores / 1e6)) : BigInt(usage.memoryBytes) * 1000n;
}

/** The same as a number, of usage that is read again and again; 0 for what the pod does not have. */
export function readingMilli(reading: PodReading, { resource, container }: ResourceQuestion): number {
  if (resource !== 'cpu' && resource !== 'memory') return 0;
  let sum = 0;
  for (let index = 0; index < reading.containers; index++) {
    if (container !== undefined && reading.names[index] !== container) continue;
    if (resource === 'cpu') sum += Math.ceil((reading.cpuNanoCores[index] ?? 0) / 1e6);
    else sum += (reading.memoryBytes[index] ?? 0) * 1000;
    if (container !== undefined) break;
  }
  return sum;
}
