// Property: more usage never means fewer replicas, where upstream's rules make it so. docs/decision-math.md, "What holds of every decision".
import { expect } from 'chai';
import * as fc from 'fast-check';
import { decide } from '../../src/controller/decide/decide.ts';
import type { Decision, MetricReading, PodMetric } from '../../src/controller/decide/types.ts';
import type { Behavior, MetricSpec } from '../../src/crd/types.ts';
import { behaviors, histories, maybe } from '../support/decision-arbitraries.ts';
import {
  externalMetric,
  nowMs,
  objectMetric,
  observation,
  pod,
  podMetric,
  podStates,
  podsMetric,
  resourceMetric,
} from '../support/observation-builders.ts';

/** An amount before, and by how much it rises. Far from where numbers wrap. */
const rising = (max: bigint): fc.Arbitrary<readonly [bigint, bigint]> =>
  fc.tuple(fc.bigInt({ min: 0n, max }), fc.bigInt({ min: 0n, max }));

const valueOf = ([before, rise]: readonly [bigint, bigint], isAfter: boolean): bigint =>
  isAfter ? before + rise : before;

/** `before` and `after`: decisions that differ in usage only. */
function expectNoFewer(before: Decision, after: Decision): void {
  fc.pre(before.kind !== 'metrics-failed');
  expect(after.proposedReplicas).to.be.at.least(before.proposedReplicas ?? 0);
  expect(after.desiredReplicas).to.be.at.least(before.desiredReplicas);
}

type State = keyof typeof podStates;

const states = fc.constantFrom(...(Object.keys(podStates) as readonly State[]));
const readyStates = fc.constantFrom<State>('R', 'Y');
/** undefined: no metric. */
const loads = maybe(rising(2000n));

interface LoadedPod {
  readonly state: State;
  readonly load: readonly [bigint, bigint] | undefined;
}

function podsAndMetrics(pods: readonly LoadedPod[], isAfter: boolean) {
  const metrics = new Map<string, PodMetric>();
  const views = pods.map(({ state, load }, index) => {
    if (load !== undefined) metrics.set(`p${index}`, podMetric(valueOf(load, isAfter)));
    return pod(`p${index}`, podStates[state]);
  });
  return { pods: views, metrics };
}

describe('usage that rises never means fewer replicas', () => {
  const workload = fc.array(fc.record({ state: states, load: loads }), { minLength: 1, maxLength: 10 });
  const perPod = fc.constantFrom(
    resourceMetric('cpu', { averageUtilization: 50 }),
    resourceMetric('cpu', { averageUtilization: 150 }),
    resourceMetric('cpu', { averageValueMilli: 333n }),
    podsMetric('qps', 700n),
  );

  it('of a metric per pod, as long as the pods that count are the replicas', () => {
    fc.assert(
      fc.property(workload, perPod, behaviors, histories, (pods, metric, behavior, past) => {
        const replicas = pods.filter(({ state }) => state !== 'D' && state !== 'F').length;
        fc.pre(replicas > 0);
        const spec = { metrics: [metric], behavior, maxReplicas: 50 };
        const at = (isAfter: boolean): Decision =>
          decide(observation({ replicas, pods: podsAndMetrics(pods, isAfter), spec }), past, nowMs);
        expectNoFewer(at(false), at(true));
      }),
      { numRuns: 1000 },
    );
  });

  /** One metric of a single value on pods that say nothing of it. */
  interface ValueCase {
    readonly metric: MetricSpec;
    readonly replicas: number;
    readonly statusReplicas: number;
    readonly pods: readonly State[];
    readonly behavior: Behavior | undefined;
  }
  const readingOf = (metric: MetricSpec, valueMilli: bigint): MetricReading =>
    metric.type === 'Object' ? { kind: 'object', valueMilli } : { kind: 'external', valuesMilli: [valueMilli] };

  function decideOnValue(one: ValueCase, valueMilli: bigint, past: Parameters<typeof decide>[1]): Decision {
    const { metric, replicas, statusReplicas, behavior } = one;
    const pods = podsAndMetrics(
      one.pods.map((state) => ({ state, load: undefined })),
      false,
    );
    const spec = { metrics: [metric], behavior, maxReplicas: 50 };
    const readings = [readingOf(metric, valueMilli)];
    return decide(observation({ replicas, statusReplicas, pods, spec, readings }), past, nowMs);
  }

  const sizes = fc.integer({ min: 1, max: 20 });
  const value = { valueMilli: 1000n };
  const averageValue = { averageValueMilli: 1000n };

  it('of a Value, as long as the ready pods are the replicas', () => {
    const metrics = fc.constantFrom(objectMetric('qps', value), externalMetric('depth', value));
    const pods = fc.array(readyStates, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(metrics, pods, rising(30_000n), behaviors, histories, (metric, ready, load, behavior, past) => {
        const { length } = ready;
        const one = { metric, replicas: length, statusReplicas: length, pods: ready, behavior };
        expectNoFewer(decideOnValue(one, valueOf(load, false), past), decideOnValue(one, valueOf(load, true), past));
      }),
      { numRuns: 1000 },
    );
  });

  it('of an AverageValue, whatever pods and replicas there are', () => {
    const metrics = fc.constantFrom(objectMetric('qps', averageValue), externalMetric('depth', averageValue));
    const cases = fc.record({
      metric: metrics,
      replicas: sizes,
      statusReplicas: fc.integer({ min: 0, max: 20 }),
      pods: fc.array(states, { maxLength: 10 }),
      behavior: behaviors,
    });
    fc.assert(
      fc.property(cases, rising(30_000n), histories, (one, load, past) => {
        expectNoFewer(decideOnValue(one, valueOf(load, false), past), decideOnValue(one, valueOf(load, true), past));
      }),
      { numRuns: 1000 },
    );
  });

  it('of several metrics of which some failed, where that holds of each', () => {
    const failed: MetricReading = { kind: 'failed', message: 'boom' };
    fc.assert(
      fc.property(
        sizes,
        rising(2000n),
        rising(30_000n),
        fc.boolean(),
        histories,
        (replicas, load, sum, fails, past) => {
          const metrics = [
            resourceMetric('cpu', { averageUtilization: 50 }),
            externalMetric('depth', averageValue),
            podsMetric('qps', 1n),
          ];
          const at = (isAfter: boolean): Decision => {
            const pods = podsAndMetrics(
              Array.from({ length: replicas }, () => ({ state: 'R', load })),
              isAfter,
            );
            const perPodReading: MetricReading = { kind: 'pods', metrics: pods.metrics };
            const depth = readingOf(metrics[1]!, valueOf(sum, isAfter));
            const readings = fails ? [perPodReading, depth, failed] : [perPodReading, depth];
            const spec = { metrics: metrics.slice(0, readings.length), maxReplicas: 50 };
            return decide(observation({ replicas, pods, spec, readings }), past, nowMs);
          };
          // What is not decided for want of a metric is held, and lies below what is decided with more usage.
          expect(at(true).desiredReplicas).to.be.at.least(at(false).desiredReplicas);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('usage that rises means fewer replicas', () => {
  function check(
    title: string,
    replicas: number,
    pods: readonly [string, string],
    proposed: readonly [number, number],
  ) {
    it(`${title}: at ${replicas} replicas, ${pods.join(' before ')} -> ${proposed.join(' before ')}`, () => {
      const spec = { metrics: [resourceMetric('cpu', { averageUtilization: 50 })], maxReplicas: 50 };
      const decisions = pods.map((seen) => decide(observation({ replicas, pods: seen, spec }), undefined, nowMs));
      expect(decisions.map(({ proposedReplicas }) => proposedReplicas)).to.deep.equal(proposed);
    });
  }
  // Within tolerance the replicas stay that were asked for; beyond, the pods are counted that there are.
  check('when not all pods are there yet', 10, ['R500*2', 'R600*2'], [10, 3]);
  // Below tolerance the pods are counted; within, it is the replicas.
  check('when more pods are there than replicas', 2, ['R440*6', 'R500*6'], [6, 2]);

  it('when it no longer fits: an int32 that is too large is the smallest', () => {
    const spec = { metrics: [podsMetric('qps', 1n)] };
    const proposed = [2n ** 30n, 2n ** 31n].map((usage) => {
      const [metric] = decide(observation({ pods: `R${usage}`, spec }), undefined, nowMs).metrics;
      return metric?.outcome.kind === 'proposal' ? metric.outcome.replicas : undefined;
    });
    expect(proposed).to.deep.equal([2 ** 30, -(2 ** 31)]);
  });

  it('of a Value when not all pods are ready: on target the replicas stay, beyond it the ready pods are counted', () => {
    const spec = { metrics: [objectMetric('qps', { valueMilli: 1000n })], maxReplicas: 50 };
    const proposed = [1000n, 1500n].map((valueMilli) => {
      const readings = [{ kind: 'object', valueMilli }] as const;
      return decide(observation({ replicas: 4, pods: 'R=-*2 U=-*2', spec, readings }), undefined, nowMs)
        .proposedReplicas;
    });
    expect(proposed).to.deep.equal([4, 3]);
  });
});
