// Pure: from two points of one counter to the usage between them. Rules: docs/metrics-math.md section 3.

/** One reading of a container or node, as the kubelet gave it. */
export interface Point {
  /** When the kubelet took it, whole milliseconds since the epoch. */
  readonly timestampMs: number;
  /** Nanoseconds beyond `timestampMs`, 0 … 999,999. Only the zero point of a fresh container (rule 3.3) has any. */
  readonly subMsNs: number;
  /** CPU time used since the counter began: core-nanoseconds, an integer. */
  readonly cpuNs: number;
  /** When the container started, nanoseconds since the epoch; 0 when unknown (nodes never know). Above 2^53, yet exact: see rule 2.3. */
  readonly startNs: number;
}

/** CPU usage averaged over a window. */
export interface CpuUsage {
  /** Truncated to whole nano-cores. */
  readonly cpuNanoCores: number;
  readonly windowNs: number;
}

/**
 * What a new point is rated against:
 * `repeated` it is no new point, keep what is stored; `last` the stored last point; `previous` the stored point before that;
 * `start` the container's start, where its counter was 0; `none` nothing fits, so there is no usage yet.
 */
export type Baseline = 'repeated' | 'last' | 'previous' | 'start' | 'none';

/** Below this age a container's first reading is too short a window to be rated from its start (rule 3.3). */
const freshContainerMinAgeNs = 10e9;

/** Chooses what `point` is rated against, given the two points stored so far (rules 3.1 to 3.6). */
export function chooseBaseline(
  point: Point,
  last: Point | undefined,
  previous: Point | undefined,
  resolutionMs: number,
): Baseline {
  if (last !== undefined && point.timestampMs === last.timestampMs) return 'repeated'; // 3.1
  if (isFresh(point, resolutionMs)) return 'start'; // 3.3
  if (last === undefined) return 'none'; // 3.2
  if (point.startNs !== 0 && nsBetween(point.startNs, last.timestampMs) <= 0) return 'none'; // 3.4
  if (point.timestampMs > last.timestampMs) return hasDecreased(last, point) ? 'none' : 'last'; // 3.2, 3.5
  if (previous === undefined || !isEarlier(previous, point)) return 'none'; // 3.6
  return hasDecreased(previous, point) ? 'none' : 'previous';
}

/** Average CPU between two points of which `previous` is the earlier and no counter decreased (rule 3.7). Written into `into`, which is returned. */
export function computeCpuUsage(
  last: Point,
  previous: Point,
  into: { -readonly [field in keyof CpuUsage]: CpuUsage[field] } = { cpuNanoCores: 0, windowNs: 0 },
): CpuUsage {
  const windowNs = (last.timestampMs - previous.timestampMs) * 1e6 + (last.subMsNs - previous.subMsNs);
  const seconds = Math.floor(windowNs / 1e9) + (windowNs % 1e9) / 1e9;
  into.cpuNanoCores = Math.trunc((last.cpuNs - previous.cpuNs) / seconds);
  into.windowNs = windowNs;
  return into;
}

/** The zero point of a container: its start, when its counter stood at 0 (rule 3.3). Written into `into`, which is returned. */
export function zeroPointAtStart(
  startNs: number,
  into: { -readonly [field in keyof Point]: Point[field] },
): typeof into {
  into.subMsNs = startNs % 1e6;
  into.timestampMs = wholeMs(startNs);
  into.cpuNs = 0;
  into.startNs = startNs;
  return into;
}

function isFresh(point: Point, resolutionMs: number): boolean {
  if (point.startNs === 0) return false;
  const ageNs = nsBetween(point.startNs, point.timestampMs);
  return ageNs >= freshContainerMinAgeNs && ageNs < resolutionMs * 1e6;
}

function hasDecreased(from: Point, to: Point): boolean {
  const startDecreased = from.startNs !== 0 && to.startNs !== 0 && to.startNs < from.startNs;
  return startDecreased || to.cpuNs < from.cpuNs;
}

function isEarlier(a: Point, b: Point): boolean {
  return a.timestampMs < b.timestampMs || (a.timestampMs === b.timestampMs && a.subMsNs < b.subMsNs);
}

/** Exact nanoseconds from an instant in nanoseconds to one in milliseconds (whose nanoseconds a double could not hold). */
function nsBetween(fromNs: number, toMs: number): number {
  return (toMs - wholeMs(fromNs)) * 1e6 - (fromNs % 1e6);
}

/** Whole milliseconds of an instant in nanoseconds. `%` is exact; the subtraction is off by less than 256 ns, which rounding removes. */
function wholeMs(ns: number): number {
  return Math.round((ns - (ns % 1e6)) / 1e6);
}
