// From two points to a usage. Rule numbers are those of docs/metrics-math.md section 3.
import { expect } from 'chai';
import {
  type Baseline,
  chooseBaseline,
  computeCpuUsage,
  type Point,
  zeroPointAtStart,
} from '../../src/metrics/usage.ts';

const resolutionMs = 15_000;
const t0 = 1_700_000_000_000;

/** A point of a container that started long ago; `at` is seconds after t0. */
const point = (at: number, cores: number, more: Partial<Point> = {}): Point => ({
  timestampMs: t0 + at * 1000,
  subMsNs: 0,
  cpuNs: Math.trunc(cores * 1e9),
  startNs: nsAt(-1e6),
  ...more,
});

/** Nanoseconds of an instant given in seconds after t0, as the parser makes them of a kubelet's text. */
function nsAt(seconds: number): number {
  return Math.trunc((t0 / 1000 + seconds) * 1e9);
}

describe('chooseBaseline', () => {
  const check = (
    rule: string,
    n: Point,
    last: Point | undefined,
    previous: Point | undefined,
    expected: Baseline,
  ): void => {
    it(rule, () => expect(chooseBaseline(n, last, previous, resolutionMs)).to.equal(expected));
  };

  // A repeated point (3.1)
  check('3.1 a timestamp seen before is no new sample', point(15, 13), point(15, 13), point(0, 10), 'repeated');
  check('3.1 whatever its values', point(15, 99), point(15, 13), undefined, 'repeated');
  check('3.1 also of a fresh container', point(0, 1, { startNs: nsAt(-12) }), point(0, 1), undefined, 'repeated');

  // The usual case (3.2)
  check('3.2 a first point has nothing before it', point(0, 10), undefined, undefined, 'none');
  check('3.2 a later point is rated against the last', point(15, 13), point(0, 10), undefined, 'last');
  check('3.2 a counter that stood still is fine', point(15, 10), point(0, 10), undefined, 'last');
  check('3.2 a node has no start time', point(15, 13, { startNs: 0 }), point(0, 10, { startNs: 0 }), undefined, 'last');

  // Fresh containers (3.3)
  const fresh = (age: number): Point => point(0, 1, { startNs: nsAt(-age) });
  check('3.3 9.999 s after its start a container is too young', fresh(9.999), undefined, undefined, 'none');
  check('3.3 10 s after its start it is fresh', fresh(10), undefined, undefined, 'start');
  check('3.3 14.999 s after its start it is fresh', fresh(14.999), undefined, undefined, 'start');
  check('3.3 15 s after its start it is not', fresh(15), undefined, undefined, 'none');
  check('3.3 a start in the future is not fresh', fresh(-12), undefined, undefined, 'none');
  check('3.3 fresh wins over a last point', fresh(12), point(-5, 0.1, { startNs: nsAt(-12) }), undefined, 'start');

  // Restarts (3.4)
  const restarted = point(15, 0.5, { startNs: nsAt(10) });
  check('3.4 a container that started after the last point is not rated', restarted, point(0, 10), undefined, 'none');
  check('3.4 nor one that started just then', point(30, 0.5, { startNs: nsAt(0) }), point(0, 10), undefined, 'none');
  check('3.4 the sample after that is', point(30, 1.5, { startNs: nsAt(10) }), restarted, undefined, 'last');

  // Resets (3.5)
  check('3.5 a counter that fell is not rated', point(15, 3), point(0, 10), undefined, 'none');
  check('3.5 nor a start that moved back', point(15, 13, { startNs: nsAt(-2e6) }), point(0, 10), undefined, 'none');
  check('3.5 an unknown start now is no reset', point(15, 13, { startNs: 0 }), point(0, 10), undefined, 'last');
  check('3.5 an unknown start before is no reset', point(15, 13), point(0, 10, { startNs: 0 }), undefined, 'last');

  // A clock that was set back (3.6)
  check(
    '3.6 a point between the two is rated against the earlier',
    point(7, 10.5),
    point(15, 11),
    point(0, 10),
    'previous',
  );
  check('3.6 a point before both is not rated', point(-5, 9), point(7, 10.5), point(0, 10), 'none');
  check('3.6 a point at the earlier is not rated', point(0, 10), point(7, 10.5), point(0, 10), 'none');
  check('3.6 an earlier point without a previous is not rated', point(7, 10.5), point(15, 11), undefined, 'none');
  check('3.6 a point between whose counter is lower is not rated', point(7, 9), point(15, 11), point(0, 10), 'none');
  const zero = { ...point(0, 0), subMsNs: 500 };
  check('3.6 a zero point half a microsecond later is not earlier', point(0, 1), point(7, 2), zero, 'none');
  check(
    '3.6 among equal milliseconds the nanoseconds decide',
    { ...point(0, 1), subMsNs: 900 },
    point(7, 2),
    zero,
    'previous',
  );
});

describe('computeCpuUsage (3.7)', () => {
  const check = (rule: string, previous: Point, last: Point, cpuNanoCores: number, windowNs: number): void => {
    it(rule, () => expect(computeCpuUsage(last, previous)).to.deep.equal({ cpuNanoCores, windowNs }));
  };
  check('3 core-seconds over 15 s are 200 milli-cores', point(0, 10), point(15, 13), 200_000_000, 15e9);
  check('0.5 core-seconds over 15 s are truncated', point(0, 10), point(15, 10.5), 33_333_333, 15e9);
  check('one over 15.004 s', point(0, 1), point(15.004, 2), 66_648_893, 15_004_000_000);
  check('nothing used', point(0, 10), point(15, 10), 0, 15e9);
  check('14 ns over 15 s are 0', point(0, 1), { ...point(15, 1), cpuNs: 1_000_000_014 }, 0, 15e9);
  check('out of order, 7 s', point(0, 10), point(7, 10.5), 71_428_571, 7e9);

  const sinceStart = (age: number): Point =>
    zeroPointAtStart(nsAt(-age), { timestampMs: 0, subMsNs: 0, cpuNs: 1, startNs: 0 });
  check('from a start 10 s ago', sinceStart(10), point(0, 1), 100_000_000, 10e9);
  check(
    "from a start 12.345678901 s ago, exact to the kubelet's double",
    sinceStart(12.345678901),
    point(0, 1),
    81_000_001,
    12_345_678_848,
  );
  check('from a start 14.999 s ago', sinceStart(14.999), point(0, 1), 66_671_111, 14_999_000_064);
});

describe('zeroPointAtStart (3.3)', () => {
  it('is the start, to the nanosecond, with a counter of 0', () => {
    const startNs = 1_700_000_000_123_456_768;
    const scratch = { timestampMs: 0, subMsNs: 0, cpuNs: 1, startNs: 0 };
    expect(zeroPointAtStart(startNs, scratch)).to.deep.equal({
      timestampMs: 1_700_000_000_123,
      subMsNs: 456_768,
      cpuNs: 0,
      startNs,
    });
    expect(scratch.startNs).to.equal(startNs);
  });
});
