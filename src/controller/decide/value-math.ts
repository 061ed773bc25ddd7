// Pure: from the one value of an Object or External metric to proposed replicas. docs/decision-math.md steps 4.7 to 4.9.
import { toInt32, toInt64, wrapInt64 } from '../../lib/go-numbers.ts';
import type { PodView } from '../../lib/views.ts';
import { isWithin, type ToleranceBand } from './tolerance.ts';
import type { ProposalRule } from './types.ts';

const maxInt32 = 2_147_483_647;
const maxInt64 = 2n ** 63n - 1n;
const twoTo63 = 2 ** 63;

export interface ValueProposal {
  readonly kind: 'proposal';
  readonly replicas: number;
  readonly rule: ProposalRule;
  readonly multiplier: number | undefined;
  readonly usageRatio: number;
}

/** `message` is the E text of step 4.12. */
export type ValueOutcome = ValueProposal | { readonly kind: 'failed'; readonly message: string };

export interface ValueQuestion {
  readonly usageMilli: bigint;
  readonly targetMilli: bigint;
  readonly currentReplicas: number;
  readonly pods: readonly PodView[];
  readonly band: ToleranceBand;
}

/** 4.7: a target for the value as a whole scales the ready pods by usage over target. */
export function proposeFromValue(question: ValueQuestion): ValueOutcome {
  const { currentReplicas, pods } = question;
  const usageRatio = Number(question.usageMilli) / Number(question.targetMilli);
  if (currentReplicas === 0) {
    const replicas = toInt32(Math.ceil(usageRatio));
    return { kind: 'proposal', replicas, rule: 'usage-over-target', multiplier: undefined, usageRatio };
  }
  if (isWithin(question.band, usageRatio)) {
    const rule = 'within-tolerance';
    return { kind: 'proposal', replicas: currentReplicas, rule, multiplier: undefined, usageRatio };
  }
  if (pods.length === 0) {
    const cause = 'no pods returned by selector while calculating replica count';
    return { kind: 'failed', message: `unable to calculate ready pods: ${cause}` };
  }
  const readyPods = countReadyPods(pods);
  const exact = usageRatio * readyPods;
  const replicas = exact > maxInt32 ? maxInt32 : toInt32(Math.ceil(exact));
  return { kind: 'proposal', replicas, rule: 'ready-pods', multiplier: readyPods, usageRatio };
}

/** Pods that are being deleted count too, unlike in metrics that are per pod. */
function countReadyPods(pods: readonly PodView[]): number {
  let count = 0;
  for (const pod of pods) if (pod.phase === 'Running' && pod.ready?.status === 'True') count++;
  return count;
}

export interface AverageValueQuestion {
  readonly usageMilli: bigint;
  /** Per replica. */
  readonly targetMilli: bigint;
  /** Replicas that the target's status reports, which may differ from those asked for. */
  readonly statusReplicas: number;
  readonly band: ToleranceBand;
  /** External metrics have guards against overflow, Object metrics have none. */
  readonly isExternal: boolean;
}

/** 4.8: a target per replica divides the value by it; pods are not looked at. */
export function proposeFromAverageValue(question: AverageValueQuestion): ValueProposal & { averageMilli: bigint } {
  const { statusReplicas, isExternal } = question;
  const usage = Number(question.usageMilli);
  const target = Number(question.targetMilli);
  const usageRatio = usage / (target * statusReplicas);
  const averageMilli = isExternal && usage >= twoTo63 ? maxInt64 : toInt64(Math.ceil(usage / statusReplicas));
  const common = { kind: 'proposal', multiplier: undefined, usageRatio, averageMilli } as const;
  if (isWithin(question.band, usageRatio)) return { ...common, replicas: statusReplicas, rule: 'within-tolerance' };

  const exact = Math.ceil(usage / target);
  const replicas = isExternal && exact > maxInt32 ? maxInt32 : toInt32(exact);
  return { ...common, replicas, rule: 'usage-over-target' };
}

/** 4.9.1: stops at the largest int64 instead of passing it; sums below the smallest wrap. */
export function sumForValue(valuesMilli: readonly bigint[]): bigint {
  let sumMilli = 0n;
  for (const value of valuesMilli) {
    if (sumMilli > maxInt64 - value) return maxInt64;
    sumMilli = wrapInt64(sumMilli + value);
  }
  return sumMilli;
}

/** 4.9.2: takes any negative sum on the way for an overflow, and so for the largest int64. */
export function sumForAverageValue(valuesMilli: readonly bigint[]): bigint {
  let sumMilli = 0n;
  for (const value of valuesMilli) {
    sumMilli = wrapInt64(sumMilli + value);
    if (sumMilli < 0n) return maxInt64;
  }
  return sumMilli;
}
