// Whether the next samples may change replicas: docs/autoscaling.md 7.
import { expect } from 'chai';
import { decide } from '../../src/controller/decide/decide.ts';
import type { MetricReading, Observation } from '../../src/controller/decide/types.ts';
import { heatOf, hotRise, learnWavering } from '../../src/controller/heat.ts';
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

type Heat = ReturnType<typeof heatOf>;

describe('an autoscaler is', () => {
  const check = (heat: Heat, rule: string, seen: Observation, hasRisen = false): void => {
    it(`${heat ?? 'not hot'} ${rule}`, () =>
      expect(heatOf(seen, decide(seen, undefined, nowMs), hasRisen)).to.equal(heat));
  };
  check('rising', 'beyond its tolerance', twoPods(600));
  check('near', 'at its target, where nothing changes', twoPods(500));
  check('near', 'when a quarter more usage would pass the tolerance', twoPods(450));
  check(undefined, 'when it would not', twoPods(430));
  check('rising', 'at its target when a pod rose', twoPods(500), true);
  check('rising', 'far below its target when a pod rose', twoPods(300), true);
  check(undefined, 'at the most replicas, where no sample can add one', twoPods(900, { maxReplicas: 2 }), true);
  check(
    undefined,
    'because of the tolerance that others have',
    twoPods(500, { behavior: { scaleUp: { ...defaultScaleUp, tolerance: 0.5 }, scaleDown: scalingRules({}) } }),
  );
  check(
    'rising',
    'while replicas go down',
    twoPods(100, {
      behavior: { scaleUp: defaultScaleUp, scaleDown: { ...defaultScaleDown, stabilizationWindowSeconds: 0 } },
    }),
  );
  const external: MetricReading = { kind: 'external', valuesMilli: [9000n] };
  check(
    undefined,
    'for a metric that no kubelet tells',
    observation({ spec: { metrics: [externalMetric('depth', { valueMilli: 1000n })] }, readings: [external] }),
  );
  check(
    undefined,
    'when nothing could be computed',
    observation({ readings: [{ kind: 'failed', message: 'no metrics' }] }),
    true,
  );
});

describe('a rise of a pod is worth asking for the samples of the others', () => {
  const check = (rule: string, shortOf: number, wavering: number | undefined, rise: number): void => {
    it(rule, () => expect(hotRise(shortOf, wavering)).to.be.closeTo(rise, 1e-9));
  };
  check('from half of what the average is short of the tolerance on', 0.6, 0, 0.3);
  check('from a tenth of the target on where the average is nearer than that', 0.01, 0, 0.1);
  check('only beyond what pods waver by', 0.1, 0.2, 0.3);
  it('not before it is known what pods waver by', () => expect(hotRise(0.1, undefined)).to.equal(Infinity));
});

describe('what pods waver by', () => {
  it('is what the first period showed', () => expect(learnWavering(undefined, 0.3)).to.equal(0.3));
  it('is soon known when it is more', () => expect(learnWavering(0.1, 0.3)).to.be.closeTo(0.2, 1e-9));
  it('is forgotten within minutes after a single rise', () => {
    let known = learnWavering(0, 1);
    for (let period = 0; period < 16; period++) known = learnWavering(known, 0);
    expect(known).to.be.below(0.07);
  });
});
