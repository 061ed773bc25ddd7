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

/** `6 (30000m) ready-pods`: replicas, what the status reports, and the rule; or the error. */
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
  const { outcome, rule } = decision.metrics[0] ?? {};
  if (outcome?.kind !== 'proposal') return outcome?.inner ?? 'nothing was computed';
  if (outcome.status.type === 'Failed') throw new Error('a proposal without status');
  const { valueMilli, averageValueMilli } = outcome.status.current;
  return `${outcome.replicas} (${valueMilli ?? averageValueMilli}m) ${rule}`;
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
  check(goal, 30_000n, {}, '6 (30000m) ready-pods');
  check(goal, 10_500n, {}, '3 (10500m) within-tolerance');
  check(goal, 0n, {}, '0 (0m) ready-pods');
  check(goal, -5000n, {}, '-1 (-5000m) ready-pods');

  // Zero replicas: neither tolerance nor pods count
  check(goal, 100n, { spec: 0, pods: '' }, '1 (100m) usage-over-target');
  check(goal, 0n, { spec: 0, pods: '' }, '0 (0m) usage-over-target');

  // Numbers that do not fit
  const huge = 2n ** 62n;
  check({ valueMilli: 1n }, huge, {}, `${largestInt32} (${huge}m) ready-pods`);
  check({ valueMilli: 1n }, huge, { spec: 0 }, `${smallestInt32} (${huge}m) usage-over-target`);

  // Pods
  check(goal, 30_000n, { pods: 'U=- P=- S=- F=-' }, '0 (30000m) ready-pods');
  check(goal, 30_000n, { pods: 'R=- D=-' }, '6 (30000m) ready-pods');
  const noPods = 'no pods returned by selector while calculating replica count';
  check(goal, 30_000n, { pods: '' }, `unable to calculate ready pods: ${noPods}`);
  check(goal, 10_500n, { pods: '' }, '3 (10500m) within-tolerance');
});

describe('replicas proposed from an AverageValue (4.8)', () => {
  const goal = { averageValueMilli: 10_000n };
  check(goal, 60_000n, {}, '6 (20000m) usage-over-target');
  check(goal, 10_500n, {}, '2 (3500m) usage-over-target');
  check(goal, 0n, {}, '0 (0m) usage-over-target');

  // The tolerance is that of the average over status replicas
  check(goal, 31_000n, {}, '3 (10334m) within-tolerance');
  check(goal, 28_000n, {}, '3 (9334m) within-tolerance');
  check(goal, 34_000n, {}, '4 (11334m) usage-over-target');

  // Status replicas count, not those asked for
  check(goal, 31_000n, { spec: 5, status: 3 }, '3 (10334m) within-tolerance');
  check(goal, 100n, { spec: 3, status: 0 }, `1 (${-(2n ** 63n)}m) usage-over-target`);

  // Numbers that do not fit
  const smallest = `${smallestInt32} (1537228672809129216m) usage-over-target`;
  const largest = `${largestInt32} (1537228672809129216m) usage-over-target`;
  check({ averageValueMilli: 1n }, 2n ** 62n, {}, smallest, largest);
});

describe('sums of an External metric (4.9.1, 4.9.2)', () => {
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
    expect(evaluate(externalMetric('qps', { valueMilli: 10_000n }), values, {})).to.equal('0 (-2000m) ready-pods');
    const asAverage = evaluate(externalMetric('qps', { averageValueMilli: 10_000n }), values, {});
    expect(asAverage).to.equal(`${largestInt32} (${largestInt64}m) usage-over-target`);
  });
});
