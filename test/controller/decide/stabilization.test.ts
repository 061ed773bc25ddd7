import { expect } from 'chai';
import { effectiveBehavior } from '../../../src/controller/decide/behavior.ts';
import {
  type Stabilized,
  stabilizeWithBehavior,
  stabilizeWithoutBehavior,
} from '../../../src/controller/decide/stabilization.ts';
import { formatRecommendations, nowMs, recommendations, scalingRules } from '../../support/observation-builders.ts';

/** `6 ScaleDownStabilized; 3@0 6@200`: replicas, reason, and the list afterwards. */
function format({ working, recommendations }: Stabilized): string {
  return `${working.replicas} ${working.reason}; ${formatRecommendations(recommendations)}`;
}

function question([currentReplicas, proposedReplicas]: readonly [number, number], remembered: string) {
  return { currentReplicas, proposedReplicas, recommendations: recommendations(remembered), nowMs };
}

type Replicas = readonly [current: number, proposed: number];
type Windows = readonly [upSeconds: number, downSeconds: number];

function withBehavior(replicas: Replicas, [up, down]: Windows, remembered: string): Stabilized {
  const behavior = effectiveBehavior(
    {
      scaleUp: scalingRules({ stabilizationWindowSeconds: up }),
      scaleDown: scalingRules({ stabilizationWindowSeconds: down }),
    },
    300_000,
  );
  return stabilizeWithBehavior(question(replicas, remembered), behavior);
}

describe('stabilization with behavior (6.3 to 6.5)', () => {
  function check(replicas: Replicas, windows: Windows, remembered: string, expected: string) {
    it(`${replicas.join(' to ')}, windows ${windows.join(' and ')}, ${remembered} -> ${expected}`, () => {
      expect(format(withBehavior(replicas, windows, remembered))).to.equal(expected);
    });
  }
  check([10, 3], [0, 300], '10@400 6@200 4@100', '6 ScaleDownStabilized; 3@0 6@200 4@100');
  check([10, 3], [0, 300], '10@400 9@350 4@100', '4 ScaleDownStabilized; 10@400 3@0 4@100');
  check([4, 9], [120, 300], '6@60 8@30', '6 ScaleUpStabilized; 6@60 8@30 9@0');
  check([4, 9], [120, 300], '2@60 8@30', '4 ScaleUpStabilized; 2@60 8@30 9@0');
  check([4, 9], [0, 300], '2@60', '9 ReadyForNewScale; 2@60 9@0');
  check([5, 4], [120, 120], '3@60 7@30', '5 ScaleDownStabilized; 3@60 7@30 4@0');
  check([5, 5], [120, 120], '3@60 7@30', '5 ReadyForNewScale; 3@60 7@30 5@0');
  check([5, 9], [0, 0], '3@60 7@30', '9 ReadyForNewScale; 3@60 9@0');
  check([5, 1], [0, 0], '9@60 7@30', '1 ReadyForNewScale; 9@60 1@0');

  // Exactly on the edge of a window: neither counted nor overwritten
  check([10, 3], [0, 300], '9@300', '3 ReadyForNewScale; 9@300 3@0');
  check([10, 3], [0, 300], '9@299', '9 ScaleDownStabilized; 9@299 3@0');
  check([10, 3], [0, 300], '9@301', '3 ReadyForNewScale; 3@0');
  check([4, 9], [60, 0], '5@60', '9 ReadyForNewScale; 5@60 9@0');
  // Older than one window only
  check([10, 3], [0, 300], '9@10', '9 ScaleDownStabilized; 9@10 3@0');

  // Raw and stabilized recommendation on different sides of the current replicas
  check([5, 3], [0, 300], '8@10', '5 ScaleDownStabilized; 8@10 3@0');
});

describe('stabilization without behavior (6.2, 6.4)', () => {
  function check(replicas: Replicas, remembered: string, expected: string) {
    it(`${replicas.join(' to ')}, ${remembered} -> ${expected}`, () => {
      expect(format(stabilizeWithoutBehavior(question(replicas, remembered), 300_000))).to.equal(expected);
    });
  }
  check([5, 3], '5@100', '5 ScaleDownStabilized; 5@100 3@0');
  check([5, 9], '6@100', '9 ReadyForNewScale; 6@100 9@0');
  check([5, 5], '8@10', '8 ScaleDownStabilized; 8@10 5@0');
  check([5, 3], '8@10', '8 ScaleDownStabilized; 8@10 3@0');
  check([5, 3], '', '3 ReadyForNewScale; 3@0');

  // Exactly on the edge of the window: still counted
  check([5, 3], '8@300', '8 ScaleDownStabilized; 8@300 3@0');
  check([5, 3], '8@301', '3 ReadyForNewScale; 3@0');
  // The last outdated one is overwritten, not the oldest
  check([5, 3], '8@500 7@400 4@100', '4 ScaleDownStabilized; 8@500 3@0 4@100');
});

describe('what held the replicas (6)', () => {
  it('is the recommendation of the window that reached furthest, until it leaves the window', () => {
    const { working } = stabilizeWithoutBehavior(question([5, 3], '4@200 8@100 6@50'), 300_000);
    expect(working.heldBy).to.deep.equal({ replicas: 8, atMs: nowMs - 100_000 });
    expect(working.heldUntilMs).to.equal(nowMs + 200_000);
  });

  it('is the latest of several that are equal', () => {
    const { working } = stabilizeWithoutBehavior(question([5, 3], '8@200 8@100 8@150'), 300_000);
    expect(working.heldBy?.atMs).to.equal(nowMs - 100_000);
  });

  it('is the lowest of the up window when replicas would rise', () => {
    const { working } = withBehavior([4, 9], [120, 300], '6@60 8@30');
    expect(working.heldBy).to.deep.equal({ replicas: 6, atMs: nowMs - 60_000 });
    expect(working.heldUntilMs).to.equal(nowMs + 60_000);
  });

  it('is the highest of the down window when replicas would fall', () => {
    const { working } = withBehavior([10, 3], [0, 300], '4@200 9@100');
    expect(working.heldUntilMs).to.equal(nowMs + 200_000);
  });

  it('is nothing when nothing was held', () => {
    for (const windows of [
      [0, 300],
      [120, 300],
    ] as const) {
      const { working } = withBehavior([5, 5], windows, '8@100 2@50');
      expect(working).to.deep.equal({
        replicas: 5,
        reason: 'ReadyForNewScale',
        heldBy: undefined,
        heldUntilMs: undefined,
      });
    }
  });
});

describe('the windows of a behavior (6.1)', () => {
  it('a scale-down window that is not set is the flag, cut to whole seconds', () => {
    const { scaleDown } = effectiveBehavior({ scaleUp: undefined, scaleDown: scalingRules({}) }, 299_999);
    expect(scaleDown.stabilizationWindowMs).to.equal(299_000);
  });

  it('a scale-up window that is not set is 0', () => {
    const { scaleUp } = effectiveBehavior({ scaleUp: scalingRules({}), scaleDown: undefined }, 300_000);
    expect(scaleUp.stabilizationWindowMs).to.equal(0);
  });

  it('a direction that is not set is what the API server fills in', () => {
    const { scaleUp, scaleDown } = effectiveBehavior({ scaleUp: undefined, scaleDown: undefined }, 300_000);
    expect(scaleUp).to.deep.equal({
      stabilizationWindowMs: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Pods', value: 4, periodSeconds: 15 },
        { type: 'Percent', value: 100, periodSeconds: 15 },
      ],
    });
    expect(scaleDown).to.deep.equal({
      stabilizationWindowMs: 300_000,
      selectPolicy: 'Max',
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    });
  });
});
