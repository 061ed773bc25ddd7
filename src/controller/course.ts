// Pure: what to do with a decision that was made just now. decide says what is right; this says whether it is time. docs/autoscaling.md 3.
import { stepMsOf } from '../lib/phase.ts';
import type { Decision, DecisionKind } from './decide/types.ts';

export type Course =
  /** Make it true and remember it. */
  | 'commit'
  /** Replicas should change, but not yet: ask again at `deferredUntilMs`. */
  | 'defer'
  /** A look between two syncs that found nothing to do: as if it had never been. */
  | 'discard'
  /** The program is too young to know the usage of the pods: say nothing yet. */
  | 'wait-for-metrics';

/** What is known of an autoscaler besides the decision. */
export interface CourseConditions {
  /** A whole sync is due: the period is over, or the autoscaler is new or changed. Otherwise a sample or the target called. */
  readonly isDue: boolean;
  /** It is the sync of its period. */
  readonly isPeriodic: boolean;
  /** The last decision that was committed; undefined: none. */
  readonly lastKind: DecisionKind | undefined;
  /** The last change of replicas was refused: by an admission webhook, for want of rights. Samples must not repeat it every second. */
  readonly isRefused: boolean;
  /** When replicas were last changed, of slow writes their end; undefined: never. */
  readonly lastScaleAtMs: number | undefined;
  readonly syncPeriodMs: number;
  /** False for a follower, which remembers what it would have decided, in step with the syncs, and writes nothing. */
  readonly mayWrite: boolean;
  /** It wanted to write before and had to wait for its turn, which may be now. */
  readonly isInLine: boolean;
  /** Until then the program is too young to know the usage of all pods. */
  readonly warmUpUntilMs: number;
}

/**
 * Replicas change at most once per sync period, so that limits which upstream applies per sync keep their meaning. Between syncs only good news
 * count: replicas that should change now, and an autoscaler that works again. Bad news wait for the sync, as they would upstream.
 */
export function chooseCourse(conditions: CourseConditions, decision: Decision): Course {
  const { isDue, mayWrite, warmUpUntilMs } = conditions;
  if (decision.kind === 'metrics-failed' && decision.atMs < warmUpUntilMs) return 'wait-for-metrics';
  if (decision.kind === 'scale' && mayWrite && isTooEarly(conditions, decision)) return 'defer';
  if (mayWrite && isForThePeriod(conditions, decision)) return isDue ? 'defer' : 'discard';
  if (isDue) return 'commit';
  return mayWrite && isGoodNews(conditions, decision) ? 'commit' : 'discard';
}

/** The sync of a period may begin a step less than a period after the one before it, which may have been late; who was called from the line was due before. */
function isTooEarly(conditions: CourseConditions, decision: Decision): boolean {
  const { isPeriodic, isInLine, syncPeriodMs } = conditions;
  const slackMs = isPeriodic || isInLine ? stepMsOf(syncPeriodMs) : 0;
  return nextScaleAtMs(conditions, decision) - slackMs > decision.atMs;
}

/**
 * Replicas that nothing but a window asks for are left to the sync of the period. They are no news, and a window that is asked earlier, and so once
 * more often than upstream would, could go one step further with what it remembers. Who is in line was due in a period, and did not go then.
 */
function isForThePeriod(
  { isPeriodic, isInLine }: CourseConditions,
  { kind, stabilization, proposedReplicas }: Decision,
): boolean {
  return (
    kind === 'scale' &&
    !isPeriodic &&
    !isInLine &&
    stabilization !== undefined &&
    stabilization.replicas !== proposedReplicas
  );
}

/** When to ask again after `defer`. Infinity: not before the next sync that is due. */
export function deferredUntilMs(conditions: CourseConditions, decision: Decision): number {
  const untilMs = nextScaleAtMs(conditions, decision);
  return untilMs > decision.atMs ? untilMs : Number.POSITIVE_INFINITY;
}

function isGoodNews({ lastKind, isRefused }: CourseConditions, { kind }: Decision): boolean {
  if (kind === 'scale') return !isRefused;
  return kind === 'hold' && lastKind !== 'hold' && lastKind !== 'scale';
}

/**
 * When replicas may change again. A last change more than a period in the future says nothing: a clock was set back, or another machine's is wrong.
 * Counting it as now would keep replicas as they are until the clock gets there.
 */
export function nextScaleAtMs(
  { lastScaleAtMs, syncPeriodMs }: Pick<CourseConditions, 'lastScaleAtMs' | 'syncPeriodMs'>,
  { atMs }: Pick<Decision, 'atMs'>,
): number {
  if (lastScaleAtMs === undefined || lastScaleAtMs > atMs + syncPeriodMs) return 0;
  return lastScaleAtMs + syncPeriodMs;
}
