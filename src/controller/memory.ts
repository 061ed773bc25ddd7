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
  /** The replicas that the first sync found, until the first periodic sync has put them into the list; undefined before and after. */
  readonly foundReplicas: number | undefined;
}

export const emptyMemory: Memory = { history: emptyHistory, between: [], foundReplicas: undefined };

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
 * read. Returns undefined when nothing is remembered.
 */
export function recall(memory: Memory, currentReplicas: number | undefined, nowMs: number): History | undefined {
  const { history, between, foundReplicas = currentReplicas } = memory;
  const { recommendations } = history;
  // Those between periods stand in front, where no place is given away: none of them is outdated.
  if (recommendations.length > 0) return { ...history, recommendations: [...between, ...recommendations] };
  if (foundReplicas === undefined) return undefined;
  // An autoscaler begins with what it finds. A moment ago, as upstream's: that is over at once when windows have no length.
  const found: Recommendation = { replicas: foundReplicas, atMs: nowMs - 1 };
  return { ...history, recommendations: [...between, found] };
}

/** The memory after a decision that was made with `recall(memory)` and has left `history`. */
export function retain(memory: Memory, decision: Decision, history: History, isPeriodic: boolean): Memory {
  const { scaleUpEvents, scaleDownEvents } = history;
  const remember = (recommendations: readonly Recommendation[]): History => ({
    recommendations,
    scaleUpEvents,
    scaleDownEvents,
  });
  const { between, foundReplicas } = memory;
  const list = memory.history.recommendations;
  // Nothing was found, so nothing can have been recommended.
  if (decision.kind === 'target-failed') return { ...memory, history: remember(list) };
  if (isPeriodic) {
    const periodic = history.recommendations.slice(between.length);
    return { history: remember(periodic), between, foundReplicas: undefined };
  }
  return {
    history: remember(list),
    between: [...between, ...recommendationOf(decision)],
    foundReplicas: list.length === 0 ? (foundReplicas ?? decision.currentReplicas) : undefined,
  };
}

/** None when the decision ended before its recommendation was weighed against those of the windows. */
function recommendationOf({ stabilization, proposedReplicas, atMs }: Decision): readonly Recommendation[] {
  return stabilization === undefined || proposedReplicas === undefined ? [] : [{ replicas: proposedReplicas, atMs }];
}
