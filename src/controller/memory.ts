// Pure: what the syncs of an autoscaler leave behind, such that windows hold what they would if it were looked at once per period. docs/autoscaling.md 5.
//
// kube-controller-manager remembers one recommendation per sync period, and gives a new one the place of one that has left every window: one
// place per sync. What stays in the other places counts again when an edit makes a window longer. So the list must see one sync per period, no
// more and no fewer. A sync between two periods has its recommendation kept beside the list, for as long as a window reaches it.
import type { Behavior } from '../crd/types.ts';
import { effectiveBehavior } from './decide/behavior.ts';
import { emptyHistory } from './decide/history.ts';
import type { Decision, History, Recommendation } from './decide/types.ts';

export interface Memory {
  /** Its recommendations are those of periodic syncs; its scale events are all. */
  readonly history: History;
  /** Recommendations of syncs between two periods. */
  readonly between: readonly Recommendation[];
}

export const emptyMemory: Memory = { history: emptyHistory, between: [] };

/** Beyond this age a recommendation counts for nothing, unless the windows change. */
export function longestWindowMs(behavior: Behavior | undefined, downscaleStabilizationMs: number): number {
  if (behavior === undefined) return downscaleStabilizationMs;
  const { scaleUp, scaleDown } = effectiveBehavior(behavior, downscaleStabilizationMs);
  return Math.max(scaleUp.stabilizationWindowMs, scaleDown.stabilizationWindowMs);
}

/** Without what was remembered between periods and has left every window. What lies in the future, because the clock was set back, is now. */
export function withoutOutdated(memory: Memory, windowMs: number, nowMs: number): Memory {
  const between = memory.between
    .filter(({ atMs }) => atMs >= nowMs - windowMs)
    .map((entry) => (entry.atMs > nowMs ? { ...entry, atMs: nowMs } : entry));
  return { ...memory, between };
}

/**
 * What a decision has to know, of a memory without outdated entries. `currentReplicas` is what the target has now; undefined when that could not be
 * read. Returns undefined when there is nothing.
 */
export function recall(memory: Memory, currentReplicas: number | undefined, nowMs: number): History | undefined {
  const { history, between } = memory;
  // Those between periods stand in front, where no place is given away: none of them is outdated.
  if (!isNew(memory)) return { ...history, recommendations: [...between, ...history.recommendations] };
  if (currentReplicas === undefined) return undefined;
  // An autoscaler begins with what it finds. A moment ago, as upstream's: that is over at once when windows have no length.
  return { ...history, recommendations: [...between, { replicas: currentReplicas, atMs: nowMs - 1 }] };
}

/** No sync has found the target yet. The first that does is the first of the periods. */
export function isNew({ history }: Memory): boolean {
  return history.recommendations.length === 0;
}

/** The memory after a decision that was made with `recall(memory)` and has left `history`. */
export function retain(memory: Memory, decision: Decision, history: History, isPeriodic: boolean): Memory {
  const { between } = memory;
  // Nothing was found, so nothing can have been recommended.
  const isPeriod = isPeriodic && decision.kind !== 'target-failed';
  const list = isPeriod ? history.recommendations.slice(between.length) : memory.history.recommendations;
  return {
    history: { ...history, recommendations: list },
    between: isPeriodic ? between : [...between, ...recommendationOf(decision)],
  };
}

/** None when the decision ended before its recommendation was weighed against those of the windows. */
function recommendationOf({ stabilization, proposedReplicas, atMs }: Decision): readonly Recommendation[] {
  return stabilization === undefined || proposedReplicas === undefined ? [] : [{ replicas: proposedReplicas, atMs }];
}
