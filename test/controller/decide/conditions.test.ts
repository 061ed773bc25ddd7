import { expect } from 'chai';
import {
  type ConditionUpdate,
  removeCondition,
  scaleRead,
  scalingLimited,
  setCondition,
  stabilized,
} from '../../../src/controller/decide/conditions.ts';
import { condition, nowMs } from '../../support/observation-builders.ts';

describe('the list of conditions (8.2)', () => {
  const first = condition('ScalingActive', 'True');
  const able = condition('AbleToScale', 'True');

  it('gains a new one at its end, in transition now', () => {
    expect(setCondition([first], scaleRead, nowMs)).to.deep.equal([first, { ...scaleRead, lastTransitionAtMs: nowMs }]);
  });

  it('changes one in its place, and its transition time only with its status', () => {
    const { lastTransitionAtMs } = able;
    expect(setCondition([able, first], scaleRead, nowMs)).to.deep.equal([{ ...scaleRead, lastTransitionAtMs }, first]);
    const failed = { ...scaleRead, status: 'False' } as const;
    expect(setCondition([able, first], failed, nowMs)).to.deep.equal([{ ...failed, lastTransitionAtMs: nowMs }, first]);
  });

  it('loses all of a type', () => {
    expect(removeCondition([first, able, first], 'ScalingActive')).to.deep.equal([able]);
  });
});

describe('words of conditions (8.2)', () => {
  const check = (update: () => ConditionUpdate, words: string): void => {
    it(words, () => {
      const { type, status, reason, message } = update();
      expect(`${type} ${status} ${reason}: ${message}`).to.equal(words);
    });
  };
  const able = 'AbleToScale True';
  check(() => stabilized('ReadyForNewScale'), `${able} ReadyForNewScale: recommended size matches current size`);
  check(
    () => stabilized('ScaleUpStabilized'),
    `${able} ScaleUpStabilized: recent recommendations were lower than current one, applying the lowest recent recommendation`,
  );
  check(
    () => stabilized('ScaleDownStabilized'),
    `${able} ScaleDownStabilized: recent recommendations were higher than current one, applying the highest recent recommendation`,
  );
  check(
    () => scalingLimited(false, 'DesiredWithinRange'),
    'ScalingLimited False DesiredWithinRange: the desired count is within the acceptable range',
  );
  const limited = 'ScalingLimited True';
  check(
    () => scalingLimited(true, 'TooFewReplicas'),
    `${limited} TooFewReplicas: the desired replica count is less than the minimum replica count`,
  );
  check(
    () => scalingLimited(true, 'TooManyReplicas'),
    `${limited} TooManyReplicas: the desired replica count is more than the maximum replica count`,
  );
  check(
    () => scalingLimited(true, 'ScaleUpLimit'),
    `${limited} ScaleUpLimit: the desired replica count is increasing faster than the maximum scale rate`,
  );
  check(
    () => scalingLimited(true, 'ScaleDownLimit'),
    `${limited} ScaleDownLimit: the desired replica count is decreasing faster than the maximum scale rate`,
  );
});
