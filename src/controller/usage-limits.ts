// State: how much a pod may use before its autoscaler is worth a look between syncs. Bound: the autoscalers. docs/autoscaling.md 3.2.
//
// Three thousand autoscalers of ten pods have two thousand new samples a second, of which nearly none changes anything. Pods cannot use more on average
// by some amount while none of them uses more by that amount; so a sample that has not risen by what is missing to the next decision needs no look, which
// is found out without gathering anything.
import type { MetricSpec } from '../crd/types.ts';
import type { PodReading } from '../metrics/types.ts';
import type { Decision, MetricWorking, Observation } from './decide/types.ts';
import { readingMilli } from './resource-readings.ts';
import { hasPodRisen, nextPeriod, type Period, type UsedMilli } from './rises.ts';

type ResourceSpec = Extract<MetricSpec, { readonly type: 'Resource' | 'ContainerResource' }>;

interface UsageLimit {
  readonly resource: string;
  /** undefined: all containers together. */
  readonly container: string | undefined;
  /** By how much a pod may use more than at the last look, in milli-units. Infinity: no usage is too much. */
  readonly riseMilli: number;
  /** What pods used then, by name. */
  readonly usedMilli: UsedMilli;
  /** For a pod that had no usage then: what one should use at most, in milli-units. */
  readonly newPodMilli: number;
  readonly period: Period;
}

export class UsageLimits {
  readonly #limits = new Map<string, readonly UsageLimit[]>();

  /**
   * Learns from a look. An autoscaler that did not just hold its replicas has no limits: each of its samples is worth a look. Returns whether a pod rose since the last periodic sync, such that the
   * samples of the others are wanted soon.
   */
  decided(key: string, observation: Observation, decision: Decision, isPeriodic: boolean): boolean {
    const before = this.#limits.get(key);
    const limits = decision.kind === 'hold' ? limitsOf(observation, decision, { before, isPeriodic }) : undefined;
    if (limits === undefined) this.#limits.delete(key);
    else this.#limits.set(key, limits);
    return before?.some(({ period }, metric) => hasPodRisen(period, observation.readings[metric])) ?? false;
  }

  /** Whether a new usage of one of its pods calls for a look; undefined: it has none. */
  isWorthALook(key: string, pod: string, used: PodReading | undefined): boolean {
    const limits = this.#limits.get(key);
    if (limits === undefined || used === undefined) return true;
    return limits.some((limit) => isBeyond(limit, pod, readingMilli(used, limit)));
  }

  delete(key: string): void {
    this.#limits.delete(key);
  }
}

function isBeyond({ riseMilli, usedMilli, newPodMilli }: UsageLimit, pod: string, milli: number): boolean {
  const before = usedMilli.get(pod);
  return milli > (before === undefined ? newPodMilli : Number(before.valueMilli) + riseMilli);
}

interface Past {
  readonly before: readonly UsageLimit[] | undefined;
  readonly isPeriodic: boolean;
}

/** undefined: there is a metric whose limit is not known. */
function limitsOf(observation: Observation, decision: Decision, past: Past): readonly UsageLimit[] | undefined {
  const limits: UsageLimit[] = [];
  for (const [index, spec] of observation.autoscaler.spec.metrics.entries()) {
    const working = decision.metrics[index];
    const reading = observation.readings[index];
    if ((spec.type !== 'Resource' && spec.type !== 'ContainerResource') || working?.usageRatio === undefined)
      return undefined;
    const targetMilli = targetOfPod(spec, working);
    if (targetMilli === undefined || reading?.kind !== 'pods') return undefined;
    const upTo = highestRatio(observation, decision, working);
    const shortOf = upTo - working.usageRatio;
    const period = nextPeriod(periodBefore(past.before?.[index], spec), {
      usedMilli: reading.metrics,
      targetMilli,
      shortOf,
      isPeriodic: past.isPeriodic,
    });
    limits.push({
      resource: spec.resource,
      container: containerOf(spec),
      riseMilli: Math.min(targetMilli * shortOf, period.hotRiseMilli),
      usedMilli: reading.metrics,
      newPodMilli: targetMilli * upTo,
      period,
    });
  }
  return limits;
}

/** Up to which share of the target replicas stay as they are. At the most replicas whatever is used. */
function highestRatio({ autoscaler }: Observation, { currentReplicas }: Decision, working: MetricWorking): number {
  if (currentReplicas >= autoscaler.spec.maxReplicas) return Infinity;
  return working.toleranceBand?.to ?? 1;
}

/** Only if it is about the same usage. */
function periodBefore(before: UsageLimit | undefined, spec: ResourceSpec): Period | undefined {
  const isSame = before?.resource === spec.resource && before.container === containerOf(spec);
  return isSame ? before.period : undefined;
}

function containerOf(spec: ResourceSpec): string | undefined {
  return spec.type === 'ContainerResource' ? spec.container : undefined;
}

/** What one pod should use on average, in milli-units. */
function targetOfPod({ target }: ResourceSpec, { sumRequestMilli, pods }: MetricWorking): number | undefined {
  if (target.averageValueMilli !== undefined) return Number(target.averageValueMilli);
  const ready = pods.reduce((sum, { group }) => sum + (group === 'ready' ? 1 : 0), 0);
  if (target.averageUtilization === undefined || sumRequestMilli === undefined || ready === 0) return undefined;
  return (Number(sumRequestMilli) / ready) * (target.averageUtilization / 100);
}
