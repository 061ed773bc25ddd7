// Pure: recommendation windows, which keep replicas from following every turn of the load. docs/decision-math.md step 6.
import type { EffectiveBehavior } from './behavior.ts';
import { recordRecommendation } from './history.ts';
import type { Decision, Recommendation } from './types.ts';

export interface StabilizationQuestion {
  readonly currentReplicas: number;
  /** The raw recommendation of this decision. */
  readonly proposedReplicas: number;
  readonly recommendations: readonly Recommendation[];
  readonly nowMs: number;
}

export interface Stabilized {
  readonly working: NonNullable<Decision['stabilization']>;
  /** With this decision's own recommendation recorded. */
  readonly recommendations: readonly Recommendation[];
}

/** 6.2: without behavior, the highest recommendation of the window; one exactly as old as the window still counts. */
export function stabilizeWithoutBehavior(question: StabilizationQuestion, windowMs: number): Stabilized {
  const { proposedReplicas, recommendations, nowMs } = question;
  const cutoffMs = nowMs - windowMs;
  const highest = findHighest(proposedReplicas, recommendations, ({ atMs }) => atMs >= cutoffMs);
  const isHeld = highest.replicas !== proposedReplicas;
  const reason = isHeld ? 'ScaleDownStabilized' : 'ReadyForNewScale';
  const outdatedIndex = recommendations.findLastIndex(({ atMs }) => atMs < cutoffMs);
  return {
    working: { replicas: highest.replicas, reason, ...holder(isHeld ? highest.by : undefined, windowMs) },
    recommendations: recordRecommendation(recommendations, outdatedIndex, { replicas: proposedReplicas, atMs: nowMs }),
  };
}

/** 6.3: with behavior, current replicas moved into the bounds of both windows; one exactly as old as a window is out. */
export function stabilizeWithBehavior(question: StabilizationQuestion, behavior: EffectiveBehavior): Stabilized {
  const { currentReplicas, proposedReplicas, recommendations, nowMs } = question;
  const upWindowMs = behavior.scaleUp.stabilizationWindowMs;
  const downWindowMs = behavior.scaleDown.stabilizationWindowMs;
  const upCutoffMs = nowMs - upWindowMs;
  const downCutoffMs = nowMs - downWindowMs;
  const lowest = findLowest(proposedReplicas, recommendations, ({ atMs }) => atMs > upCutoffMs);
  const highest = findHighest(proposedReplicas, recommendations, ({ atMs }) => atMs > downCutoffMs);
  const replicas = Math.min(Math.max(currentReplicas, lowest.replicas), highest.replicas);
  const held =
    replicas < proposedReplicas
      ? holder(lowest.by, upWindowMs)
      : holder(replicas > proposedReplicas ? highest.by : undefined, downWindowMs);
  const outdatedIndex = recommendations.findLastIndex(({ atMs }) => atMs < upCutoffMs && atMs < downCutoffMs);
  return {
    working: { replicas, reason: reasonOf(replicas, question), ...held },
    recommendations: recordRecommendation(recommendations, outdatedIndex, { replicas: proposedReplicas, atMs: nowMs }),
  };
}

/** 6.5: the words follow the raw recommendation, not the direction in which replicas go. */
function reasonOf(replicas: number, question: StabilizationQuestion): Stabilized['working']['reason'] {
  const { proposedReplicas, currentReplicas } = question;
  if (replicas === proposedReplicas) return 'ReadyForNewScale';
  return proposedReplicas >= currentReplicas ? 'ScaleUpStabilized' : 'ScaleDownStabilized';
}

/** A bound and the recommendation that made it: of equal ones the latest, which stays longest. undefined: the proposal itself. */
interface WindowBound {
  readonly replicas: number;
  readonly by: Recommendation | undefined;
}

type InWindow = (recommendation: Recommendation) => boolean;

function findHighest(proposed: number, recommendations: readonly Recommendation[], isInWindow: InWindow): WindowBound {
  return findBound(proposed, recommendations.filter(isInWindow), (a, b) => a - b);
}

function findLowest(proposed: number, recommendations: readonly Recommendation[], isInWindow: InWindow): WindowBound {
  return findBound(proposed, recommendations.filter(isInWindow), (a, b) => b - a);
}

/** `beyond(a, b)` is positive when `a` lies further out than `b`. */
function findBound(
  proposed: number,
  recommendations: readonly Recommendation[],
  beyond: (a: number, b: number) => number,
): WindowBound {
  let bound: WindowBound = { replicas: proposed, by: undefined };
  for (const candidate of recommendations) {
    const distance = beyond(candidate.replicas, bound.replicas);
    const isLaterEqual = distance === 0 && bound.by !== undefined && candidate.atMs > bound.by.atMs;
    if (distance > 0 || isLaterEqual) bound = { replicas: candidate.replicas, by: candidate };
  }
  return bound;
}

function holder(
  heldBy: Recommendation | undefined,
  windowMs: number,
): Pick<Stabilized['working'], 'heldBy' | 'heldUntilMs'> {
  return { heldBy, heldUntilMs: heldBy === undefined ? undefined : heldBy.atMs + windowMs };
}
