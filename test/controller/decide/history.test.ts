import { expect } from 'chai';
import { emptyHistory, learnScaleEvent } from '../../../src/controller/decide/history.ts';
import type { AutoscalerStatus, Behavior } from '../../../src/crd/types.ts';

const second = Date.parse('2026-01-01T00:00:07Z');
const behavior: Behavior = {
  scaleUp: {
    policies: [{ type: 'Pods', value: 1, periodSeconds: 10 }],
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    tolerance: undefined,
  },
  scaleDown: undefined,
};

const statusOf = (currentReplicas: number, desiredReplicas: number, lastScaleAtMs?: number): AutoscalerStatus => ({
  observedGeneration: 1,
  lastScaleAtMs,
  currentReplicas,
  desiredReplicas,
  currentMetrics: undefined,
  conditions: [],
});

describe('learnScaleEvent', () => {
  it('takes the end of the second that the status tells, so that the period of a policy does not end early', () => {
    const up = learnScaleEvent(emptyHistory, behavior, statusOf(2, 4, second));
    expect(up.scaleUpEvents).to.deep.equal([{ replicaChange: 2, atMs: second + 999, outdated: false }]);
    const down = learnScaleEvent(emptyHistory, behavior, statusOf(4, 1, second));
    expect(down.scaleDownEvents).to.deep.equal([{ replicaChange: 3, atMs: second + 999, outdated: false }]);
  });

  it('learns nothing from a status without a change or without its time, nor where no policies ask for it', () => {
    expect(learnScaleEvent(emptyHistory, behavior, statusOf(3, 3, second))).to.equal(emptyHistory);
    expect(learnScaleEvent(emptyHistory, behavior, statusOf(2, 4))).to.equal(emptyHistory);
    expect(learnScaleEvent(emptyHistory, undefined, statusOf(2, 4, second))).to.equal(emptyHistory);
  });
});
