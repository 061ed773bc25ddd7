// Pure: from grouped pods to proposed replicas. docs/decision-math.md step 4.6.
import { toInt32, wrapInt64 } from '../../lib/go-numbers.ts';
import type { GroupedPods } from './pod-groups.ts';
import { isWithin, type ToleranceBand } from './tolerance.ts';
import type { ProposalRule } from './types.ts';
import { type MeasuredUsage, measureUsage, type PodTarget, type UsageTotals } from './utilization.ts';

export interface PodProposal {
  readonly kind: 'proposal';
  readonly replicas: number;
  readonly rule: ProposalRule;
  readonly multiplier: number | undefined;
  /** Of the ready pods alone: what the status reports. */
  readonly measured: MeasuredUsage;
  readonly totals: UsageTotals;
  /** With missing and unready pods filled in; undefined when there was nothing to fill in. */
  readonly adjustedRatio: number | undefined;
}

/** `message` is the E text of step 4.12. */
export type PodOutcome = PodProposal | { readonly kind: 'failed'; readonly message: string };

export interface PodQuestion {
  readonly target: PodTarget;
  readonly band: ToleranceBand;
  readonly currentReplicas: number;
}

/** Proposes replicas for a metric that is per pod. */
export function proposeFromPods(grouped: GroupedPods, question: PodQuestion): PodOutcome {
  const { target, band, currentReplicas } = question;
  const failure = findFailure(grouped);
  if (failure !== undefined) return { kind: 'failed', message: failure };

  // 4.6.1: the pods that are ready.
  const totals = totalsOfMeasured(grouped, target);
  const measured = measureUsage(totals, target);
  if (measured === undefined) return { kind: 'failed', message: noMatch };
  const { usageRatio } = measured;
  const first = { kind: 'proposal', measured, totals, adjustedRatio: undefined } as const;

  const rule: FillIn = {
    // Exactly on target there is no direction to fill in against.
    missing: Math.abs(usageRatio - 1) > 0,
    unready: grouped.unready.count > 0 && usageRatio > 1,
  };
  if (!rule.unready && grouped.missing.count === 0) {
    if (isWithin(band, usageRatio)) return { ...first, ...stay(currentReplicas, 'within-tolerance') };
    return { ...first, ...multiply(usageRatio, grouped.ready.count, 'ready-pods') };
  }

  // 4.6.2: fill in what is not known, against the direction of the change.
  const filled = fillIn(totals, grouped, rule, { target, usageRatio });
  const adjustedRatio = measureUsage(filled, target)?.usageRatio;
  if (adjustedRatio === undefined) return { kind: 'failed', message: noMatch };
  const podsCounted = countPods(grouped, rule);
  return { ...first, adjustedRatio, ...concludeFromBoth(usageRatio, adjustedRatio, podsCounted, question) };
}

/** 4.6.3: replicas stay, unless both ratios and the replicas themselves point the same way. */
function concludeFromBoth(
  usageRatio: number,
  adjustedRatio: number,
  podsCounted: number,
  { band, currentReplicas }: PodQuestion,
): Conclusion {
  if (isWithin(band, adjustedRatio)) return stay(currentReplicas, 'within-tolerance');
  if (isOpposite(usageRatio, adjustedRatio)) return stay(currentReplicas, 'ratio-turned');
  const result = multiply(adjustedRatio, podsCounted, 'all-pods');
  const isAgainstRatio =
    (adjustedRatio < 1 && result.replicas > currentReplicas) ||
    (adjustedRatio > 1 && result.replicas < currentReplicas);
  return isAgainstRatio ? stay(currentReplicas, 'replicas-turned') : result;
}

const noMatch = 'no metrics returned matched known pods';

function findFailure(grouped: GroupedPods): string | undefined {
  if (grouped.workings.length === 0) return 'no pods returned by selector while calculating replica count';
  if (grouped.ready.count + grouped.strays.count === 0) {
    return 'did not receive metrics for targeted pods (pods might be unready)';
  }
  return grouped.requestFailure;
}

/** Strays have no request: they count in plain averages only. */
function totalsOfMeasured(grouped: GroupedPods, target: PodTarget): UsageTotals {
  const { ready, strays } = grouped;
  if (target.kind === 'utilization') {
    return { usageMilli: ready.usageMilli, requestMilli: ready.requestMilli, entries: ready.count };
  }
  return {
    usageMilli: wrapInt64(ready.usageMilli + strays.usageMilli),
    requestMilli: 0n,
    entries: ready.count + strays.count,
  };
}

/** Which groups take part although their usage is not known. */
interface FillIn {
  readonly missing: boolean;
  readonly unready: boolean;
}

/** Missing pods count as idle when scaling up and as fully used when scaling down; unready ones as idle when scaling up. */
function fillIn(
  totals: UsageTotals,
  grouped: GroupedPods,
  rule: FillIn,
  first: { readonly target: PodTarget; readonly usageRatio: number },
): UsageTotals {
  let { usageMilli, requestMilli, entries } = totals;
  if (rule.missing) {
    if (first.usageRatio < 1) usageMilli += fullUsageOfMissing(grouped, first.target);
    requestMilli += grouped.missing.requestMilli;
    entries += grouped.missing.count;
  }
  if (rule.unready) {
    requestMilli += grouped.unready.requestMilli;
    entries += grouped.unready.count;
  }
  return { usageMilli: wrapInt64(usageMilli), requestMilli: wrapInt64(requestMilli), entries };
}

/** Strays count too, also for utilization, where they have no part in the ratio. */
function countPods({ ready, strays, missing, unready }: GroupedPods, rule: FillIn): number {
  return ready.count + strays.count + (rule.missing ? missing.count : 0) + (rule.unready ? unready.count : 0);
}

/** The target itself, or for utilization: the whole request, or the target where that asks for more than the request. */
function fullUsageOfMissing(grouped: GroupedPods, target: PodTarget): bigint {
  if (target.kind === 'average') return target.milli * BigInt(grouped.missing.count);
  const percent = BigInt(Math.max(100, target.percent));
  let sumMilli = 0n;
  for (const { group, requestMilli } of grouped.workings) {
    if (group === 'missing') sumMilli += wrapInt64((requestMilli ?? 0n) * percent) / 100n;
  }
  return sumMilli;
}

/** NaN lies on no side of 1. */
function isOpposite(usageRatio: number, adjustedRatio: number): boolean {
  return (usageRatio < 1 && adjustedRatio > 1) || (usageRatio > 1 && adjustedRatio < 1);
}

type Conclusion = Pick<PodProposal, 'replicas' | 'rule' | 'multiplier'>;

function stay(currentReplicas: number, rule: ProposalRule): Conclusion {
  return { replicas: currentReplicas, rule, multiplier: undefined };
}

function multiply(usageRatio: number, pods: number, rule: ProposalRule): Conclusion {
  return { replicas: toInt32(Math.ceil(usageRatio * pods)), rule, multiplier: pods };
}
