// Pure: AutoscalerStatus -> the `status` of an autoscaling/v2 object, as a JSON merge patch: what is absent is an explicit null, so that the patch removes it.
import { formatBinaryMilli, formatDecimalMilli } from '../lib/quantity.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import type { JsonObject } from './json-node.ts';
import { metricSources } from './metric-sources.ts';
import type {
  AutoscalerStatus,
  Condition,
  MetricIdentifier,
  MetricStatus,
  MetricValueStatus,
  ObjectReference,
  PrintedColumns,
} from './types.ts';

/**
 * The status for a merge patch. Lists are replaced whole by such a patch, so inside them absent fields are left out. A failed metric is the entry
 * `{"type":""}` that upstream leaves (docs/autoscaling.md 1.5).
 */
export function renderStatus(status: AutoscalerStatus): JsonObject {
  return {
    observedGeneration: status.observedGeneration ?? null,
    lastScaleTime: status.lastScaleAtMs === undefined ? null : formatTimeSeconds(status.lastScaleAtMs),
    currentReplicas: status.currentReplicas,
    desiredReplicas: status.desiredReplicas,
    currentMetrics: status.currentMetrics?.map(renderMetricStatus) ?? null,
    conditions: status.conditions.map(renderCondition),
  };
}

/** The status of an HRA: also holds the columns that `kubectl get hra` shows. */
export function renderHeadroomStatus(status: AutoscalerStatus, printed: PrintedColumns): JsonObject {
  return { ...renderStatus(status), reference: printed.reference, targets: printed.targets };
}

/** A quantity as a status shows it: memory in BinarySI, everything else in DecimalSI (docs/autoscaling.md 1.5). */
export function formatMilli(milli: bigint, resource: string): string {
  return resource === 'memory' ? formatBinaryMilli(milli) : formatDecimalMilli(milli);
}

function renderMetricStatus(metric: MetricStatus): JsonObject {
  if (metric.type === 'Failed') return { type: '' };
  return { type: metric.type, [metricSources[metric.type]]: renderSource(metric) };
}

function renderSource(metric: Exclude<MetricStatus, { readonly type: 'Failed' }>): JsonObject {
  if ('resource' in metric) {
    const resource = { name: metric.resource, current: renderCurrent(metric.current, metric.resource) };
    return metric.type === 'ContainerResource' ? { ...resource, container: metric.container } : resource;
  }
  const named = { metric: renderIdentifier(metric.metric), current: renderCurrent(metric.current, '') };
  return metric.type === 'Object' ? { ...named, describedObject: renderReference(metric.describedObject) } : named;
}

function renderReference({ apiVersion, kind, name }: ObjectReference): JsonObject {
  return apiVersion === '' ? { kind, name } : { kind, name, apiVersion };
}

function renderCurrent(current: MetricValueStatus, resource: string): JsonObject {
  const { valueMilli, averageValueMilli, averageUtilization } = current;
  return {
    ...(valueMilli !== undefined && { value: formatMilli(valueMilli, resource) }),
    ...(averageValueMilli !== undefined && { averageValue: formatMilli(averageValueMilli, resource) }),
    ...(averageUtilization !== undefined && { averageUtilization }),
  };
}

function renderIdentifier({ name, selector }: MetricIdentifier): JsonObject {
  // An undefined member is left out by JSON.stringify, in a selector too.
  return selector === undefined ? { name } : { name, selector };
}

function renderCondition(condition: Condition): JsonObject {
  const { type, status, reason, message, lastTransitionAtMs } = condition;
  return {
    type,
    status,
    ...(lastTransitionAtMs !== undefined && { lastTransitionTime: formatTimeSeconds(lastTransitionAtMs) }),
    ...(reason !== '' && { reason }),
    ...(message !== '' && { message }),
  };
}
