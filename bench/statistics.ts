// Pure: what is said of many measured values.

export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  /** Older files of figures lack it. */
  readonly p95?: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** At least one value. */
export function summarize(values: readonly number[]): Summary {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    mean: mean(sorted),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p90: quantile(sorted, 0.9),
    p99: quantile(sorted, 0.99),
    max: quantile(sorted, 1),
  };
}

/** The smallest value that at least `share` of all values do not exceed (nearest rank). `sorted` ascends. */
export function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values, no quantile');
  return value;
}

export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('no values, no mean');
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
