// Pure: a decision in words: the numbers in the order in which they led to it.
import type { DecisionRecord, MetricRecord } from './decision-record.ts';

export interface ExplainContext {
  /** spec.metrics[0].resource.target.averageUtilization of the autoscaler. */
  readonly targetPercent: number;
  /** spec.behavior.scaleDown.stabilizationWindowSeconds of the autoscaler. */
  readonly stabilizationSeconds: number;
  /** A wall-clock time as the reader sees time. */
  readonly formatTime: (atMs: number) => string;
}

/** One line: `cpu 250 % of request, target 50 %: 1 pod × 5.00 → 5`. For autoscalers on one resource's utilization. */
export function explainDecision(decision: DecisionRecord, context: ExplainContext): string {
  const metric = decision.metrics[0];
  if (metric === undefined) return 'replicas are outside of their bounds, whatever the metrics say';
  if (metric.failed !== undefined) return `cannot tell: ${metric.failed}`;
  const steps = [
    explainMetric(decision, metric, context),
    explainStabilization(decision, context),
    explainLimit(decision),
  ];
  return steps.filter((step) => step !== '').join('; ');
}

function explainMetric(decision: DecisionRecord, metric: MetricRecord, context: ExplainContext): string {
  const { rule, usageRatio = 1, adjustedRatio = usageRatio, tolerance, pods } = metric;
  const measured = describeUsage(metric, context);
  switch (rule) {
    case 'within-tolerance':
      return `${measured}, within ${Math.round(((tolerance?.to ?? 1) - 1) * 100)} % of it`;
    case 'ready-pods':
      return `${measured}: ${count(pods.ready)} × ${usageRatio.toFixed(2)} → ${decision.proposed}`;
    case 'all-pods':
      return `${measured}: ${count(countedPods(metric))} × ${adjustedRatio.toFixed(2)} → ${decision.proposed}`;
    case 'ratio-turned':
    case 'replicas-turned':
      return `${measured}: too little known to act on`;
    case undefined:
    default:
      return measured;
  }
}

/** Usage over request is what the ratio was made from; with pods that had to be filled in, both are told. */
function describeUsage(metric: MetricRecord, { targetPercent }: ExplainContext): string {
  const { name, usageRatio, adjustedRatio } = metric;
  const resource = name.split(' ', 1)[0] ?? '';
  if (usageRatio === undefined) return resource;
  const percent = (ratio: number): string => `${Math.round(ratio * targetPercent)} %`;
  const unknown = countedPods(metric) - metric.pods.ready;
  const filled =
    adjustedRatio === undefined || unknown === 0
      ? ''
      : ` (${percent(adjustedRatio)} with ${unknown} unmeasured as ${usageRatio > 1 ? 'idle' : 'busy'})`;
  return `${resource} ${percent(usageRatio)} of request${filled}, target ${targetPercent} %`;
}

/** Pods without a sample take part; pods that are not ready do so on the way up only. */
function countedPods({ pods, usageRatio = 1 }: MetricRecord): number {
  return pods.ready + pods.missing + (usageRatio > 1 ? pods.unready : 0);
}

function explainStabilization(decision: DecisionRecord, { stabilizationSeconds, formatTime }: ExplainContext): string {
  const { proposed, stabilized, heldByReplicas, heldUntilMs } = decision;
  if (stabilized !== proposed && heldByReplicas !== undefined && heldUntilMs !== undefined) {
    return `held at ${stabilized} until ${formatTime(heldUntilMs)}, when the last ${heldByReplicas} leaves its window`;
  }
  const hasComeDown = decision.hasChanged && decision.to < decision.from;
  return hasComeDown ? `nothing higher in the last ${stabilizationSeconds} s` : '';
}

function explainLimit({ limit, allowed, stabilized, to }: DecisionRecord): string {
  if (stabilized === to || allowed === undefined) return '';
  switch (limit) {
    case 'TooFewReplicas':
      return `minReplicas is ${allowed.lowest}`;
    case 'TooManyReplicas':
      return `maxReplicas is ${allowed.highest}`;
    case 'ScaleUpLimit':
      return `policies allow ${allowed.highest} now`;
    case 'ScaleDownLimit':
      return `policies allow ${allowed.lowest} now`;
    case undefined:
    default:
      return '';
  }
}

function count(pods: number): string {
  return pods === 1 ? '1 pod' : `${pods} pods`;
}
