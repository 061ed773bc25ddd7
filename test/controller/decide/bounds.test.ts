import { expect } from 'chai';
import { effectiveBehavior } from '../../../src/controller/decide/behavior.ts';
import {
  type Limited,
  limitWithBehavior,
  limitWithoutBehavior,
  routeByReplicas,
} from '../../../src/controller/decide/bounds.ts';
import { scaleDownLimit, scaleUpLimit } from '../../../src/controller/decide/scaling-policies.ts';
import type { Behavior, ScalingRules } from '../../../src/crd/types.ts';
import {
  defaultScaleDown,
  defaultScaleUp,
  history,
  nowMs,
  objectMetric,
  resourceMetric,
  scalingRules,
} from '../../support/observation-builders.ts';

/** `4 ScaleUpLimit`. */
const format = ({ replicas, reason }: Limited): string => `${replicas} ${reason}`;

/** Current, stabilized, min, max. */
type Numbers = readonly [current: number, stabilized: number, min: number, max: number];

const question = ([currentReplicas, stabilizedReplicas, minReplicas, maxReplicas]: Numbers) => ({
  currentReplicas,
  stabilizedReplicas,
  minReplicas,
  maxReplicas,
});

describe('what the current replicas alone say (2)', () => {
  const cpu = [resourceMetric('cpu', { averageUtilization: 50 })];
  const object = [objectMetric('qps', { valueMilli: 1n }), ...cpu];
  const base = { currentReplicas: 3, minReplicas: 1, maxReplicas: 10, metrics: cpu, wasScaledToZero: false };

  function check(title: string, parts: Partial<typeof base>, expected: ReturnType<typeof routeByReplicas>) {
    it(title, () => expect(routeByReplicas({ ...base, ...parts })).to.deep.equal(expected));
  }
  check('within bounds metrics decide (2.4)', {}, { kind: 'metrics' });
  check('at the bounds too', { minReplicas: 3, maxReplicas: 3 }, { kind: 'metrics' });
  const above = 'Current number of replicas above Spec.MaxReplicas';
  check('above max goes to max', { currentReplicas: 11 }, { kind: 'bound', replicas: 10, reason: above });
  const below = 'Current number of replicas below Spec.MinReplicas';
  check('below min goes to min', { minReplicas: 4 }, { kind: 'bound', replicas: 4, reason: below });
  check('zero is disabled', { currentReplicas: 0 }, { kind: 'disabled' });
  check(
    'zero is disabled whatever min says',
    { currentReplicas: 0, minReplicas: 0, metrics: object },
    { kind: 'disabled' },
  );
  const fromZero = { currentReplicas: 0, wasScaledToZero: true };
  check('zero that is ours is left when min was raised', fromZero, { kind: 'metrics' });
  check(
    'or when there is a metric without pods',
    { ...fromZero, minReplicas: 0, metrics: object },
    { kind: 'metrics' },
  );
  check('but not for per-pod metrics with min 0', { ...fromZero, minReplicas: 0 }, { kind: 'disabled' });
});

describe('limits without behavior (7.1)', () => {
  function check(numbers: Numbers, expected: string) {
    it(`${numbers.join(', ')} -> ${expected}`, () => {
      expect(format(limitWithoutBehavior(question(numbers)))).to.equal(expected);
    });
  }
  check([1, 10, 1, 20], '4 ScaleUpLimit');
  check([3, 10, 1, 20], '6 ScaleUpLimit');
  check([3, 10, 1, 6], '6 TooManyReplicas');
  check([3, 10, 1, 5], '5 TooManyReplicas');
  check([5, 0, 1, 10], '1 TooFewReplicas');
  check([5, 2, 3, 10], '3 TooFewReplicas');
  check([0, 10, 0, 10], '4 ScaleUpLimit');
  check([3, 5, 1, 5], '5 DesiredWithinRange');
  check([3, 6, 1, 20], '6 DesiredWithinRange');
  // Twice 2^30 does not fit an int32.
  check([2 ** 30, 2 ** 30, 1, 2 ** 31 - 1], '-2147483648 ScaleUpLimit');
});

interface Past {
  readonly scaleUps?: string;
  readonly scaleDowns?: string;
}

function limitOf(numbers: Numbers, behavior: Behavior, past: Past = {}): Limited {
  const { scaleUp, scaleDown } = effectiveBehavior(behavior, 300_000);
  const common = { currentReplicas: numbers[0], history: history(past), nowMs };
  const up = scaleUpLimit({ ...common, rules: scaleUp });
  const down = scaleDownLimit({ ...common, rules: scaleDown });
  return limitWithBehavior(question(numbers), { up, down });
}

describe('limits with behavior (7.2, 7.3)', () => {
  const defaults: Behavior = { scaleUp: defaultScaleUp, scaleDown: defaultScaleDown };
  const down = (parts: Partial<ScalingRules>): Behavior => ({ ...defaults, scaleDown: scalingRules(parts) });
  const up = (parts: Partial<ScalingRules>): Behavior => ({ ...defaults, scaleUp: scalingRules(parts) });

  function check(numbers: Numbers, expected: string, behavior = defaults, past: Past = {}) {
    it(`${numbers.join(', ')} ${past.scaleUps ?? ''} ${past.scaleDowns ?? ''} -> ${expected}`, () => {
      expect(format(limitOf(numbers, behavior, past))).to.equal(expected);
    });
  }
  // Default rules
  check([1, 10, 1, 20], '5 ScaleUpLimit');
  check([5, 20, 1, 20], '10 ScaleUpLimit');
  check([5, 20, 1, 8], '8 TooManyReplicas');
  check([5, 8, 1, 8], '8 DesiredWithinRange');
  check([0, 10, 0, 20], '4 ScaleUpLimit');
  check([10, 0, 2, 20], '2 TooFewReplicas');
  check([10, 2, 2, 20], '2 DesiredWithinRange');
  // Neither bound applies to replicas that stay; step 2 has seen to them
  check([2, 2, 4, 20], '2 DesiredWithinRange');
  check([10, 10, 1, 5], '10 DesiredWithinRange');

  // What is left of the budget
  check([5, 20, 1, 20], '5 ScaleUpLimit', defaults, { scaleUps: '4@10' });
  check([5, 20, 1, 20], '10 ScaleUpLimit', defaults, { scaleUps: '4@20' });
  check([5, 20, 1, 20], '10 ScaleUpLimit', defaults, { scaleUps: '4@15' });
  const half = down({ policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }] });
  check([10, 0, 1, 20], '2 ScaleDownLimit', half, { scaleUps: '5@10' });
  const two = down({ policies: [{ type: 'Pods', value: 2, periodSeconds: 60 }] });
  check([8, 1, 1, 20], '8 ScaleDownLimit', two, { scaleDowns: '2@10' });
  check([8, 1, 1, 20], '8 ScaleDownLimit', two, { scaleDowns: '4@10' });
  check([8, 1, 1, 20], '6 ScaleDownLimit', two, { scaleDowns: '2@60' });
  check([8, 20, 1, 20], '8 ScaleUpLimit', defaults, { scaleUps: '8@10' });

  // A policy that leads to the bound itself is not what limits
  check([5, 20, 1, 10], '10 TooManyReplicas');
  check([8, 1, 6, 20], '6 TooFewReplicas', two);

  // Select policies
  check([10, 1, 1, 20], '10 ScaleDownLimit', down({ selectPolicy: 'Disabled' }));
  check([3, 10, 1, 20], '3 ScaleUpLimit', up({ selectPolicy: 'Disabled' }));
  check([10, 20, 1, 10], '10 TooManyReplicas', up({ selectPolicy: 'Disabled' }));
  check([10, 50, 1, 60], '14 ScaleUpLimit', up({ ...defaultScaleUp, selectPolicy: 'Min' }));
  const fourOrTenth = [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 10, periodSeconds: 15 },
  ];
  check([10, 1, 1, 60], '9 ScaleDownLimit', down({ selectPolicy: 'Min', policies: fourOrTenth }));
  check([10, 1, 1, 60], '6 ScaleDownLimit', down({ policies: fourOrTenth }));
  check([10, 1, 1, 60], '6 ScaleDownLimit', down({ selectPolicy: 'Odd', policies: fourOrTenth }));

  // Without policies, which no API server admits
  check([10, 50, 1, 60], '10 ScaleUpLimit', up({}));
  check([10, 50, 1, 60], '50 DesiredWithinRange', up({ selectPolicy: 'Min' }));
  check([10, 1, 1, 60], '10 ScaleDownLimit', down({}));
  check([10, 1, 1, 60], '1 DesiredWithinRange', down({ selectPolicy: 'Min' }));

  it('says how far replicas could have gone either way', () => {
    const { lowest, highest } = limitOf([10, 10, 1, 60], down({ policies: fourOrTenth }));
    expect({ lowest, highest }).to.deep.equal({ lowest: 6, highest: 20 });
  });
});

describe('one policy (7.3)', () => {
  interface Rule {
    readonly type: string;
    readonly value: number;
  }
  const rules = (...policies: readonly Rule[]) => ({
    stabilizationWindowMs: 0,
    selectPolicy: 'Max',
    policies: policies.map((policy) => ({ ...policy, periodSeconds: 15 })),
  });
  const percent = (value: number): Rule => ({ type: 'Percent', value });
  const pods = (value: number): Rule => ({ type: 'Pods', value });
  const at = (currentReplicas: number) => ({ currentReplicas, history: history(), nowMs });

  function checkUp(replicas: number, policy: Rule, expected: number) {
    it(`${policy.type} ${policy.value} up from ${replicas} -> ${expected}`, () => {
      expect(scaleUpLimit({ ...at(replicas), rules: rules(policy) })).to.equal(expected);
    });
  }
  function checkDown(replicas: number, policy: Rule, expected: number) {
    it(`${policy.type} ${policy.value} down from ${replicas} -> ${expected}`, () => {
      expect(scaleDownLimit({ ...at(replicas), rules: rules(policy) })).to.equal(expected);
    });
  }
  // 1 + 10/100 is a little more than 1.1, and 1 - 80/100 a little less than 0.2: part of the behaviour.
  checkUp(100, percent(10), 111);
  checkUp(50, percent(10), 56);
  checkUp(90, percent(10), 100);
  checkUp(1, percent(1), 2);
  checkDown(10, percent(80), 1);
  checkDown(10, percent(90), 0);
  checkDown(5, percent(10), 4);
  checkDown(1, percent(10), 0);
  checkDown(10, percent(200), -10);
  checkUp(2_147_483_647, pods(1), -2_147_483_648);
  checkDown(-2_147_483_648, pods(1), 2_147_483_647);
  checkUp(2_147_483_647, percent(100), -2_147_483_648);

  it('a policy of unknown type repeats the one before it, and 0 when it is the first', () => {
    const odd = { type: 'Odd', value: 1 };
    expect(scaleUpLimit({ ...at(5), rules: rules(pods(4), odd) })).to.equal(9);
    expect(scaleUpLimit({ ...at(5), rules: rules(odd) })).to.equal(0);
    expect(scaleDownLimit({ ...at(5), rules: rules(pods(4), odd) })).to.equal(1);
    expect(scaleDownLimit({ ...at(5), rules: rules(odd) })).to.equal(0);
  });
});
