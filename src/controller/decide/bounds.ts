// Pure: min, max and rate: how far replicas may go in this decision. docs/decision-math.md steps 2 and 7.
import type { MetricSpec } from '../../crd/types.ts';
import { toInt32 } from '../../lib/go-numbers.ts';
import type { LimitReason } from './conditions.ts';

/** What the current replicas alone say. */
export type ReplicasRoute =
  /** 0 replicas, and not because an autoscaler wanted it. */
  | { readonly kind: 'disabled' }
  /** Outside min and max: back to the bound, whatever the metrics say. */
  | { readonly kind: 'bound'; readonly replicas: number; readonly reason: string }
  /** Within bounds: metrics decide. */
  | { readonly kind: 'metrics' };

export interface RouteQuestion {
  readonly currentReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly metrics: readonly MetricSpec[];
  /** This autoscaler scaled the target to zero itself, and the gate HPAScaleToZero is on. */
  readonly wasScaledToZero: boolean;
}

export const belowMinReplicas = 'Current number of replicas below Spec.MinReplicas';
const aboveMaxReplicas = 'Current number of replicas above Spec.MaxReplicas';

/** Step 2: the first that fits. */
export function routeByReplicas(question: RouteQuestion): ReplicasRoute {
  const { currentReplicas, minReplicas, maxReplicas, wasScaledToZero } = question;
  if (currentReplicas === 0) {
    // 2.2: only who went to zero by itself leaves it.
    const canLeaveZero = wasScaledToZero && (minReplicas !== 0 || hasObjectOrExternal(question.metrics));
    return { kind: canLeaveZero ? 'metrics' : 'disabled' };
  }
  // 2.3: back within bounds at once.
  if (currentReplicas > maxReplicas) return { kind: 'bound', replicas: maxReplicas, reason: aboveMaxReplicas };
  if (currentReplicas < minReplicas) return { kind: 'bound', replicas: minReplicas, reason: belowMinReplicas };
  // 2.4
  return { kind: 'metrics' };
}

/** Only these metrics have a value while there are no pods. */
export function hasObjectOrExternal(metrics: readonly MetricSpec[]): boolean {
  return metrics.some(({ type }) => type === 'Object' || type === 'External');
}

export interface LimitQuestion {
  readonly currentReplicas: number;
  readonly stabilizedReplicas: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

export interface Limited {
  readonly replicas: number;
  readonly reason: LimitReason;
  readonly lowest: number;
  readonly highest: number;
}

/** 7.1: without behavior, at most twice the current replicas, but always up to 4. */
export function limitWithoutBehavior(question: LimitQuestion): Limited {
  const { currentReplicas, stabilizedReplicas, minReplicas: lowest, maxReplicas } = question;
  const rateLimit = toInt32(Math.max(2 * currentReplicas, 4));
  const isRateLower = maxReplicas > rateLimit;
  const highest = isRateLower ? rateLimit : maxReplicas;
  if (stabilizedReplicas < lowest) return { replicas: lowest, reason: 'TooFewReplicas', lowest, highest };
  if (stabilizedReplicas > highest) {
    return { replicas: highest, reason: isRateLower ? 'ScaleUpLimit' : 'TooManyReplicas', lowest, highest };
  }
  return { replicas: stabilizedReplicas, reason: 'DesiredWithinRange', lowest, highest };
}

/** 7.2: with behavior, only the bound that lies in the direction of the change applies. */
export function limitWithBehavior(
  question: LimitQuestion,
  policyLimits: { readonly up: number; readonly down: number },
): Limited {
  const { currentReplicas, stabilizedReplicas, minReplicas, maxReplicas } = question;
  // A budget that is overspent stops the change; it does not turn it around.
  const up = Math.max(policyLimits.up, currentReplicas);
  const down = Math.min(policyLimits.down, currentReplicas);
  const highest = Math.min(maxReplicas, up);
  const lowest = Math.max(minReplicas, down);
  if (stabilizedReplicas > currentReplicas && stabilizedReplicas > highest) {
    return { replicas: highest, reason: maxReplicas > up ? 'ScaleUpLimit' : 'TooManyReplicas', lowest, highest };
  }
  if (stabilizedReplicas < currentReplicas && stabilizedReplicas < lowest) {
    return { replicas: lowest, reason: minReplicas < down ? 'ScaleDownLimit' : 'TooFewReplicas', lowest, highest };
  }
  return { replicas: stabilizedReplicas, reason: 'DesiredWithinRange', lowest, highest };
}
