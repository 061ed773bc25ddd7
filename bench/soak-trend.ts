// Pure: whether a measured value grows with time, and how sure that is.
import { mean, quantile } from './statistics.ts';

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

export interface Trend {
  readonly perHour: number;
  /** The true slope lies within perHour +- margin with 95 % confidence. */
  readonly marginPerHour: number;
  /** Of the fitted line. */
  readonly level: number;
  /** The slope of the second half alone: what settles has one near 0. undefined: too few points. */
  readonly laterPerHour: number | undefined;
}

type Line = Omit<Trend, 'laterPerHour'>;

const hourMs = 3_600_000;
const leastPoints = 5;

/**
 * Least squares. What is measured of a process has a memory, so neighbours are worth less than as many independent points: their number
 * is reduced by the correlation of each residual with the next. undefined: too few points to say anything.
 */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const line = fit(points);
  return line && { ...line, laterPerHour: fit(points.slice(Math.floor(points.length / 2)))?.perHour };
}

function fit(points: readonly Point[]): Line | undefined {
  if (points.length < leastPoints) return undefined;
  const hours = points.map(({ atMs }) => atMs / hourMs);
  const middle = mean(hours);
  const level = mean(points.map(({ value }) => value));
  const spread = sum(hours, (hour) => (hour - middle) ** 2);
  if (spread === 0) return undefined;
  const perHour = sum(points, ({ value }, index) => ((hours[index] ?? 0) - middle) * (value - level)) / spread;
  const residuals = points.map(({ value }, index) => value - level - perHour * ((hours[index] ?? 0) - middle));
  const squares = sum(residuals, (residual) => residual ** 2);
  const freedom = Math.max(2, effectiveCount(residuals, squares) - 2);
  const marginPerHour = studentFactor(freedom) * Math.sqrt(squares / freedom / spread);
  return { perHour, marginPerHour, level };
}

/** One point for each period: the quantile of what was seen in it. 0 is its floor, 0.5 its median. */
export function perPeriod(points: readonly Point[], periodMs: number, share: number): readonly Point[] {
  const periods = Map.groupBy(points, ({ atMs }) => Math.floor(atMs / periodMs));
  return [...periods].map(([period, within]) => ({
    atMs: (period + 0.5) * periodMs,
    value: quantile(
      within.map(({ value }) => value).toSorted((a, b) => a - b),
      share,
    ),
  }));
}

function effectiveCount(residuals: readonly number[], squares: number): number {
  const products = sum(residuals.slice(1), (residual, index) => residual * (residuals[index] ?? 0));
  const correlation = squares === 0 ? 0 : Math.min(0.99, Math.max(0, products / squares));
  return (residuals.length * (1 - correlation)) / (1 + correlation);
}

/** The two-sided 95 % point of Student's distribution, from above and within 3 % from 2 degrees of freedom on. */
function studentFactor(freedom: number): number {
  return 1.96 + 2.4 / freedom + 4.6 / freedom ** 2;
}

function sum<T>(values: readonly T[], of: (value: T, index: number) => number): number {
  return values.reduce((total, value, index) => total + of(value, index), 0);
}
