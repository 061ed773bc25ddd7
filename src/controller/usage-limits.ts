// State: how much a pod may use before its autoscaler is worth a look between syncs. Bound: the autoscalers and
// their pods. docs/autoscaling.md 3.2.
//
// Three thousand autoscalers of ten pods have two thousand new samples a second, of which nearly none changes anything. Pods cannot use more on average
// by some amount while none of them uses more by that amount; so a sample that has not risen by what is missing to the next decision needs no look, which
// is found out without gathering anything.
import type { MetricSpec } from '../crd/types.ts';
import type { ListedPod } from '../lib/views.ts';
import type { PodReading } from '../metrics/types.ts';
import type { Decision, MetricWorking, Observation } from './decide/types.ts';
import { PodLimits } from './pod-limits.ts';
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

/** What a look found. */
export interface Looked {
  readonly observation: Observation;
  /** Those of the observation. */
  readonly pods: readonly ListedPod[];
  readonly decision: Decision;
  readonly isPeriodic: boolean;
}

/** What is known of one autoscaler. */
interface Known {
  readonly limits: readonly UsageLimit[];
  /** Those that `PodLimits` has a limit of, by this autoscaler. */
  readonly pods: readonly ListedPod[];
}

const noPods: readonly ListedPod[] = [];

export class UsageLimits {
  readonly #known = new Map<string, Known>();
  readonly #podLimits = new PodLimits();

  /**
   * Learns from a look at an autoscaler of these pods. One that did not just hold its replicas has no limits: each of its samples is worth a look. Returns whether a
   * pod rose since the last periodic sync, such that the samples of the others are wanted soon.
   */
  decided(key: string, { observation, pods, decision, isPeriodic }: Looked): boolean {
    const before = this.#known.get(key);
    const limits =
      decision.kind === 'hold' ? limitsOf(observation, decision, { before: before?.limits, isPeriodic }) : undefined;
    if (limits === undefined) this.delete(key);
    else this.#learn(key, limits, { before: before?.pods ?? noPods, pods });
    return before?.limits.some(({ period }, metric) => hasPodRisen(period, observation.readings[metric])) ?? false;
  }

  /** Whether a new usage of a pod, undefined: none, calls for a look at one of the autoscalers that select it. */
  isWorthALook(key: string, pod: string, used: PodReading | undefined): boolean {
    const limits = this.#known.get(key)?.limits;
    if (limits === undefined || used === undefined) return true;
    return limits.some((limit) => isBeyond(limit, pod, readingMilli(used, limit)));
  }

  /** The short answer where only one autoscaler selects the pod: true if no look is called for, false if `isWorthALook` is to be asked. */
  isNoNews(pod: ListedPod, used: PodReading): boolean {
    return this.#podLimits.isWithin(pod, readingMilli(used, cpuOfPod));
  }

  delete(key: string): void {
    for (const pod of this.#known.get(key)?.pods ?? noPods) this.#podLimits.delete(pod);
    this.#known.delete(key);
  }

  #learn(key: string, limits: readonly UsageLimit[], { before, pods }: Pods): void {
    const limit = limitOfCpu(limits);
    const limited = limit === undefined ? noPods : pods;
    if (before !== limited) for (const pod of before) this.#podLimits.delete(pod);
    if (limit !== undefined) for (const pod of pods) this.#podLimits.set(pod, highestMilli(limit, pod.name));
    this.#known.set(key, { limits, pods: limited });
  }
}

interface Pods {
  /** Those that had a limit by this autoscaler. */
  readonly before: readonly ListedPod[];
  readonly pods: readonly ListedPod[];
}

const cpuOfPod = { resource: 'cpu', container: undefined };

/** If it is the only one. */
function limitOfCpu(limits: readonly UsageLimit[]): UsageLimit | undefined {
  const [limit] = limits;
  if (limits.length !== 1 || limit?.resource !== cpuOfPod.resource || limit.container !== undefined) return undefined;
  return limit;
}

function isBeyond(limit: UsageLimit, pod: string, milli: number): boolean {
  return milli > highestMilli(limit, pod);
}

function highestMilli({ riseMilli, usedMilli, newPodMilli }: UsageLimit, pod: string): number {
  const before = usedMilli.get(pod);
  return before === undefined ? newPodMilli : Number(before.valueMilli) + riseMilli;
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
