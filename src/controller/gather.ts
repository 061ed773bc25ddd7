// Flow: reads everything that one decision needs into an Observation. Decides nothing. docs/autoscaling.md 2.
import type { Autoscaler, MetricSpec } from '../crd/types.ts';
import type { ScaleClient } from '../kube/scale-client.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import { nothing } from '../lib/label-selector.ts';
import type { LabelMatcher, ListedPod, ScaleView } from '../lib/views.ts';
import type { MetricsReader } from '../metrics/types.ts';
import { autoscalerKey } from './autoscaler-key.ts';
import type { CustomMetrics } from './custom-metrics.ts';
import { routeByReplicas } from './decide/bounds.ts';
import { scaledToZeroType } from './decide/conditions.ts';
import { describeRefusal } from './decide/selector-check.ts';
import { beginSync } from './decide/sync.ts';
import type { DecideSettings, MetricReading, Observation, TargetObservation } from './decide/types.ts';
import { readResource, type SampleSpan } from './resource-readings.ts';
import type { Selection, TargetPods } from './target-pods.ts';
import type { TargetRegistry } from './target-registry.ts';

export interface GatherDeps {
  readonly clock: Clock;
  readonly scales: Pick<ScaleClient, 'getScale'>;
  readonly targetPods: TargetPods;
  readonly metrics: Pick<MetricsReader, 'readPodUsage'>;
  readonly customMetrics: CustomMetrics;
  readonly targets: TargetRegistry;
  readonly settings: DecideSettings;
}

/** An Observation, for each of its readings how long it took, and when the samples in it were taken. */
export interface Gathered {
  readonly observation: Observation;
  /** Those of the observation, as the cache has them. */
  readonly pods: readonly ListedPod[];
  readonly readingSeconds: readonly number[];
  /** undefined: no sample of a pod is in it. */
  readonly sampled: SampleSpan | undefined;
}

/** Reads target, selector, pods and metrics. Never throws for what it finds: each failure is an observation of its own. */
export async function gather(deps: GatherDeps, autoscaler: Autoscaler, signal?: AbortSignal): Promise<Gathered> {
  const settings = settingsFor(autoscaler, deps.settings);
  const target = await observeTarget(deps.scales, autoscaler, signal);
  const nothingRead = { autoscaler, settings, target, pods: [], readings: [] } as const;
  if (target.kind === 'failed')
    return { observation: { ...nothingRead, selector: { kind: 'ok' } }, pods: [], ...unread };

  const selected = selectPods(deps, autoscaler, target.scale);
  const { selector, matcher, pods } = selected;
  const found: Observation = { ...nothingRead, selector, pods };
  if (selector.kind !== 'ok' || !needsMetrics(found, target.scale)) return { observation: found, pods, ...unread };

  const { readings, sampled } = await readMetrics(deps, autoscaler, { matcher, pods }, signal);
  return {
    sampled,
    pods,
    observation: { ...found, readings: readings.map(({ reading }) => reading) },
    readingSeconds: readings.map(({ seconds }) => seconds),
  };
}

const unread = { readingSeconds: [], sampled: undefined } as const;

/**
 * The gate HPAScaleToZero says whether the API server stores minReplicas 0 in an HPA. An HRA that has it, or that is at zero by its own doing, asks for no gate: its
 * schema admits 0 only where that makes sense.
 */
function settingsFor({ kind, spec, status }: Autoscaler, settings: DecideSettings): DecideSettings {
  const isAskedFor = spec.minReplicas === 0 || status.conditions.some(({ type }) => type === scaledToZeroType);
  if (kind !== 'HeadroomAutoscaler' || !isAskedFor) return settings;
  return { ...settings, featureGates: { ...settings.featureGates, HPAScaleToZero: true } };
}

/** The scale of the target. The stage that failed tells the error's kind apart, as its words in status and log differ. */
async function observeTarget(
  scales: GatherDeps['scales'],
  { namespace, spec }: Autoscaler,
  signal?: AbortSignal,
): Promise<TargetObservation> {
  try {
    return { kind: 'found', scale: await scales.getScale(spec.scaleTargetRef, namespace, signal) };
  } catch (error) {
    const code = error instanceof HeadroomError ? error.code : undefined;
    const early = code === 'OBJECT_INVALID' ? 'parse-api-version' : 'map-kind';
    const stage = code === 'OBJECT_INVALID' || code === 'KIND_UNKNOWN' ? early : 'get-scale';
    return { kind: 'failed', stage, message: errorMessage(error) };
  }
}

function selectPods({ targets, targetPods }: GatherDeps, autoscaler: Autoscaler, scale: ScaleView): Selection {
  const rivals = targets.rivals(autoscaler);
  const { namespace, spec } = autoscaler;
  if (rivals.length === 0) return targetPods.of(autoscalerKey(autoscaler), namespace, scale);
  const message = describeRefusal({ ...spec.scaleTargetRef, namespace }, [autoscaler, ...rivals]);
  return { matcher: nothing, pods: [], selector: { kind: 'refused', message } };
}

/** Out of bounds or at zero, the replicas alone decide, and no metric is asked for. */
function needsMetrics(observation: Observation, scale: ScaleView): boolean {
  const { currentReplicas, minReplicas, wasScaledToZero } = beginSync(observation, scale, undefined, 0);
  const { maxReplicas, metrics } = observation.autoscaler.spec;
  return routeByReplicas({ currentReplicas, minReplicas, maxReplicas, metrics, wasScaledToZero }).kind === 'metrics';
}

interface TimedReading {
  readonly reading: MetricReading;
  readonly seconds: number;
}

/** One reading for each metric, in order. Of the pods' samples each metric of a resource reads what is stored now. */
async function readMetrics(
  deps: GatherDeps,
  { namespace, spec }: Autoscaler,
  { matcher, pods }: Pick<Selection, 'matcher' | 'pods'>,
  signal?: AbortSignal,
): Promise<{ readonly readings: readonly TimedReading[]; readonly sampled: SampleSpan | undefined }> {
  const readings: TimedReading[] = [];
  let sampled: SampleSpan | undefined;
  for (const metric of spec.metrics) {
    const startMs = deps.clock.monotonic();
    let reading: MetricReading;
    if (isResource(metric)) {
      const read = readResource(pods, deps.metrics, resourceQuestion(metric));
      reading = read.reading;
      sampled = union(sampled, read.sampled);
    } else reading = await readFromApi(deps.customMetrics, namespace, metric, matcher, signal);
    readings.push({ reading, seconds: (deps.clock.monotonic() - startMs) / 1000 });
  }
  return { readings, sampled };
}

function union(one: SampleSpan | undefined, other: SampleSpan | undefined): SampleSpan | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return {
    oldestMs: Math.min(one.oldestMs, other.oldestMs),
    newestMs: Math.max(one.newestMs, other.newestMs),
  };
}

type ResourceSpec = Extract<MetricSpec, { readonly type: 'Resource' | 'ContainerResource' }>;

function isResource(metric: MetricSpec): metric is ResourceSpec {
  return metric.type === 'Resource' || metric.type === 'ContainerResource';
}

function resourceQuestion(metric: ResourceSpec): { resource: string; container: string | undefined } {
  return { resource: metric.resource, container: metric.type === 'ContainerResource' ? metric.container : undefined };
}

async function readFromApi(
  customMetrics: CustomMetrics,
  namespace: string,
  metric: Exclude<MetricSpec, ResourceSpec>,
  matcher: LabelMatcher,
  signal?: AbortSignal,
): Promise<MetricReading> {
  // decide has its own words for a type that it does not know.
  if (metric.type === 'Unknown') return { kind: 'failed', message: '' };
  return customMetrics.read(namespace, metric, matcher, signal);
}
