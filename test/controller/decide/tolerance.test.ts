import { expect } from 'chai';
import { isWithin, toleranceBand } from '../../../src/controller/decide/tolerance.ts';
import type { Behavior } from '../../../src/crd/types.ts';
import { scalingRules, settings } from '../../support/observation-builders.ts';

describe('tolerance (4.1)', () => {
  function check(title: string, behavior: Behavior | undefined, expected: string, isGateOn = true) {
    it(`${title} -> ${expected}`, () => {
      const band = toleranceBand(behavior, settings({ gates: { HPAConfigurableTolerance: isGateOn } }));
      expect(`${band.from} to ${band.to}`).to.equal(expected);
    });
  }
  check('the flag, both ways', undefined, '0.9 to 1.1');
  check('rules without one', { scaleUp: scalingRules({}), scaleDown: undefined }, '0.9 to 1.1');
  check('its own, up', { scaleUp: scalingRules({ tolerance: 0 }), scaleDown: undefined }, '0.9 to 1');
  check('its own, down', { scaleUp: undefined, scaleDown: scalingRules({ tolerance: 0.5 }) }, '0.5 to 1.1');
  check('without the gate', { scaleUp: scalingRules({ tolerance: 0 }), scaleDown: undefined }, '0.9 to 1.1', false);

  it('includes both ends', () => {
    const band = { from: 0.9, to: 1.1 };
    expect([0.9, 1, 1.1].every((ratio) => isWithin(band, ratio))).to.equal(true);
    expect([0.899, 1.101, Number.NaN, Number.POSITIVE_INFINITY].some((ratio) => isWithin(band, ratio))).to.equal(false);
  });
});
