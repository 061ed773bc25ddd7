import { expect } from 'chai';
import * as fc from 'fast-check';
import { type Demand, demandCurve } from '../cluster/sim/demand.ts';
import { integrateCapped, valueAt } from '../cluster/sim/demand-curve.ts';

const step: Demand = { kind: 'step', from: 1, to: 3, atSeconds: 10 };
const ramp: Demand = { kind: 'ramp', from: 0, to: 10, atSeconds: 10, durationSeconds: 10 };
const sine: Demand = { kind: 'sine', mean: 5, amplitude: 5, periodSeconds: 60 };
const rows = [
  { atSeconds: 0, value: 1 },
  { atSeconds: 5, value: 4 },
];
const trace: Demand = { kind: 'trace', rows };
const repeated: Demand = { kind: 'trace', rows, repeatSeconds: 10 };
const unlimited = Number.POSITIVE_INFINITY;

describe('the demand at an instant', () => {
  const check = (demand: Demand, atSeconds: number, expected: number): void => {
    it(`of ${JSON.stringify(demand)} at ${atSeconds} s is ${expected}`, () => {
      expect(valueAt(demandCurve(demand), atSeconds)).to.be.closeTo(expected, 1e-9);
    });
  };

  // constant
  check(2, 0, 2);
  check({ kind: 'constant', value: 2 }, 1000, 2);
  check(-2, 0, 0);
  // a jump takes effect at its instant
  check(step, 9.999, 1);
  check(step, 10, 3);
  // straight between two points, level outside
  check(ramp, 0, 0);
  check(ramp, 15, 5);
  check(ramp, 21, 10);
  // one period
  check(sine, 0, 5);
  check(sine, 15, 10);
  check(sine, 45, 0);
  check(sine, 75, 10);
  // each row holds until the next
  check(trace, 4.9, 1);
  check(trace, 5, 4);
  check(trace, 500, 4);
  check(repeated, 10, 1);
  check(repeated, 15, 4);
});

describe('the integral of a capped demand', () => {
  const check = (demand: Demand, [from, to]: readonly [number, number], cap: number, expected: number): void => {
    it(`of ${JSON.stringify(demand)} from ${from} to ${to} s under ${cap} is ${expected}`, () => {
      expect(integrateCapped(demandCurve(demand), from, to, cap)).to.be.closeTo(expected, 1e-6);
    });
  };

  check(2, [0, 10], unlimited, 20);
  check(2, [0, 10], 0.5, 5);
  check(2, [10, 10], unlimited, 0);
  // across a jump
  check(step, [0, 20], unlimited, 40);
  check(step, [0, 20], 2, 30);
  // a slope that crosses the cap: half of the ramp below it, half at it
  check(ramp, [10, 20], unlimited, 50);
  check(ramp, [10, 20], 5, 12.5 + 25);
  check(ramp, [0, 30], 0, 0);
  // whole periods and parts of one
  check(sine, [0, 60], unlimited, 300);
  check(sine, [0, 600], unlimited, 3000);
  check(repeated, [5, 25], unlimited, 20 + 5 + 20 + 5);
  check(repeated, [3, 4], unlimited, 1);
});

const demands = fc.oneof(
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.record({
    kind: fc.constant('ramp' as const),
    from: fc.double({ min: 0, max: 100, noNaN: true }),
    to: fc.double({ min: 0, max: 100, noNaN: true }),
    atSeconds: fc.integer({ min: 0, max: 100 }),
    durationSeconds: fc.integer({ min: 1, max: 100 }),
  }),
  fc.record({
    kind: fc.constant('sine' as const),
    mean: fc.double({ min: 0, max: 50, noNaN: true }),
    amplitude: fc.double({ min: 0, max: 50, noNaN: true }),
    periodSeconds: fc.integer({ min: 1, max: 200 }),
  }),
);
const instants = fc.integer({ min: 0, max: 300 });
const caps = fc.oneof(fc.constant(unlimited), fc.double({ min: 0, max: 100, noNaN: true }));

describe('the integral of any demand', () => {
  it('of a stretch is the sum of the integrals of its parts', () => {
    fc.assert(
      fc.property(demands, caps, instants, instants, instants, (demand, cap, a, b, c) => {
        const [from = 0, middle = 0, to = 0] = [a, b, c].toSorted((x, y) => x - y);
        const curve = demandCurve(demand);
        const whole = integrateCapped(curve, from, to, cap);
        const parts = integrateCapped(curve, from, middle, cap) + integrateCapped(curve, middle, to, cap);
        expect(parts).to.be.closeTo(whole, 1e-6 * (1 + whole));
      }),
    );
  });

  it('agrees with a sum over thousands of small rectangles', () => {
    fc.assert(
      fc.property(demands, caps, instants, (demand, cap, from) => {
        const curve = demandCurve(demand);
        const slices = 5000;
        let sum = 0;
        for (let slice = 0; slice < slices; slice++) {
          sum += Math.min(cap, valueAt(curve, from + ((slice + 0.5) * 20) / slices)) * (20 / slices);
        }
        expect(integrateCapped(curve, from, from + 20, cap)).to.be.closeTo(sum, 0.02 * (1 + sum));
      }),
      { numRuns: 50 },
    );
  });

  it('is never more than the cap allows', () => {
    fc.assert(
      fc.property(demands, fc.double({ min: 0, max: 100, noNaN: true }), instants, instants, (demand, cap, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(integrateCapped(demandCurve(demand), from, to, cap)).to.be.at.most(
          cap * (to - from) * (1 + 1e-9) + 1e-9,
        );
      }),
    );
  });
});
