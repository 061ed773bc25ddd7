// Pure: what each metric proposes, which proposal wins, and when failed metrics hold a scale-down. docs/decision-math.md steps 4 and 5.
import type { MetricSpec } from '../../crd/types.ts';
import type { MetricFailure } from './metric-failures.ts';
import { failedMetric, type ProposalContext } from './metric-workings.ts';
import { proposeForPods, proposeForResource } from './pod-metrics.ts';
import type { MetricReading, MetricWorking } from './types.ts';
import { proposeForExternal, proposeForObject } from './value-metrics.ts';

/** Step 4: evaluates one entry of spec.metrics. A reading that does not belong to the metric counts as not read. */
export function proposeForMetric(
  spec: MetricSpec,
  reading: MetricReading | undefined,
  context: ProposalContext,
): MetricWorking {
  switch (spec.type) {
    case 'Resource':
    case 'ContainerResource':
      return proposeForResource(spec, reading, context);
    case 'Pods':
      return proposeForPods(spec, reading, context);
    case 'Object':
      return proposeForObject(spec, reading, context);
    case 'External':
      return proposeForExternal(spec, reading, context);
    case 'Unknown':
      return failedMetric(spec, { kind: 'target', message: '' });
  }
}

/** What all metrics say together. */
export interface CombinedProposals {
  /** The largest proposal; 0 when there is none. */
  readonly replicas: number;
  /** Index of the metric that made it; undefined when there is none. */
  readonly winner: number | undefined;
  /** How many metrics failed, and the first failure; undefined when none failed. */
  readonly error: string | undefined;
  /** Set when nothing may be decided. */
  readonly block: ProposalBlock | undefined;
}

/** No metric worked, or some failed and the others would scale down. */
export interface ProposalBlock {
  /** Of the first metric that failed. */
  readonly failure: MetricFailure;
  readonly error: string;
}

/** Step 5: the largest proposal wins. */
export function combineProposals(metrics: readonly MetricWorking[], currentReplicas: number): CombinedProposals {
  let replicas = 0;
  let winner: number | undefined;
  let failures = 0;
  let failure: MetricFailure | undefined;
  for (const [index, { outcome }] of metrics.entries()) {
    if (outcome.kind === 'failed') {
      failures++;
      failure ??= outcome;
      continue;
    }
    // 5.1: 0 gives way to anything, so of several zeros the last names the metric.
    if (replicas === 0 || outcome.replicas > replicas) {
      replicas = outcome.replicas;
      winner = index;
    }
  }
  if (failure === undefined) return { replicas, winner, error: undefined, block: undefined };

  // 5.2: a metric that failed might have asked for more, so the others may only hold or scale up.
  const error = `invalid metrics (${failures} invalid out of ${metrics.length}), first error is: ${failure.outer}`;
  const isBlocked = failures === metrics.length || replicas < currentReplicas;
  return { replicas, winner, error, block: isBlocked ? { failure, error } : undefined };
}
