// Pure: usage over its target, as utilization of requests or as plain average. docs/decision-math.md steps 4.4 and 4.5.
import { wrapInt32, wrapInt64 } from '../../lib/go-numbers.ts';

/** What pods use together. `requestMilli` 0n when requests play no part. */
export interface UsageTotals {
  readonly usageMilli: bigint;
  readonly requestMilli: bigint;
  readonly entries: number;
}

export interface MeasuredUsage {
  /** Usage over target; 1 is on target. */
  readonly usageRatio: number;
  /** Percent of the requests, cut to a whole number; undefined for plain averages. */
  readonly utilization: number | undefined;
  readonly averageMilli: bigint;
}

/** The target of a metric that is per pod: percent of the request, or milli-units per pod. */
export type PodTarget =
  | { readonly kind: 'utilization'; readonly percent: number }
  | { readonly kind: 'average'; readonly milli: bigint };

/** undefined: no request to divide by. */
export function measureUsage(totals: UsageTotals, target: PodTarget): MeasuredUsage | undefined {
  return target.kind === 'utilization'
    ? computeUtilization(totals, target.percent)
    : computeAverage(totals, target.milli);
}

/** 4.4: cut to a whole percent before it is compared with the target. */
function computeUtilization(totals: UsageTotals, targetPercent: number): MeasuredUsage | undefined {
  if (totals.requestMilli === 0n) return undefined;
  const utilization = wrapInt32(wrapInt64(wrapInt64(totals.usageMilli * 100n) / totals.requestMilli));
  return {
    usageRatio: utilization / targetPercent,
    utilization,
    averageMilli: wrapInt64(totals.usageMilli / BigInt(totals.entries)),
  };
}

/** 4.5: cut to a whole milli-unit before it is compared with the target. */
function computeAverage(totals: UsageTotals, targetMilli: bigint): MeasuredUsage {
  const averageMilli = totals.usageMilli / BigInt(totals.entries);
  return { usageRatio: Number(averageMilli) / Number(targetMilli), utilization: undefined, averageMilli };
}
