// Pure: the status of an autoscaler after a decision. docs/decision-math.md step 8.1.
import type { AutoscalerStatus, MetricStatus } from '../../crd/types.ts';
import type { MetricWorking } from './types.ts';

/** 8.1: a status made anew keeps the time of the last scale and drops observedGeneration, as upstream does. */
export function renewStatus(
  before: AutoscalerStatus,
  now: Pick<AutoscalerStatus, 'currentReplicas' | 'desiredReplicas' | 'currentMetrics' | 'conditions'>,
): AutoscalerStatus {
  return { ...now, observedGeneration: undefined, lastScaleAtMs: before.lastScaleAtMs };
}

/** One entry per metric; one that failed leaves a hole. */
export function currentMetrics(metrics: readonly MetricWorking[]): readonly MetricStatus[] {
  return metrics.map(({ outcome }) => (outcome.kind === 'proposal' ? outcome.status : { type: 'Failed' }));
}
