import { expect } from 'chai';
import {
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
  for (const [update, words] of [
    [stabilized('ReadyForNewScale'), 'recommended size matches current size'],
    [
      stabilized('ScaleUpStabilized'),
      'recent recommendations were lower than current one, applying the lowest recent recommendation',
    ],
    [
      stabilized('ScaleDownStabilized'),
      'recent recommendations were higher than current one, applying the highest recent recommendation',
    ],
    [scalingLimited(false, 'DesiredWithinRange'), 'the desired count is within the acceptable range'],
    [scalingLimited(true, 'TooFewReplicas'), 'the desired replica count is less than the minimum replica count'],
    [scalingLimited(true, 'TooManyReplicas'), 'the desired replica count is more than the maximum replica count'],
    [
      scalingLimited(true, 'ScaleUpLimit'),
      'the desired replica count is increasing faster than the maximum scale rate',
    ],
    [
      scalingLimited(true, 'ScaleDownLimit'),
      'the desired replica count is decreasing faster than the maximum scale rate',
    ],
  ] as const) {
    it(`${update.type} ${update.status} ${update.reason}`, () => expect(update.message).to.equal(words));
  }
});
