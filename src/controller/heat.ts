// Pure: whether the next samples of an autoscaler's pods may change its replicas. docs/autoscaling.md 7.
import type { Decision, Observation } from './decide/types.ts';

/** So much more usage would have to pass the tolerance. */
const nearGrowth = 1.25;
/** A rise of a pod that is news, as a share of its target. */
const newsworthyRise = 0.1;
/** So many times what the pod that wavers most wavers by is hardly ever wavering. */
const beyondWavering = 1.5;
/** How much is believed of a period in which pods waver more than was known, and of one in which they waver less. */
const learning = { more: 1 / 2, less: 1 / 8 };

/**
 * By how much a pod must rise within a period, as a share of its target, such that the samples of the others are worth asking for: by half of what the average is short of the tolerance, as
 * the first sample after a step shows half of it on average, and if all pods did what this one does, replicas would grow. `wavering`: undefined as long as that is not known.
 */
export function hotRise(shortOf: number, wavering: number | undefined): number {
  return wavering === undefined ? Infinity : Math.max(newsworthyRise, shortOf / 2, beyondWavering * wavering);
}

/** The most that any pod rises or falls by from period to period, as a share of its target: after another period, whose most was `seen`. */
export function learnWavering(known: number | undefined, seen: number): number {
  if (known === undefined) return seen;
  return known + (seen - known) * (seen > known ? learning.more : learning.less);
}

/**
 * `rising`: replicas are on the move, or a pod rose lately. `near`: nothing changes, but a quarter more usage would have replicas grow. undefined: neither, as for too little usage, where a
 * window, five minutes by default, decides when replicas go down, not the last sample; and at the most replicas, where growth changes nothing.
 */
export function heatOf(observation: Observation, decision: Decision, hasRisen: boolean): 'rising' | 'near' | undefined {
  const usageRatio = highestUsageRatio(observation, decision);
  if (usageRatio === undefined) return undefined;
  if (decision.kind === 'scale') return 'rising';
  if (decision.kind !== 'hold' || decision.currentReplicas >= observation.autoscaler.spec.maxReplicas) return undefined;
  if (hasRisen) return 'rising';
  const upTo = decision.metrics.find(({ toleranceBand }) => toleranceBand !== undefined)?.toleranceBand?.to ?? 1;
  return usageRatio * nearGrowth > upTo ? 'near' : undefined;
}

/** The highest usage over target of those metrics that kubelets tell; undefined: none was computed. */
function highestUsageRatio({ autoscaler }: Observation, { metrics }: Decision): number | undefined {
  let highest: number | undefined;
  for (const [index, { usageRatio }] of metrics.entries()) {
    const type = autoscaler.spec.metrics[index]?.type;
    if (usageRatio === undefined || (type !== 'Resource' && type !== 'ContainerResource')) continue;
    highest = Math.max(highest ?? usageRatio, usageRatio);
  }
  return highest;
}
