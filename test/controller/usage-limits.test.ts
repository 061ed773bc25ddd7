import { expect } from 'chai';
import { decide } from '../../src/controller/decide/decide.ts';
import { UsageLimits } from '../../src/controller/usage-limits.ts';
import type { PodUsage } from '../../src/metrics/types.ts';
import { nowMs, observation, podsOf } from '../support/observation-builders.ts';

/** Pods of a request of one core, at a target of 50 %: each should use 500 milli-cores. */
describe('a new usage of a pod', () => {
  const usage = (cpuMilli: number): PodUsage => ({
    timestampMs: nowMs,
    windowNs: 15e9,
    containers: [{ name: 'app', cpuNanoCores: cpuMilli * 1e6, memoryBytes: 0 }],
  });

  interface Before {
    /** What the pods used at the last look. */
    readonly pods: string;
    readonly replicas?: number;
    readonly maxReplicas?: number;
  }
  const isWorthALook = ({ pods, replicas = 4, maxReplicas = 10 }: Before, cpuMilli: number | undefined): boolean => {
    const seen = observation({ replicas, pods: podsOf(pods), spec: { maxReplicas } });
    const limits = new UsageLimits();
    limits.decided('key', seen, decide(seen, undefined, nowMs));
    return limits.isWorthALook('key', () => (cpuMilli === undefined ? undefined : usage(cpuMilli)));
  };
  const check = (title: string, before: Before, cpuMilli: number | undefined, expected: boolean): void => {
    it(`${title}: ${expected ? 'a look' : 'nothing'}`, () => {
      expect(isWorthALook(before, cpuMilli)).to.equal(expected);
    });
  };

  check('within the tolerance of an autoscaler on target', { pods: 'R500*4' }, 549, false);
  check('beyond it', { pods: 'R500*4' }, 551, true);
  check('far below the target', { pods: 'R500*4' }, 10, false);
  check('about as high as it was, far below the target', { pods: 'R200*4' }, 240, false);
  check('a rise that makes an autoscaler hot', { pods: 'R200*4' }, 260, true);
  check('near the tolerance of an autoscaler that was not', { pods: 'R430*4' }, 441, true);
  check('of an idle autoscaler that stays idle', { pods: 'R0*4' }, 5, false);
  check('however high, when there are as many replicas as may be', { pods: 'R500*4', maxReplicas: 4 }, 2_000, false);
  check('that is not there', { pods: 'R500*4' }, undefined, true);
  check('after a decision to scale', { pods: 'R900*4' }, 10, true);
  check('after a decision that failed', { pods: 'R=-*4' }, 10, true);

  it('of an autoscaler that was not looked at, or is gone, is worth a look', () => {
    const limits = new UsageLimits();
    expect(limits.isWorthALook('key', () => usage(1))).to.equal(true);
    const seen = observation({ replicas: 4, pods: podsOf('R500*4') });
    limits.decided('key', seen, decide(seen, undefined, nowMs));
    limits.delete('key');
    expect(limits.isWorthALook('key', () => usage(1))).to.equal(true);
  });
});
