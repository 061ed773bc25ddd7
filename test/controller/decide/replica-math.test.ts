import { expect } from 'chai';
import { decide } from '../../../src/controller/decide/decide.ts';
import type { MetricWorking } from '../../../src/controller/decide/types.ts';
import type { MetricSpec } from '../../../src/crd/types.ts';
import {
  nowMs,
  observation,
  pod,
  podMetric,
  podsMetric,
  resourceMetric,
  settings,
  template,
} from '../../support/observation-builders.ts';

const percent = (averageUtilization: number): MetricSpec => resourceMetric('cpu', { averageUtilization });
const average = (averageValueMilli: bigint): MetricSpec => resourceMetric('cpu', { averageValueMilli });

/** `seen`: current replicas, then pods in the letters of podsOf: `3: R540 U=-`. */
function evaluate(metric: MetricSpec, seen: string, tolerance = 0.1): MetricWorking {
  const [replicas, pods = ''] = seen.split(':');
  const spec = { metrics: [metric], maxReplicas: 100 };
  const parts = { replicas: Number(replicas), pods, spec, settings: settings({ tolerance }) };
  const [working] = decide(observation(parts), undefined, nowMs).metrics;
  if (working === undefined) throw new Error('no working');
  return working;
}

/** `4 (56 %, 560m) ready-pods`: replicas, what the status reports, and the rule; or the error. */
function format({ outcome, rule }: MetricWorking): string {
  if (outcome.kind === 'failed') return outcome.inner;
  if (outcome.status.type === 'Failed') throw new Error('a proposal without status');
  const { averageUtilization, averageValueMilli } = outcome.status.current;
  const utilization = averageUtilization === undefined ? '' : `${averageUtilization} %, `;
  return `${outcome.replicas} (${utilization}${averageValueMilli}m) ${rule}`;
}

function check(title: string, metric: MetricSpec, seen: string, expected: string, tolerance?: number): void {
  it(`${title}: ${seen} -> ${expected}`, () => {
    expect(format(evaluate(metric, seen, tolerance))).to.equal(expected);
  });
}

// What the replica calculator of kube-controller-manager v1.36.3 says; vectors.test.ts compares with it in bulk.
describe('replicas proposed from utilization (4.4, 4.6)', () => {
  // Tolerance and whole percents
  check('10 % above target is within (4.6.1)', percent(50), '3: R540 R550 R560', '3 (55 %, 550m) within-tolerance');
  check('55.9 % counts as 55 %', percent(50), '3: R559*3', '3 (55 %, 559m) within-tolerance');
  check('56 % is beyond', percent(50), '3: R560*3', '4 (56 %, 560m) ready-pods');
  check('half a percent too much is cut', percent(50), '2: R505*2', '2 (50 %, 505m) within-tolerance', 0);
  check('a float just above a whole number is rounded up', percent(50), '50: R140*50', '15 (14 %, 140m) ready-pods');
  check('usage far beyond the request', percent(1), '1: R900000', '90000 (90000 %, 900000m) ready-pods');

  // Unready pods, scaling up: idle
  check('a pending pod is idle', percent(30), '3: R300 R500 R700 P=-', '5 (50 %, 500m) all-pods');
  check('a pod that was never ready is idle', percent(30), '3: R400 U500 U700', '3 (40 %, 400m) ratio-turned');
  check('a pod that was ready counts', percent(30), '3: R400 W500 W700', '6 (53 %, 533m) ready-pods');
  check('a sample from before readiness is idle', percent(30), '3: R400 H500 H700', '3 (40 %, 400m) ratio-turned');
  check('a young pod with a sample since counts', percent(30), '3: R400 Y500 Y700', '6 (53 %, 533m) ready-pods');
  check('Ready Unknown is not False', percent(30), '3: R400 K500 K700', '6 (53 %, 533m) ready-pods');
  check('no Ready condition is unready', percent(30), '2: R400 N500', '2 (40 %, 400m) ratio-turned');

  // Unready pods, scaling down: left out
  check('unready pods do not hold it', percent(50), '5: R100 R300 R500 U250 U250', '2 (30 %, 300m) ready-pods');

  check('nor fill it in on target', percent(50), '4: R500*2 U500*2', '4 (50 %, 500m) within-tolerance');

  // Missing pods
  check('missing ones use their whole request', percent(100), '4: R400 R95 R=- R=-', '3 (24 %, 247m) all-pods');
  check('or the target, where it is more', percent(200), '4: R400 R95 R=- R=-', '3 (24 %, 247m) all-pods');
  check('missing ones are idle on the way up', percent(50), '3: R1000*2 R=-', '4 (100 %, 1000m) all-pods');
  check('what is filled in may turn the ratio (4.6.3)', percent(50), '2: R600 R=-', '2 (60 %, 600m) ratio-turned');
  check('what is filled in may bring it within', percent(50), '2: R100 S=-', '2 (10 %, 100m) within-tolerance');
  check('exactly on target nothing is filled in', percent(50), '3: R500 R=-', '3 (50 %, 500m) within-tolerance');

  // Ignored pods
  check('failed and deleted pods do not count', percent(50), '2: R1000*2 F1000 D1000', '4 (100 %, 1000m) ready-pods');

  // Strays
  check('a stray counts nothing at first', percent(50), '2: R1000*2 x5000', '4 (100 %, 1000m) ready-pods');
  check('a stray is a pod once others are filled in', percent(50), '3: R1000*2 R=- x5000', '6 (100 %, 1000m) all-pods');

  // The number of pods counted may contradict the ratio
  check('a ratio below 1 never adds replicas', percent(50), '1: R100*3 R=-', '1 (10 %, 100m) replicas-turned');
  check('a ratio above 1 never takes replicas', percent(50), '9: R1000*2 R=-', '9 (100 %, 1000m) replicas-turned');
  check('but may keep them on the way down', percent(50), '3: R100*3 R=-', '3 (10 %, 100m) all-pods');
  check('and on the way up', percent(50), '4: R1000*2 R=-', '4 (100 %, 1000m) all-pods');

  // Refusals
  const failed = 'failed to get cpu utilization:';
  check('no pods', percent(50), '2:', `${failed} no pods returned by selector while calculating replica count`);
  const unready = `${failed} did not receive metrics for targeted pods (pods might be unready)`;
  check('only pending pods', percent(50), '2: P=- P=-', unready);
  check('only strays', percent(50), '2: R=- x500', `${failed} no metrics returned matched known pods`);

  // Memory
  const memory = resourceMetric('memory', { averageUtilization: 50 });
  check('readiness plays no part', memory, '2: U1000 N1000', '4 (100 %, 1000m) ready-pods');
});

it('utilization fails when requests wrap around to 0 once pods are filled in (4.6.2)', () => {
  const huge = template({ containers: [{ name: 'app', requestsMilli: { cpu: 2n ** 62n } }] });
  const pods = ['a', 'b', 'c', 'd'].map((name) => pod(name, { template: huge }));
  const metrics = new Map(['a', 'b'].map((name) => [name, podMetric(1n)]));
  const [working] = decide(observation({ pods: { pods, metrics } }), undefined, nowMs).metrics;
  expect(working && format(working)).to.equal('failed to get cpu utilization: no metrics returned matched known pods');
});

describe('replicas proposed from an average (4.5, 4.6)', () => {
  check('cut to whole milli-units', average(500n), '3: R600 R601 R601', '4 (600m) ready-pods');
  check('missing pods use the target on the way down', average(1000n), '4: R200*2 R=-*2', '3 (200m) all-pods');
  check('readiness counts for cpu', average(300n), '2: R400 N500', '2 (400m) ratio-turned');
  check('within tolerance', average(500n), '2: R550 R549', '2 (549m) within-tolerance');

  const perPod = podsMetric('qps', 1000n);
  check('strays count in sum and divisor', perPod, '2: R1000*2 x7000', '6 (3000m) ready-pods');
  check('readiness plays no part', perPod, '2: U3000 N3000', '6 (3000m) ready-pods');
  check('pending pods are unready all the same', perPod, '2: R3000 P=-*3', '2 (3000m) ratio-turned');
  check('missing pods are idle on the way up', perPod, '2: R3000 R=-', '3 (3000m) all-pods');
  check(
    'what int32 cannot hold is its smallest',
    podsMetric('qps', 1n),
    `2: R${2n ** 40n}*2`,
    '-2147483648 (1099511627776m) ready-pods',
  );
  // A target of no milli-units, which 1E is: the ratio is infinite, then not a number, and that is on no side of 1
  check('no number is on no side', podsMetric('qps', 0n), '2: R-1 R=-', '-2147483648 (-1m) all-pods');
  check(
    'sums wrap at int64',
    podsMetric('qps', 1n),
    `2: R${2n ** 62n}*2`,
    '-2147483648 (-4611686018427387904m) ready-pods',
  );

  // Refusals
  check('no pods', perPod, '2:', 'no pods returned by selector while calculating replica count');
  check('no metrics', perPod, '2: P5 R=-', 'did not receive metrics for targeted pods (pods might be unready)');
});
