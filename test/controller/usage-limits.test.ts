import { expect } from 'chai';
import { array, assert, integer, property, tuple } from 'fast-check';
import { decide } from '../../src/controller/decide/decide.ts';
import type { Observation } from '../../src/controller/decide/types.ts';
import { type Looked, UsageLimits } from '../../src/controller/usage-limits.ts';
import type { MetricSpec } from '../../src/crd/types.ts';
import type { ListedPod } from '../../src/lib/views.ts';
import { newPodReading } from '../../src/metrics/pod-reading.ts';
import type { PodReading } from '../../src/metrics/types.ts';
import { fillReading } from '../support/metrics-reader-fake.ts';
import { nowMs, observation, podsOf, resourceMetric } from '../support/observation-builders.ts';

/** As the cache would have the pods that are observed. */
function listed({ pods }: Observation): readonly ListedPod[] {
  return pods.map((pod, ordinal) => ({ ...pod, ordinal, isOutdated: false }));
}

function usageOf(cpuMilli: number): PodReading {
  const reading = newPodReading();
  const containers = [{ name: 'app', cpuNanoCores: cpuMilli * 1e6, memoryBytes: 0 }];
  fillReading({ timestampMs: nowMs, windowNs: 15e9, containers }, reading);
  return reading;
}

/** A look at what is seen now. */
function look(seen: Observation, isPeriodic = true): Looked {
  return { observation: seen, pods: listed(seen), decision: decide(seen, undefined, nowMs), isPeriodic };
}

/** Pods of a request of one core, at a target of 50 %: each should use 500 milli-cores. */
describe('a new usage of a pod', () => {
  interface Before {
    /** What the pods used at the last look. */
    readonly pods: string;
    readonly replicas?: number;
    readonly maxReplicas?: number;
  }
  const isWorthALook = (
    { pods, replicas = 4, maxReplicas = 10 }: Before,
    cpuMilli: number | undefined,
    pod = 'r-0',
  ): boolean => {
    const seen = observation({ replicas, pods: podsOf(pods), spec: { maxReplicas } });
    const limits = new UsageLimits();
    const looked = look(seen);
    limits.decided('key', looked);
    const used = cpuMilli === undefined ? undefined : usageOf(cpuMilli);
    const worthALook = limits.isWorthALook('key', pod, used);
    const known = looked.pods.find(({ name }) => name === pod);
    // The short answer is the same one.
    if (known !== undefined && used !== undefined) expect(limits.isNoNews(known, used)).to.equal(!worthALook);
    return worthALook;
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
  check('less than what the average is short of the tolerance, far below the target', { pods: 'R200*4' }, 540, false);
  check('more than that', { pods: 'R200*4' }, 560, true);
  check('of an idle autoscaler that stays idle', { pods: 'R0*4' }, 5, false);
  check('however high, when there are as many replicas as may be', { pods: 'R500*4', maxReplicas: 4 }, 2_000, false);
  check('that is not there', { pods: 'R500*4' }, undefined, true);
  check('after a decision to scale', { pods: 'R900*4' }, 10, true);
  check('after a decision that failed', { pods: 'R=-*4' }, 10, true);

  describe('of pods that use unequal amounts, 500 on average: what counts is by how much one rises', () => {
    const unequal = { pods: 'R100 R900', replicas: 2 };
    const [low = '', high = ''] = podsOf(unequal.pods).pods.map(({ name }) => name);
    const checkPod = (pod: string, cpuMilli: number, expected: boolean): void => {
      it(`${pod} at ${cpuMilli}: ${expected ? 'a look' : 'nothing'}`, () => {
        expect(isWorthALook(unequal, cpuMilli, pod)).to.equal(expected);
      });
    };
    checkPod(low, 149, false);
    checkPod(low, 151, true);
    checkPod(high, 949, false);
    checkPod(high, 951, true);
    checkPod('unknown before', 549, false);
    checkPod('unknown before', 551, true);
  });

  it('never lets usage pass the tolerance unseen, however it is spread', () => {
    const share = integer({ min: 0, max: 1000 });
    const seenWith = (amounts: readonly number[]): Observation =>
      observation({
        replicas: amounts.length,
        pods: podsOf(amounts.map((amount) => `R${amount}`).join(' ')),
        spec: { maxReplicas: 100 },
      });
    assert(
      property(array(tuple(share, share), { minLength: 1, maxLength: 8 }), (amounts) => {
        const before = seenWith(amounts.map(([amount]) => amount));
        const after = seenWith(amounts.map(([, amount]) => amount));
        const limits = new UsageLimits();
        limits.decided('key', look(before));
        const grows = (decide(after, undefined, nowMs).desiredReplicas ?? 0) > amounts.length;
        const isSeen = after.pods.some(({ name }, index) =>
          limits.isWorthALook('key', name, usageOf(amounts[index]?.[1] ?? 0)),
        );
        expect(isSeen || !grows).to.equal(true);
      }),
    );
  });

  it('of an autoscaler that was not looked at, or is gone, is worth a look', () => {
    const limits = new UsageLimits();
    expect(limits.isWorthALook('key', 'r-0', usageOf(1))).to.equal(true);
    const seen = observation({ replicas: 4, pods: podsOf('R500*4') });
    limits.decided('key', look(seen));
    limits.delete('key');
    expect(limits.isWorthALook('key', 'r-0', usageOf(1))).to.equal(true);
  });
});

describe('that a new usage is no news', () => {
  const seen = observation({ replicas: 2, pods: podsOf('R500*2'), spec: { maxReplicas: 10 } });
  const idle = usageOf(1);
  const limitsAfter = (...looks: readonly (readonly [string, Looked])[]): UsageLimits => {
    const limits = new UsageLimits();
    for (const [key, looked] of looks) limits.decided(key, looked);
    return limits;
  };
  const [first, second] = listed(seen);
  if (first === undefined || second === undefined) throw new Error('there are two pods');
  const looked = { ...look(seen), pods: [first, second] };

  it('is known of the pods of a look, as they were then', () => {
    const limits = limitsAfter(['one', looked]);
    expect(limits.isNoNews(second, idle)).to.equal(true);
    expect(limits.isNoNews({ ...second }, idle)).to.equal(false);
    expect(limits.isNoNews({ ...second, ordinal: 100 }, idle)).to.equal(false);
  });

  it('is not known any more of a pod that the next look does not find', () => {
    const limits = limitsAfter(['one', looked], ['one', { ...looked, pods: [first] }]);
    expect([first, second].map((pod) => limits.isNoNews(pod, idle))).to.deep.equal([true, false]);
  });

  it('is known by the last look, whosever it was', () => {
    const busy = look(observation({ replicas: 2, pods: podsOf('R540*2'), spec: { maxReplicas: 10 } }));
    const limits = limitsAfter(['one', looked], ['two', { ...busy, pods: [first, second] }]);
    expect([549, 551].map((milli) => limits.isNoNews(first, usageOf(milli)))).to.deep.equal([true, false]);
  });

  describe('is not known', () => {
    const check = (title: string, limits: UsageLimits): void => {
      it(title, () => expect(limits.isNoNews(first, idle)).to.equal(false));
    };
    const gone = limitsAfter(['one', looked]);
    gone.delete('one');
    check('when the autoscaler is gone', gone);
    const scaled = observation({ replicas: 2, pods: podsOf('R900*2'), spec: { maxReplicas: 10 } });
    check(
      'after a decision to scale',
      limitsAfter(['one', looked], ['one', { ...look(scaled), pods: [first, second] }]),
    );
    const withMetrics = (...metrics: readonly MetricSpec[]): UsageLimits => {
      const both = observation({ replicas: 2, pods: podsOf('R500*2'), spec: { maxReplicas: 10, metrics } });
      return limitsAfter(['one', { ...look(both), pods: [first, second] }]);
    };
    const ofCpu = resourceMetric('cpu', { averageUtilization: 50 });
    check('with two metrics', withMetrics(ofCpu, resourceMetric('cpu', { averageUtilization: 60 })));
    check('with a metric of memory', withMetrics(resourceMetric('memory', { averageUtilization: 50 })));
  });
});

/** Looks at four pods of a request of one core, at a target of 50 %. */
describe('that a pod has risen is told', () => {
  interface Look {
    readonly pods: string;
    readonly isPeriodic?: boolean;
    readonly maxReplicas?: number;
  }
  const told = (looks: readonly Look[]): readonly boolean[] => {
    const limits = new UsageLimits();
    return looks.map(({ pods, isPeriodic = true, maxReplicas = 10 }) => {
      const seen = observation({ replicas: 4, pods: podsOf(pods), spec: { maxReplicas } });
      return limits.decided('key', look(seen, isPeriodic));
    });
  };
  const steady = { pods: 'R500*4' };
  const check = (title: string, looks: readonly Look[], expected: readonly boolean[]): void => {
    it(title, () => expect(told(looks)).to.deep.equal(expected));
  };

  check('never while nothing changes', [steady, steady, steady], [false, false, false]);
  check('by a tenth of the target', [steady, steady, { pods: 'R551 R500*3' }], [false, false, true]);
  check('not by less', [steady, steady, { pods: 'R549*4' }], [false, false, false]);
  check('not before a period has shown what pods waver by', [steady, { pods: 'R551 R500*3' }], [false, false]);
  check(
    'at each look of its period, and at the sync that ends it, but not after',
    [
      steady,
      steady,
      { pods: 'R551 R500*3', isPeriodic: false },
      { pods: 'R551 R520 R500*2', isPeriodic: false },
      { pods: 'R551 R520 R500*2' },
      { pods: 'R551 R520 R500*2' },
    ],
    [false, false, true, true, true, false],
  );
  check(
    'by more than pods are used to waver by',
    [{ pods: 'R450 R550*3' }, { pods: 'R550 R450 R550*2' }, { pods: 'R450 R550*3' }, { pods: 'R650 R550*3' }],
    [false, false, false, true],
  );
  check(
    'far below the target by half of what is missing',
    [
      { pods: 'R200*4' },
      { pods: 'R200*4' },
      { pods: 'R370 R200*3' },
      { pods: 'R370 R200*3' },
      { pods: 'R380 R380 R200*2' },
    ],
    [false, false, false, false, true],
  );
  check(
    'never at the most replicas',
    [steady, steady, { pods: 'R900 R500*3', maxReplicas: 4 }].map((look) => ({ ...look, maxReplicas: 4 })),
    [false, false, false],
  );
});
