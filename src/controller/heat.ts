// Pure: whether the next samples of an autoscaler's pods may change its replicas. docs/autoscaling.md 7.
import type { Decision, Observation } from './decide/types.ts';

/** So much more usage would have to pass the tolerance. */
export const nearGrowth = 1.25;
/** A rise since the last sync that is more than wavering, as a share of the target. */
export const riseSinceSync = 0.1;

/** The highest usage over target of those metrics that kubelets tell; undefined: none was computed. */
export function highestUsageRatio({ autoscaler }: Observation, { metrics }: Decision): number | undefined {
  let highest: number | undefined;
  for (const [index, { usageRatio }] of metrics.entries()) {
    const type = autoscaler.spec.metrics[index]?.type;
    if (usageRatio === undefined || (type !== 'Resource' && type !== 'ContainerResource')) continue;
    highest = Math.max(highest ?? usageRatio, usageRatio);
  }
  return highest;
}

/**
 * Replicas are on the move, or they would grow if usage went up by a quarter, or it is going up. Never at the most replicas, where growth changes nothing. Too little usage as such is no
 * reason: a window, five minutes by default, decides when replicas go down, not the last sample.
 */
export function isHot(
  { autoscaler }: Observation,
  decision: Decision,
  usageRatio: number,
  ratioAtSync: number | undefined,
): boolean {
  if (decision.kind === 'scale') return true;
  if (decision.kind !== 'hold' || decision.currentReplicas >= autoscaler.spec.maxReplicas) return false;
  const upTo = decision.metrics.find(({ toleranceBand }) => toleranceBand !== undefined)?.toleranceBand?.to ?? 1;
  const isNear = usageRatio * nearGrowth > upTo;
  const isRising = ratioAtSync !== undefined && usageRatio - ratioAtSync > riseSinceSync;
  return isNear || isRising;
}
