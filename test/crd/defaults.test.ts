import { expect } from 'chai';
import { specDefaults, withDefaults } from '../../src/crd/defaults.ts';

const { scaleUp, scaleDown } = specDefaults.behavior;

describe('defaults of a spec', () => {
  const check = (title: string, given: Record<string, unknown>, field: string, expected: unknown): void => {
    it(title, () => {
      expect(withDefaults(given)[field]).to.deep.equal(expected);
    });
  };
  check('minReplicas is 1 when absent', {}, 'minReplicas', 1);
  check('minReplicas is 1 when null', { minReplicas: null }, 'minReplicas', 1);
  check('minReplicas 0 is kept', { minReplicas: 0 }, 'minReplicas', 0);

  check('metrics are 80 % CPU when absent', {}, 'metrics', specDefaults.metrics);
  check('metrics are 80 % CPU when empty', { metrics: [] }, 'metrics', specDefaults.metrics);
  check('metrics are kept when given', { metrics: [1] }, 'metrics', [1]);

  check('behavior stays absent', {}, 'behavior', undefined);
  check('an empty behavior is completed in both directions', { behavior: {} }, 'behavior', { scaleUp, scaleDown });
  check('one direction completes the other', { behavior: { scaleUp: null } }, 'behavior', { scaleUp, scaleDown });
  check('rules are completed field by field', { behavior: { scaleUp: { selectPolicy: 'Min' } } }, 'behavior', {
    scaleUp: { ...scaleUp, selectPolicy: 'Min' },
    scaleDown,
  });
  check('a scaleDown window is left open', { behavior: { scaleDown: {} } }, 'behavior', { scaleUp, scaleDown });
  check('null policies count as absent', { behavior: { scaleUp: { policies: null } } }, 'behavior', {
    scaleUp,
    scaleDown,
  });
  check('given policies replace the default ones', { behavior: { scaleUp: { policies: [7] } } }, 'behavior', {
    scaleUp: { ...scaleUp, policies: [7] },
    scaleDown,
  });
  check('an empty list of policies is kept', { behavior: { scaleUp: { policies: [] } } }, 'behavior', {
    scaleUp: { ...scaleUp, policies: [] },
    scaleDown,
  });

  it('a complete spec comes back equal', () => {
    const complete = withDefaults({ maxReplicas: 3, behavior: {} });
    expect(withDefaults(complete)).to.deep.equal(complete);
  });
});
