// Pure: how far scaling policies let replicas go, given what was changed within their periods. docs/decision-math.md step 7.3.
import type { ScalingPolicy } from '../../crd/types.ts';
import { toInt32 } from '../../lib/go-numbers.ts';
import type { EffectiveRules } from './behavior.ts';
import type { History, ScaleEvent } from './types.ts';

const maxInt32 = 2_147_483_647;
const minInt32 = -2_147_483_648;

export interface PolicyQuestion {
  readonly currentReplicas: number;
  readonly rules: EffectiveRules;
  readonly history: History;
  readonly nowMs: number;
}

/** The most replicas that the rules for scaling up allow now; less than the current ones when the budget is overspent. */
export function scaleUpLimit(question: PolicyQuestion): number {
  switch (question.rules.selectPolicy) {
    case 'Disabled':
      return question.currentReplicas;
    case 'Min':
      return foldPolicies(question, highestAllowed, Math.min, maxInt32);
    default:
      return foldPolicies(question, highestAllowed, Math.max, minInt32);
  }
}

/** The fewest replicas that the rules for scaling down allow now; more than the current ones when the budget is overspent. */
export function scaleDownLimit(question: PolicyQuestion): number {
  switch (question.rules.selectPolicy) {
    case 'Disabled':
      return question.currentReplicas;
    case 'Min':
      return foldPolicies(question, lowestAllowed, Math.max, minInt32);
    default:
      return foldPolicies(question, lowestAllowed, Math.min, maxInt32);
  }
}

/** What one policy allows from the replicas at the start of its period; undefined for a type that nobody knows. */
type PolicyLimit = (policy: ScalingPolicy, startReplicas: number) => number | undefined;

function highestAllowed({ type, value }: ScalingPolicy, startReplicas: number): number | undefined {
  if (type === 'Pods') return (startReplicas + value) | 0;
  // Rounded up: a small percentage of few replicas would never let them grow.
  if (type === 'Percent') return toInt32(Math.ceil(startReplicas * (1 + value / 100)));
  return undefined;
}

function lowestAllowed({ type, value }: ScalingPolicy, startReplicas: number): number | undefined {
  if (type === 'Pods') return (startReplicas - value) | 0;
  if (type === 'Percent') return toInt32(startReplicas * (1 - value / 100));
  return undefined;
}

function foldPolicies(
  question: PolicyQuestion,
  limitOf: PolicyLimit,
  select: (a: number, b: number) => number,
  initial: number,
): number {
  let limit = initial;
  // A policy of unknown type repeats what the one before it allowed.
  let ofPolicy = 0;
  for (const policy of question.rules.policies) {
    ofPolicy = limitOf(policy, replicasAtPeriodStart(policy, question)) ?? ofPolicy;
    limit = select(limit, ofPolicy);
  }
  return limit;
}

/** What this autoscaler changed within the period, in both directions, is undone; changes by others are not known. */
function replicasAtPeriodStart({ periodSeconds }: ScalingPolicy, question: PolicyQuestion): number {
  const { currentReplicas, history, nowMs } = question;
  const cutoffMs = nowMs - periodSeconds * 1000;
  const added = sumChangesAfter(history.scaleUpEvents, cutoffMs);
  const removed = sumChangesAfter(history.scaleDownEvents, cutoffMs);
  return (currentReplicas - added + removed) | 0;
}

function sumChangesAfter(events: readonly ScaleEvent[], cutoffMs: number): number {
  let sum = 0;
  for (const event of events) if (event.atMs > cutoffMs) sum = (sum + event.replicaChange) | 0;
  return sum;
}
