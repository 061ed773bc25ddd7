// Pure: Decision -> the fields of its log line: all numbers that led to it.
import type { LogFields } from '../lib/logger.ts';
import { describeAutoscaler } from './autoscaler-key.ts';
import type { Decision, MetricWorking, Observation, PodGroup, PodWorking } from './decide/types.ts';

/** Whose decision it is. */
export function decisionSubject({ autoscaler }: Observation): LogFields {
  const { kind, name } = autoscaler.spec.scaleTargetRef;
  return { autoscaler: describeAutoscaler(autoscaler), target: `${kind}/${name}` };
}

/** What was decided and why. Milli-units are texts: they may exceed what a JSON number holds. */
export function decisionFields(decision: Decision): LogFields {
  const { stabilization, limits } = decision;
  return {
    from: decision.currentReplicas,
    to: decision.desiredReplicas,
    reason: decision.rescaleReason,
    proposed: decision.proposedReplicas,
    stabilized: stabilization?.replicas,
    stabilization: stabilization?.reason,
    heldByReplicas: stabilization?.heldBy?.replicas,
    heldUntilMs: stabilization?.heldUntilMs,
    limit: limits?.reason,
    allowed: limits === undefined ? undefined : [limits.lowest, limits.highest],
    metrics: decision.metrics.map(metricFields),
  };
}

function metricFields(metric: MetricWorking): LogFields {
  const { name, outcome, toleranceBand } = metric;
  if (outcome.kind === 'failed') return { name, failed: outcome.inner };
  return {
    name,
    proposed: outcome.replicas,
    rule: metric.rule,
    usageMilli: metric.sumUsageMilli?.toString(),
    requestMilli: metric.sumRequestMilli?.toString(),
    usageRatio: metric.usageRatio,
    adjustedRatio: metric.adjustedRatio,
    tolerance: toleranceBand === undefined ? undefined : [toleranceBand.from, toleranceBand.to],
    pods: countByGroup(metric.pods),
  };
}

function countByGroup(pods: readonly PodWorking[]): Readonly<Partial<Record<PodGroup, number>>> {
  const counts: Partial<Record<PodGroup, number>> = {};
  for (const { group } of pods) counts[group] = (counts[group] ?? 0) + 1;
  return counts;
}
