// Pure: what a metric that is per pod (Resource, ContainerResource, Pods) proposes. docs/decision-math.md steps 4.2 to 4.6.
import type { MetricSpec } from '../../crd/types.ts';
import { failedMetric, faultOfReading, type ProposalContext, proposedMetric } from './metric-workings.ts';
import { type GroupedPods, groupPods } from './pod-groups.ts';
import { proposeFromPods } from './replica-math.ts';
import { createRequestReader } from './requests.ts';
import type { MetricReading, MetricWorking } from './types.ts';
import type { PodTarget } from './utilization.ts';

type PodsSpec = Extract<MetricSpec, { type: 'Pods' }>;
type ResourceSpec = Extract<MetricSpec, { type: 'Resource' | 'ContainerResource' }>;

export function proposeForResource(
  spec: ResourceSpec,
  reading: MetricReading | undefined,
  context: ProposalContext,
): MetricWorking {
  const target = resourceTarget(spec);
  if (target === undefined) {
    const cause = 'neither an average utilization target nor an average value (usage) target was set';
    return failedMetric(spec, { kind: 'target', message: `invalid resource metric source: ${cause}` });
  }
  if (reading?.kind !== 'pods') return failedMetric(spec, faultOfReading(reading));

  const { settings, nowMs } = context;
  const { resource } = spec;
  const readiness = resource === 'cpu' ? { settings, nowMs } : undefined;
  const container = spec.type === 'ContainerResource' ? spec.container : '';
  const podLevelResources = settings.featureGates.PodLevelResources;
  const requestOf =
    target.kind === 'utilization' ? createRequestReader({ resource, container, podLevelResources }) : undefined;
  const grouped = groupPods(context.pods, reading.metrics, { readiness, requestOf });
  return conclude(spec, grouped, target, context);
}

export function proposeForPods(
  spec: PodsSpec,
  reading: MetricReading | undefined,
  context: ProposalContext,
): MetricWorking {
  const { averageValueMilli } = spec.target;
  if (reading?.kind !== 'pods') return failedMetric(spec, faultOfReading(reading));
  if (averageValueMilli === undefined) {
    // The API server admits no such metric; kube-controller-manager would panic here.
    const message = 'invalid pods metric source: no average value target was set';
    return failedMetric(spec, { kind: 'target', message });
  }
  const grouped = groupPods(context.pods, reading.metrics, {});
  return conclude(spec, grouped, { kind: 'average', milli: averageValueMilli }, context);
}

/** Which field is set decides; the target's type is not looked at. */
function resourceTarget({ target }: ResourceSpec): PodTarget | undefined {
  if (target.averageValueMilli !== undefined) return { kind: 'average', milli: target.averageValueMilli };
  if (target.averageUtilization !== undefined) return { kind: 'utilization', percent: target.averageUtilization };
  return undefined;
}

function conclude(
  spec: PodsSpec | ResourceSpec,
  grouped: GroupedPods,
  target: PodTarget,
  context: ProposalContext,
): MetricWorking {
  const { band, currentReplicas } = context;
  const pods = { pods: grouped.workings, toleranceBand: band, strayMetrics: grouped.strays.count };
  const outcome = proposeFromPods(grouped, { target, band, currentReplicas });
  if (outcome.kind === 'failed') return failedMetric(spec, { kind: 'value', message: outcome.message }, pods);

  const { measured, totals, adjustedRatio } = outcome;
  const current = { averageValueMilli: measured.averageMilli, averageUtilization: measured.utilization };
  return proposedMetric(spec, outcome, current, {
    ...pods,
    sumUsageMilli: totals.usageMilli,
    sumRequestMilli: target.kind === 'utilization' ? totals.requestMilli : undefined,
    usageRatio: measured.usageRatio,
    adjustedRatio,
  });
}
