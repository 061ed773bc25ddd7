// Whether the next samples may change replicas: docs/autoscaling.md 7.
import { expect } from 'chai';
import { decide } from '../../src/controller/decide/decide.ts';
import type { MetricReading, Observation } from '../../src/controller/decide/types.ts';
import { highestUsageRatio, isHot } from '../../src/controller/heat.ts';
import type { AutoscalerSpec } from '../../src/crd/types.ts';
import {
  defaultScaleDown,
  defaultScaleUp,
  externalMetric,
  nowMs,
  observation,
  scalingRules,
} from '../support/observation-builders.ts';

/** Two pods of one core each that use so many milli-cores, at a target of 500; 1 to 10 replicas. */
function twoPods(milli: number, spec: Partial<AutoscalerSpec> = {}): Observation {
  return observation({ pods: `R${milli}*2`, spec });
}

function heatOf(seen: Observation, ratioAtSync?: number): boolean {
  const decision = decide(seen, undefined, nowMs);
  const ratio = highestUsageRatio(seen, decision);
  return ratio !== undefined && isHot(seen, decision, ratio, ratioAtSync);
}

describe('an autoscaler is', () => {
  const check = (isHotNow: boolean, rule: string, seen: Observation, ratioAtSync?: number): void => {
    it(`${isHotNow ? 'hot' : 'not hot'} ${rule}`, () => expect(heatOf(seen, ratioAtSync)).to.equal(isHotNow));
  };
  check(true, 'beyond its tolerance', twoPods(600));
  check(true, 'at its target', twoPods(500));
  check(true, 'when a quarter more usage would pass the tolerance', twoPods(450));
  check(false, 'when it would not', twoPods(430));
  check(true, 'when usage rose by more than a tenth of the target since the last sync', twoPods(300), 0.49);
  check(false, 'when it rose by less', twoPods(300), 0.51);
  check(false, 'when it fell', twoPods(300), 0.9);
  check(false, 'at the most replicas, where no sample can add one', twoPods(900, { maxReplicas: 2 }));
  check(
    false,
    'because of the tolerance that others have',
    twoPods(500, { behavior: { scaleUp: { ...defaultScaleUp, tolerance: 0.5 }, scaleDown: scalingRules({}) } }),
  );
  check(
    true,
    'while replicas go down',
    twoPods(100, {
      behavior: { scaleUp: defaultScaleUp, scaleDown: { ...defaultScaleDown, stabilizationWindowSeconds: 0 } },
    }),
  );
  const external: MetricReading = { kind: 'external', valuesMilli: [1000n] };
  check(
    false,
    'for a metric that no kubelet tells',
    observation({ spec: { metrics: [externalMetric('depth', { valueMilli: 1000n })] }, readings: [external] }),
  );
  check(
    false,
    'when nothing could be computed',
    observation({ readings: [{ kind: 'failed', message: 'no metrics' }] }),
  );
});
