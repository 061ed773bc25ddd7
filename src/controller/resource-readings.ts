// Pure but for the store it reads: usage of pods -> the values that the Metrics API would have given for a Resource or ContainerResource metric.
// docs/autoscaling.md 2.4.

import type { ListedPod } from '../lib/views.ts';
import { newPodReading } from '../metrics/pod-reading.ts';
import type { MetricsReader, PodReading } from '../metrics/types.ts';
import type { MetricReading, PodMetric } from './decide/types.ts';

export interface ResourceQuestion {
  readonly resource: string;
  /** undefined: all containers together. */
  readonly container: string | undefined;
}

/** Of some pods, when the oldest and the newest sample was taken; milliseconds since the epoch. */
export interface SampleSpan {
  readonly oldestMs: number;
  readonly newestMs: number;
}

export interface ResourceReading {
  readonly reading: MetricReading;
  /** Of the samples that were read; undefined: no pod has a usage. */
  readonly sampled: SampleSpan | undefined;
}

/** Read before the next pod is. */
const podReading = newPodReading();

/**
 * As in the Metrics API, only Running pods have a usage. A pod without one, or without the resource or container that is asked for, has no value. No usage
 * of any pod at all is a failure.
 */
export function readResource(
  pods: readonly ListedPod[],
  reader: Pick<MetricsReader, 'readPodUsage'>,
  question: ResourceQuestion,
): ResourceReading {
  const metrics = new Map<string, PodMetric>();
  let oldestMs = Number.POSITIVE_INFINITY;
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const pod of pods) {
    if (pod.phase !== 'Running' || !reader.readPodUsage(pod, podReading)) continue;
    oldestMs = Math.min(oldestMs, podReading.timestampMs);
    newestMs = Math.max(newestMs, podReading.timestampMs);
    const valueMilli = usageMilli(podReading, question);
    if (valueMilli !== undefined) metrics.set(pod.name, podMetric(podReading, valueMilli));
  }
  if (oldestMs <= newestMs) return { reading: { kind: 'pods', metrics }, sampled: { oldestMs, newestMs } };
  const problem = 'no metrics returned from resource metrics API';
  const message = `unable to get metrics for resource ${question.resource}: ${problem}`;
  return { reading: { kind: 'failed', message }, sampled: undefined };
}

function podMetric({ timestampMs, windowNs }: PodReading, valueMilli: bigint): PodMetric {
  return { valueMilli, timestampMs: Math.floor(timestampMs / 1000) * 1000, windowMs: windowNs / 1e6 };
}

/** Exact, however large; undefined: the pod has no such resource or container. */
function usageMilli(reading: PodReading, question: ResourceQuestion): bigint | undefined {
  const first = firstAsked(reading, question);
  if (first === undefined) return undefined;
  const milli = readingMilli(reading, question);
  if (Number.isSafeInteger(milli)) return BigInt(milli);
  // Beyond what numbers hold exactly, which only bytes are ever.
  let bytes = 0n;
  for (let index = first; index < endOf(reading, question, first); index++)
    bytes += BigInt(reading.memoryBytes[index] ?? 0);
  return bytes * 1000n;
}

/** The same as a number, 0 for what the pod does not have. Each container's quantity is rounded up to a milli-unit before they are summed. */
export function readingMilli(reading: PodReading, question: ResourceQuestion): number {
  const first = firstAsked(reading, question);
  if (first === undefined) return 0;
  let sum = 0;
  for (let index = first; index < endOf(reading, question, first); index++) {
    if (question.resource === 'cpu') sum += Math.ceil((reading.cpuNanoCores[index] ?? 0) / 1e6);
    else sum += (reading.memoryBytes[index] ?? 0) * 1000;
  }
  return sum;
}

/** The containers that are asked for stand from here to `endOf`; undefined: there is none. */
function firstAsked({ containers, names }: PodReading, { resource, container }: ResourceQuestion): number | undefined {
  if (resource !== 'cpu' && resource !== 'memory') return undefined;
  if (container === undefined) return containers === 0 ? undefined : 0;
  for (let index = 0; index < containers; index++) if (names[index] === container) return index;
  return undefined;
}

function endOf({ containers }: PodReading, { container }: ResourceQuestion, first: number): number {
  return container === undefined ? containers : first + 1;
}
