// Pure: demand over time as a piecewise linear function, and its exact integral under a cap.
//
//   value |        ______
//         |  ____/          A knot is (seconds, value). Between knots the value is a straight line; two knots at the same
//         | |               second are a jump; before the first and after the last knot the value stays.
//         |_|___________ seconds
//
// Every kind of demand becomes such a function, so that one integrator is exact for all of them. A sine is drawn with a knot
// per degree, which differs from the true sine by less than 0.004 % of its amplitude; it is the drawn curve that is integrated.

/** One point of a curve; seconds since the demand was set. */
export interface Knot {
  readonly atSeconds: number;
  readonly value: number;
}

export interface DemandCurve {
  /** At least one; seconds never decrease. */
  readonly knots: readonly Knot[];
  /** When set, the curve repeats with this period and its knots lie within [0, period]. */
  readonly periodSeconds?: number;
}

/** The demand at an instant. At a jump it is the value after it. */
export function valueAt(curve: DemandCurve, atSeconds: number): number {
  const seconds = curve.periodSeconds === undefined ? atSeconds : modulo(atSeconds, curve.periodSeconds);
  const next = firstKnotAfter(curve.knots, seconds);
  const left = curve.knots[next - 1];
  const right = curve.knots[next];
  if (left === undefined) return right?.value ?? 0;
  if (right === undefined) return left.value;
  return interpolate(left, right, seconds);
}

/** Integral of min(cap, demand) from one instant to a later one, in value-seconds. Exact but for rounding. */
export function integrateCapped(curve: DemandCurve, fromSeconds: number, toSeconds: number, cap: number): number {
  if (toSeconds <= fromSeconds) return 0;
  const period = curve.periodSeconds;
  if (period === undefined) return integrateOnce(curve.knots, fromSeconds, toSeconds, cap);
  const start = modulo(fromSeconds, period);
  const end = start + (toSeconds - fromSeconds);
  if (end <= period) return integrateOnce(curve.knots, start, end, cap);
  const wholePeriods = Math.floor(end / period) - 1;
  const whole = wholePeriods > 0 ? wholePeriods * integrateOnce(curve.knots, 0, period, cap) : 0;
  return (
    integrateOnce(curve.knots, start, period, cap) + whole + integrateOnce(curve.knots, 0, modulo(end, period), cap)
  );
}

function integrateOnce(knots: readonly Knot[], fromSeconds: number, toSeconds: number, cap: number): number {
  let total = 0;
  let next = firstKnotAfter(knots, fromSeconds);
  for (let start = fromSeconds; start < toSeconds; next++) {
    const left = knots[next - 1];
    const right = knots[next];
    const end = right === undefined ? toSeconds : Math.min(right.atSeconds, toSeconds);
    if (left !== undefined && right !== undefined) {
      total += cappedTrapezoid(end - start, interpolate(left, right, start), interpolate(left, right, end), cap);
    } else {
      total += (end - start) * Math.min(cap, left?.value ?? right?.value ?? 0);
    }
    start = end;
  }
  return total;
}

/** Area under min(cap, line) where the line goes from `first` to `last` over `seconds`. */
function cappedTrapezoid(seconds: number, first: number, last: number, cap: number): number {
  if (Math.max(first, last) <= cap) return (seconds * (first + last)) / 2;
  if (Math.min(first, last) >= cap) return seconds * cap;
  const low = Math.min(first, last);
  const belowSeconds = (seconds * (cap - low)) / Math.abs(last - first);
  return (belowSeconds * (low + cap)) / 2 + (seconds - belowSeconds) * cap;
}

function interpolate(left: Knot, right: Knot, seconds: number): number {
  const span = right.atSeconds - left.atSeconds;
  return span <= 0 ? right.value : left.value + ((right.value - left.value) * (seconds - left.atSeconds)) / span;
}

/** Index of the first knot later than `seconds`; the number of knots when there is none. */
function firstKnotAfter(knots: readonly Knot[], seconds: number): number {
  let low = 0;
  let high = knots.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((knots[middle]?.atSeconds ?? Number.POSITIVE_INFINITY) > seconds) high = middle;
    else low = middle + 1;
  }
  return low;
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
