import { expect } from 'chai';
import { decide } from '../../../src/controller/decide/decide.ts';
import type { MetricReading } from '../../../src/controller/decide/types.ts';
import { sumForAverageValue, sumForValue } from '../../../src/controller/decide/value-math.ts';
import type { MetricSpec, MetricTarget } from '../../../src/crd/types.ts';
import {
  condition,
  externalMetric,
  nowMs,
  objectMetric,
  observation,
  settings,
} from '../../support/observation-builders.ts';

const smallestInt32 = -2_147_483_648;
const largestInt32 = 2_147_483_647;
const largestInt64 = 2n ** 63n - 1n;

interface Seen {
  readonly spec?: number;
  readonly status?: number;
  /** Three pods, two of them ready, unless said. */
  readonly pods?: string;
}

/** `6 (30000m)`: replicas and what the status reports; or the error. */
function evaluate(metric: MetricSpec, reading: MetricReading, seen: Seen): string {
  const { spec = 3, status = spec, pods = 'R=-*2 U=-' } = seen;
  const decision = decide(
    observation({
      replicas: spec,
      statusReplicas: status,
      pods,
      readings: [reading],
      spec: { metrics: [metric], minReplicas: 0 },
      // So that zero replicas are decided on too.
      settings: settings({ gates: { HPAScaleToZero: true } }),
      status: { conditions: [condition('ScaledToZero', 'True')] },
    }),
    undefined,
    nowMs,
  );
  const outcome = decision.metrics[0]?.outcome;
  if (outcome?.kind !== 'proposal') return outcome?.inner ?? 'nothing was computed';
  if (outcome.status.type === 'Failed') throw new Error('a proposal without status');
  const { valueMilli, averageValueMilli } = outcome.status.current;
  return `${outcome.replicas} (${valueMilli ?? averageValueMilli}m)`;
}

const object = (valueMilli: bigint): MetricReading => ({ kind: 'object', valueMilli });
const external = (...valuesMilli: bigint[]): MetricReading => ({ kind: 'external', valuesMilli });

function check(goal: Partial<MetricTarget>, usageMilli: bigint, seen: Seen, expected: string, ofExternal = expected) {
  const title = `${usageMilli}m of ${goal.valueMilli ?? goal.averageValueMilli}m at ${seen.spec ?? 3}/${seen.status ?? seen.spec ?? 3}`;
  it(`Object ${title} -> ${expected}`, () => {
    expect(evaluate(objectMetric('qps', goal), object(usageMilli), seen)).to.equal(expected);
  });
  it(`External ${title} -> ${ofExternal}`, () => {
    expect(evaluate(externalMetric('qps', goal), external(usageMilli), seen)).to.equal(ofExternal);
  });
}

describe('replicas proposed from a Value (4.7)', () => {
  const goal = { valueMilli: 10_000n };
  check(goal, 30_000n, {}, '6 (30000m)');
  check(goal, 10_500n, {}, '3 (10500m)');
  check(goal, 0n, {}, '0 (0m)');
  check(goal, -5000n, {}, '-1 (-5000m)');

  // Zero replicas: neither tolerance nor pods count
  check(goal, 100n, { spec: 0, pods: '' }, '1 (100m)');
  check(goal, 0n, { spec: 0, pods: '' }, '0 (0m)');

  // Numbers that do not fit
  check({ valueMilli: 1n }, 2n ** 62n, {}, `${largestInt32} (${2n ** 62n}m)`);
  check({ valueMilli: 1n }, 2n ** 62n, { spec: 0 }, `${smallestInt32} (${2n ** 62n}m)`);

  // Pods
  check(goal, 30_000n, { pods: 'U=- P=- S=- F=-' }, '0 (30000m)');
  check(goal, 30_000n, { pods: 'R=- D=-' }, '6 (30000m)');
  const noPods = 'no pods returned by selector while calculating replica count';
  check(goal, 30_000n, { pods: '' }, `unable to calculate ready pods: ${noPods}`);
  check(goal, 10_500n, { pods: '' }, '3 (10500m)');
});

describe('replicas proposed from an AverageValue (4.8)', () => {
  const goal = { averageValueMilli: 10_000n };
  check(goal, 30_000n, {}, '3 (10000m)');
  check(goal, 10_500n, {}, '2 (3500m)');
  check(goal, 0n, {}, '0 (0m)');

  // Status replicas count, not those asked for
  check(goal, 30_000n, { spec: 5, status: 3 }, '3 (10000m)');
  check(goal, 100n, { spec: 3, status: 0 }, `1 (${-(2n ** 63n)}m)`);

  // Numbers that do not fit
  const average = 1_537_228_672_809_129_216n;
  check({ averageValueMilli: 1n }, 2n ** 62n, {}, `${smallestInt32} (${average}m)`, `${largestInt32} (${average}m)`);
});

describe('sums of an External metric (4.9)', () => {
  function checkSums(values: readonly bigint[], forValue: bigint, forAverageValue: bigint) {
    it(`${values.join(' + ') || 'nothing'} is ${forValue} as Value, ${forAverageValue} as AverageValue`, () => {
      expect(sumForValue(values)).to.equal(forValue);
      expect(sumForAverageValue(values)).to.equal(forAverageValue);
    });
  }
  checkSums([], 0n, 0n);
  checkSums([1n, 2n, 3n], 6n, 6n);
  checkSums([5000n, -7000n], -2000n, largestInt64);
  checkSums([-7000n, 9000n], 2000n, largestInt64);
  checkSums([largestInt64, 1n], largestInt64, largestInt64);
  checkSums([largestInt64, 1n, -5n], largestInt64, largestInt64);
  checkSums([-(2n ** 63n), -1n], largestInt64, largestInt64);

  it('a negative sum scales down as Value and up as far as possible as AverageValue', () => {
    const values = external(5000n, -7000n);
    expect(evaluate(externalMetric('qps', { valueMilli: 10_000n }), values, {})).to.equal('0 (-2000m)');
    const asAverage = evaluate(externalMetric('qps', { averageValueMilli: 10_000n }), values, {});
    expect(asAverage).to.equal(`${largestInt32} (${largestInt64}m)`);
  });
});
