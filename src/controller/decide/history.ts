// Pure: what is remembered of an autoscaler between decisions. docs/decision-math.md steps 1.3, 6.4 and 9.3.
//
// Both lists are bounded without ever being cut: an entry that is older than every window or period is overwritten by
// the next one, so a list holds what fits into the longest window plus one.
import type { AutoscalerStatus, Behavior, ScalingPolicy } from '../../crd/types.ts';
import type { History, Recommendation, ScaleEvent } from './types.ts';

export const emptyHistory: History = { recommendations: [], scaleUpEvents: [], scaleDownEvents: [] };

/** 1.3: an autoscaler that is seen for the first time has wanted what it finds. What lies in the future, because the clock was set back, is now. */
export function seedHistory(history: History | undefined, currentReplicas: number, nowMs: number): History {
  const known = notAfter(history ?? emptyHistory, nowMs);
  if (known.recommendations.length > 0) return known;
  return { ...known, recommendations: [{ replicas: currentReplicas, atMs: nowMs }] };
}

function notAfter(history: History, nowMs: number): History {
  const { recommendations, scaleUpEvents, scaleDownEvents } = history;
  const isLater = ({ atMs }: { readonly atMs: number }): boolean => atMs > nowMs;
  if (![recommendations, scaleUpEvents, scaleDownEvents].some((entries) => entries.some(isLater))) return history;
  const clamp = <T extends { readonly atMs: number }>(entries: readonly T[]): readonly T[] =>
    entries.map((entry) => (isLater(entry) ? { ...entry, atMs: nowMs } : entry));
  return {
    recommendations: clamp(recommendations),
    scaleUpEvents: clamp(scaleUpEvents),
    scaleDownEvents: clamp(scaleDownEvents),
  };
}

/** 6.4: in place of the outdated entry at `outdatedIndex`, or appended when there is none (-1). */
export function recordRecommendation(
  recommendations: readonly Recommendation[],
  outdatedIndex: number,
  recommendation: Recommendation,
): readonly Recommendation[] {
  return outdatedIndex < 0 ? [...recommendations, recommendation] : recommendations.with(outdatedIndex, recommendation);
}

/** 9.3: remembers a change of replicas that was written. Without behavior there are no policies that would ask for it. */
export function recordScaleEvent(
  history: History,
  behavior: Behavior | undefined,
  change: { readonly from: number; readonly to: number },
  atMs: number,
): History {
  if (behavior === undefined) return history;
  const { from, to } = change;
  if (to > from) {
    const event = { replicaChange: to - from, atMs, outdated: false };
    const policies = behavior.scaleUp?.policies;
    return { ...history, scaleUpEvents: storeEvent(history.scaleUpEvents, event, policies) };
  }
  const event = { replicaChange: from - to, atMs, outdated: false };
  const policies = behavior.scaleDown?.policies;
  return { ...history, scaleDownEvents: storeEvent(history.scaleDownEvents, event, policies) };
}

/**
 * A change that another process wrote, as the status tells it: in whole seconds, so it was made at some time of that second. Its end
 * counts, so that no policy's period ends early. (A time that is still to come is now, when a decision looks at it.)
 */
export function learnScaleEvent(history: History, behavior: Behavior | undefined, status: AutoscalerStatus): History {
  const { lastScaleAtMs, currentReplicas: from, desiredReplicas: to } = status;
  if (lastScaleAtMs === undefined || from === to) return history;
  return recordScaleEvent(history, behavior, { from, to }, lastScaleAtMs + 999);
}

/** The mark `outdated` stays; it frees the place, but does not keep the event from being counted (step 7.3). */
function storeEvent(
  events: readonly ScaleEvent[],
  event: ScaleEvent,
  policies: readonly ScalingPolicy[] = [],
): readonly ScaleEvent[] {
  const longestPeriodMs = policies.reduce((longest, policy) => Math.max(longest, policy.periodSeconds), 0) * 1000;
  const cutoffMs = event.atMs - longestPeriodMs;
  const marked = events.map((old) => (old.atMs < cutoffMs && !old.outdated ? { ...old, outdated: true } : old));
  const outdatedIndex = marked.findLastIndex((old) => old.outdated);
  return outdatedIndex < 0 ? [...marked, event] : marked.with(outdatedIndex, event);
}
