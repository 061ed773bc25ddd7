// Pure: whether a pod of an autoscaler rose since its last periodic sync by more than its pods waver by. docs/autoscaling.md 7.
import type { MetricReading } from './decide/types.ts';
import { hotRise, learnWavering } from './heat.ts';

/** What pods use, by name, in milli-units. */
export type UsedMilli = ReadonlyMap<string, { readonly valueMilli: bigint }>;

/** What is known of the pods since the last periodic sync. */
export interface Period {
  /** What they used then. */
  readonly usedMilli: UsedMilli;
  /** By how much one must have risen since for the samples of the others to be wanted soon. */
  readonly hotRiseMilli: number;
  /** The most that one rises or falls by from period to period, as a share of its target; undefined: not known yet. */
  readonly wavering: number | undefined;
}

export interface PeriodLook {
  readonly usedMilli: UsedMilli;
  /** What one pod should use. */
  readonly targetMilli: number;
  /** What the average is short of the tolerance, as a share of the target. */
  readonly shortOf: number;
  readonly isPeriodic: boolean;
}

export function hasPodRisen({ usedMilli, hotRiseMilli }: Period, reading: MetricReading | undefined): boolean {
  if (reading?.kind !== 'pods' || hotRiseMilli === Infinity) return false;
  return risesMilli(usedMilli, reading.metrics).some((riseMilli) => riseMilli >= hotRiseMilli);
}

/** After a look: another period if it was a periodic sync, or the first look of all; otherwise the same, in which another rise may count. */
export function nextPeriod(last: Period | undefined, look: PeriodLook): Period {
  const { usedMilli, targetMilli, shortOf, isPeriodic } = look;
  const isOver = isPeriodic || last === undefined;
  const rises = isOver && last !== undefined ? risesMilli(last.usedMilli, usedMilli) : [];
  const mostMilli = rises.reduce((most, riseMilli) => Math.max(most, Math.abs(riseMilli)), 0);
  const wavering = rises.length === 0 ? last?.wavering : learnWavering(last?.wavering, mostMilli / targetMilli);
  const hotRiseMilli = targetMilli * hotRise(shortOf, wavering);
  return { usedMilli: isOver ? usedMilli : last.usedMilli, hotRiseMilli, wavering };
}

/** Of the pods that are in both. */
function risesMilli(before: UsedMilli, now: UsedMilli): readonly number[] {
  const rises: number[] = [];
  for (const [pod, { valueMilli }] of now) {
    const known = before.get(pod);
    if (known !== undefined) rises.push(Number(valueMilli) - Number(known.valueMilli));
  }
  return rises;
}
