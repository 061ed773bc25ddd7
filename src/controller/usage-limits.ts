// State: how much a pod may use before its autoscaler is worth a look between syncs. Bound: the autoscalers. docs/autoscaling.md 3.2.
//
// Three thousand autoscalers of ten pods have two thousand new samples a second, of which nearly none changes anything. Pods cannot use more on average
// by some amount while none of them uses more by that amount; so a sample that has not risen by what is missing to the next decision needs no look, which
// is found out without gathering anything.
import type { MetricSpec } from '../crd/types.ts';
import type { PodUsage } from '../metrics/types.ts';
import type { Decision, MetricWorking, Observation } from './decide/types.ts';
import { highestUsageRatio, isHot, nearGrowth, riseSinceSync } from './heat.ts';
import { usageMilli } from './resource-readings.ts';

type ResourceSpec = Extract<MetricSpec, { readonly type: 'Resource' | 'ContainerResource' }>;

interface UsageLimit {
  readonly resource: string;
  /** undefined: all containers together. */
  readonly container: string | undefined;
  /** By how much a pod may use more than at the last look, in milli-units. Infinity: no usage is too much. */
  readonly riseMilli: number;
  /** What pods used then, by name. */
  readonly usedMilli: ReadonlyMap<string, { readonly valueMilli: bigint }>;
  /** For a pod that had no usage then: what one should use at most, in milli-units. */
  readonly newPodMilli: number;
}

export class UsageLimits {
  readonly #limits = new Map<string, readonly UsageLimit[]>();

  /** Learns from a look. An autoscaler that did not just hold its replicas has no limits: each of its samples is worth a look. */
  decided(key: string, observation: Observation, decision: Decision): void {
    const limits = decision.kind === 'hold' ? limitsOf(observation, decision) : undefined;
    if (limits === undefined) this.#limits.delete(key);
    else this.#limits.set(key, limits);
  }

  /** Whether a new usage of one of its pods calls for a look. */
  isWorthALook(key: string, pod: string, usage: () => PodUsage | undefined): boolean {
    const limits = this.#limits.get(key);
    if (limits === undefined) return true;
    const used = usage();
    return used === undefined || limits.some((limit) => isBeyond(limit, pod, Number(usageMilli(used, limit) ?? 0n)));
  }

  delete(key: string): void {
    this.#limits.delete(key);
  }
}

function isBeyond({ riseMilli, usedMilli, newPodMilli }: UsageLimit, pod: string, milli: number): boolean {
  const before = usedMilli.get(pod);
  return milli > (before === undefined ? newPodMilli : Number(before.valueMilli) + riseMilli);
}

/** undefined: there is a metric whose limit is not known. */
function limitsOf(observation: Observation, decision: Decision): readonly UsageLimit[] | undefined {
  const { metrics, maxReplicas } = observation.autoscaler.spec;
  const ratio = highestUsageRatio(observation, decision);
  if (ratio === undefined) return undefined;
  const isFull = decision.currentReplicas >= maxReplicas;
  const limits: UsageLimit[] = [];
  for (const [index, spec] of metrics.entries()) {
    const working = decision.metrics[index];
    const reading = observation.readings[index];
    if ((spec.type !== 'Resource' && spec.type !== 'ContainerResource') || working?.usageRatio === undefined)
      return undefined;
    const targetMilli = targetOfPod(spec, working);
    if (targetMilli === undefined || reading?.kind !== 'pods') return undefined;
    const container = spec.type === 'ContainerResource' ? spec.container : undefined;
    const upTo = isFull ? Number.POSITIVE_INFINITY : highestRatio(observation, decision, working, ratio);
    limits.push({
      resource: spec.resource,
      container,
      riseMilli: targetMilli * (upTo - working.usageRatio),
      usedMilli: reading.metrics,
      newPodMilli: targetMilli * upTo,
    });
  }
  return limits;
}

/** What its pods may use of their targets without being news: up to the tolerance, or as long as the autoscaler is not getting hot. */
function highestRatio(observation: Observation, decision: Decision, working: MetricWorking, ratio: number): number {
  const upTo = working.toleranceBand?.to ?? 1;
  if (isHot(observation, decision, ratio, undefined)) return upTo;
  return Math.min(upTo / nearGrowth, (working.usageRatio ?? ratio) + riseSinceSync);
}

/** What one pod should use on average, in milli-units. */
function targetOfPod({ target }: ResourceSpec, { sumRequestMilli, pods }: MetricWorking): number | undefined {
  if (target.averageValueMilli !== undefined) return Number(target.averageValueMilli);
  const ready = pods.reduce((sum, { group }) => sum + (group === 'ready' ? 1 : 0), 0);
  if (target.averageUtilization === undefined || sumRequestMilli === undefined || ready === 0) return undefined;
  return (Number(sumRequestMilli) / ready) * (target.averageUtilization / 100);
}
