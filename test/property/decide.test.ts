// Property: what holds of every decision, whatever is observed:
//   it never throws; replicas stay within min and max; more usage never means fewer replicas; the order of pods says nothing;
//   stabilization keeps its windows; a decision to hold is stable; memory grows by at most one entry.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { decide } from '../../src/controller/decide/decide.ts';
import { isSameStatus } from '../../src/controller/decide/same-status.ts';
import { settle } from '../../src/controller/decide/settle.ts';
import type { Decision, History, MetricReading, Observation, PodMetric } from '../../src/controller/decide/types.ts';
import type { Behavior, MetricSpec, MetricTarget, ScalingRules } from '../../src/crd/types.ts';
import type { PodView } from '../../src/lib/views.ts';
import {
  condition,
  containerMetric,
  externalMetric,
  nowMs,
  objectMetric,
  observation,
  pod,
  podMetric,
  podStates,
  podsMetric,
  resourceMetric,
  settings,
  status,
  target,
  template,
} from '../support/observation-builders.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const milli = fc.oneof(fc.bigInt({ min: 0n, max: 5000n }), int64);
const replicas = fc.oneof(fc.integer({ min: 0, max: 12 }), int32);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'toString', '__proto__', '');
const age = fc.integer({ min: 0, max: 700_000 });

const requests = fc.dictionary(fc.constantFrom('cpu', 'memory', 'hugepages-2Mi', '__proto__'), milli, {
  noNullPrototype: true,
});
const containers = fc.array(fc.record({ name, requestsMilli: requests }), { maxLength: 3 });
const templates = fc.record({
  containers,
  initContainers: fc.array(fc.record({ name, requestsMilli: requests, restartPolicyAlways: fc.boolean() }), {
    maxLength: 2,
  }),
  podRequestsMilli: maybe(requests),
  overheadMilli: maybe(requests),
});

const podParts = fc.record({
  phase: fc.constantFrom('Running', 'Pending', 'Failed', 'Succeeded', 'Unknown', ''),
  deleting: fc.boolean(),
  startedAtMs: maybe(age.map((ms) => nowMs - ms)),
  ready: maybe(
    fc.record({
      status: fc.constantFrom('True', 'False', 'Unknown'),
      lastTransitionAtMs: fc.oneof(
        fc.constant(0),
        age.map((ms) => nowMs - ms),
      ),
    }),
  ),
  template: fc.oneof(fc.constant(template()), templates),
});
const pods = fc
  .dictionary(name, podParts, { maxKeys: 6, noNullPrototype: true })
  .map((byName): readonly PodView[] => Object.entries(byName).map(([key, parts]) => pod(key, parts)));

const goals: fc.Arbitrary<MetricTarget> = fc
  .record({
    type: fc.constantFrom('Utilization', 'Value', 'AverageValue', 'Odd'),
    valueMilli: maybe(milli),
    averageValueMilli: maybe(milli),
    averageUtilization: maybe(int32),
  })
  .map(target);
const metricSpecs: fc.Arbitrary<MetricSpec> = fc.oneof(
  fc.tuple(fc.constantFrom('cpu', 'memory', 'odd'), goals).map(([resource, goal]) => resourceMetric(resource, goal)),
  fc.tuple(name, goals).map(([container, goal]) => containerMetric('cpu', container, goal)),
  goals.map((goal): MetricSpec => ({ type: 'Pods', metric: { name: 'qps', selector: undefined }, target: goal })),
  goals.map((goal) => objectMetric('qps', goal, {})),
  goals.map((goal) => externalMetric('depth', goal)),
  name.map((type): MetricSpec => ({ type: 'Unknown', name: type })),
);

const samples = fc.record({ valueMilli: milli, timestampMs: age.map((ms) => nowMs - ms), windowMs: age });
const readings: fc.Arbitrary<MetricReading> = fc.oneof(
  fc
    .array(fc.tuple(name, samples), { maxLength: 8 })
    .map((entries): MetricReading => ({ kind: 'pods', metrics: new Map(entries) })),
  milli.map((valueMilli): MetricReading => ({ kind: 'object', valueMilli })),
  fc.array(milli, { maxLength: 4 }).map((valuesMilli): MetricReading => ({ kind: 'external', valuesMilli })),
  fc.constantFrom<MetricReading>(
    { kind: 'failed', message: 'boom' },
    { kind: 'failed', message: 'boom', stage: 'selector' },
  ),
);

type MetricAndReading = readonly [spec: MetricSpec, reading: MetricReading];

const target1000 = { averageValueMilli: 1000n };
const perPodReading: fc.Arbitrary<MetricReading> = fc
  .dictionary(name, fc.bigInt({ min: 0n, max: 3000n }), { noNullPrototype: true })
  .map((values) => ({
    kind: 'pods',
    metrics: new Map(Object.entries(values).map(([key, value]) => [key, podMetric(value)])),
  }));
/** A metric and a value that belongs to it, so that most of them propose something. */
const fitting: fc.Arbitrary<MetricAndReading> = fc.oneof(
  perPodReading.map((reading): MetricAndReading => [resourceMetric('cpu', { averageUtilization: 80 }), reading]),
  perPodReading.map((reading): MetricAndReading => [resourceMetric('memory', target1000), reading]),
  perPodReading.map((reading): MetricAndReading => [podsMetric('qps', 1000n), reading]),
  fc
    .bigInt({ min: 0n, max: 20_000n })
    .map((valueMilli): MetricAndReading => [objectMetric('qps', target1000), { kind: 'object', valueMilli }]),
  fc
    .bigInt({ min: 0n, max: 20_000n })
    .map((one): MetricAndReading => [externalMetric('depth', target1000), { kind: 'external', valuesMilli: [one] }]),
);
const metricsAndReadings = fc.array(
  fc.oneof({ arbitrary: fitting, weight: 6 }, { arbitrary: fc.tuple(metricSpecs, readings), weight: 1 }),
  { maxLength: 3 },
);

const rules: fc.Arbitrary<ScalingRules> = fc.record({
  stabilizationWindowSeconds: maybe(fc.constantFrom(0, 30, 300, 3600)),
  selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled', 'Odd'),
  policies: fc.array(
    fc.record({
      type: fc.constantFrom('Pods', 'Percent', 'Odd'),
      value: fc.oneof(fc.integer({ min: 1, max: 200 }), int32),
      periodSeconds: fc.integer({ min: 1, max: 1800 }),
    }),
    { maxLength: 3 },
  ),
  tolerance: maybe(fc.double({ min: 0, max: 2, noNaN: true })),
});
const behaviors: fc.Arbitrary<Behavior | undefined> = maybe(
  fc.record({ scaleUp: maybe(rules), scaleDown: maybe(rules) }),
);

const recommendation = fc.record({ replicas, atMs: age.map((ms) => nowMs - ms) });
const scaleEvent = fc.record({
  replicaChange: fc.oneof(fc.integer({ min: 0, max: 9 }), int32),
  atMs: age.map((ms) => nowMs - ms),
  outdated: fc.boolean(),
});
const histories: fc.Arbitrary<History | undefined> = maybe(
  fc.record({
    recommendations: fc.array(recommendation, { maxLength: 6 }),
    scaleUpEvents: fc.array(scaleEvent, { maxLength: 4 }),
    scaleDownEvents: fc.array(scaleEvent, { maxLength: 4 }),
  }),
);

const conditions = fc.subarray([
  condition('ScaledToZero', 'True'),
  condition('AbleToScale', 'False'),
  condition('ScalingActive', 'Unknown'),
  condition('ScalingLimited', 'True'),
]);
const gates = fc.record({
  HPAConfigurableTolerance: fc.boolean(),
  HPAScaleToZero: fc.boolean(),
  PodLevelResources: fc.boolean(),
});

const unusableSelectors = fc.constantFrom<Observation['selector']>(
  { kind: 'missing' },
  { kind: 'ambiguous', autoscalers: ['b', 'a'] },
  { kind: 'refused', message: 'two' },
);

interface Bounds {
  readonly minReplicas: number | undefined;
  readonly maxReplicas: number;
}

/** Anything at all, but within `bounds` and `current`. */
function observations(bounds: fc.Arbitrary<Bounds>, current: fc.Arbitrary<number>): fc.Arbitrary<Observation> {
  return fc
    .record({
      bounds,
      current,
      statusReplicas: replicas,
      metrics: metricsAndReadings,
      pods,
      behavior: behaviors,
      conditions,
      gates,
      selector: fc.oneof({ arbitrary: fc.constant({ kind: 'ok' } as const), weight: 9 }, unusableSelectors),
    })
    .map((parts) => {
      const { behavior, statusReplicas, selector } = parts;
      const spec = { ...parts.bounds, metrics: parts.metrics.map(([metric]) => metric), behavior };
      const seen = observation({
        replicas: parts.current,
        statusReplicas,
        spec,
        selector,
        pods: { pods: parts.pods, metrics: new Map() },
        status: status({ conditions: parts.conditions }),
        settings: settings({ gates: parts.gates }),
      });
      return { ...seen, readings: parts.metrics.map(([, reading]) => reading) };
    });
}

const anyBounds = fc.record({ minReplicas: maybe(replicas), maxReplicas: replicas });
const saneBounds = fc
  .tuple(maybe(fc.integer({ min: 0, max: 8 })), fc.integer({ min: 0, max: 30 }))
  .map(([minReplicas, above]) => ({ minReplicas, maxReplicas: (minReplicas ?? 1) + above }));
const saneReplicas = fc.integer({ min: 0, max: 60 });
const anything = observations(anyBounds, replicas);
const sane = observations(saneBounds, saneReplicas);

const runs = { numRuns: 500 };

describe('every decision', () => {
  it('is made: nothing observed makes decide or settle throw', () => {
    fc.assert(
      fc.property(anything, histories, (seen, past) => {
        const decision = decide(seen, past, nowMs);
        settle(decision, seen, { kind: 'succeeded' }, nowMs);
        settle(decision, seen, { kind: 'failed', message: 'boom' }, nowMs);
      }),
      { numRuns: 2000 },
    );
  });

  it('asks for replicas within min and max', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const { kind, desiredReplicas, currentReplicas } = decide(seen, past, nowMs);
        if (kind !== 'scale' && kind !== 'hold') {
          expect(desiredReplicas).to.equal(currentReplicas);
          return;
        }
        const { minReplicas = 1, maxReplicas } = seen.autoscaler.spec;
        expect(desiredReplicas).to.be.within(minReplicas, maxReplicas);
      }),
      runs,
    );
  });

  it('scales exactly when it asks for other replicas than there are', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const { kind, desiredReplicas, currentReplicas } = decide(seen, past, nowMs);
        expect(kind === 'scale').to.equal(desiredReplicas !== currentReplicas);
      }),
      runs,
    );
  });

  it('is the same in whatever order pods and their values come', () => {
    fc.assert(
      fc.property(anything, histories, (seen, past) => {
        const turned = { ...seen, pods: seen.pods.toReversed(), readings: seen.readings.map(turnReading) };
        expect(sorted(decide(turned, past, nowMs))).to.deep.equal(sorted(decide(seen, past, nowMs)));
      }),
      runs,
    );
  });

  it('to hold is stable: asked again, it is the same and nothing is written', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const first = decide(seen, past, nowMs);
        fc.pre(first.kind === 'hold' || first.kind === 'disabled');
        const autoscaler = { ...seen.autoscaler, status: first.status };
        const second = decide({ ...seen, autoscaler }, first.history, nowMs);
        expect(second.kind).to.equal(first.kind);
        expect(isSameStatus(first.status, second.status)).to.equal(true);
      }),
      runs,
    );
  });

  it('adds at most one entry to what is remembered, after the first', () => {
    fc.assert(
      fc.property(anything, histories, (seen, past) => {
        const decision = decide(seen, past, nowMs);
        const { history } = settle(decision, seen, { kind: 'succeeded' }, nowMs);
        const before = Math.max(past?.recommendations.length ?? 0, 1);
        expect(history.recommendations.length).to.be.at.most(before + 1);
        const events = ({ scaleUpEvents, scaleDownEvents }: History) => scaleUpEvents.length + scaleDownEvents.length;
        expect(events(history)).to.be.at.most((past === undefined ? 0 : events(past)) + 1);
      }),
      runs,
    );
  });
});

function turnReading(reading: MetricReading): MetricReading {
  return reading.kind === 'pods' ? { kind: 'pods', metrics: new Map([...reading.metrics].toReversed()) } : reading;
}

/** Without the order of pods in the working, which is that of the observation. */
function sorted(decision: Decision): Decision {
  const metrics = decision.metrics.map((metric) => ({
    ...metric,
    pods: metric.pods.toSorted((a, b) => (a.pod < b.pod ? -1 : 1)),
  }));
  return { ...decision, metrics };
}

describe('usage', () => {
  const states = fc.constantFrom(...(Object.keys(podStates) as readonly (keyof typeof podStates)[]));
  /** Usage before and after; undefined: no metric. */
  const loads = maybe(fc.tuple(fc.bigInt({ min: 0n, max: 2000n }), fc.bigInt({ min: 0n, max: 2000n })));
  const workload = fc.array(fc.record({ state: states, load: loads }), { minLength: 1, maxLength: 10 });
  const goal = fc.constantFrom(
    resourceMetric('cpu', { averageUtilization: 50 }),
    resourceMetric('cpu', { averageUtilization: 150 }),
    resourceMetric('cpu', { averageValueMilli: 333n }),
    podsMetric('qps', 700n),
  );

  // Otherwise replicas that are counted and those that are kept differ, and upstream's rules are not monotone.
  it('that rises never means fewer replicas, as long as the pods that count are the replicas', () => {
    fc.assert(
      fc.property(workload, goal, behaviors, histories, (pods, metric, behavior, past) => {
        const counted = pods.filter(({ state }) => state !== 'D' && state !== 'F').length;
        fc.pre(counted > 0);
        const at = (isAfter: boolean): Decision => {
          const metrics = new Map<string, PodMetric>();
          const views = pods.map(({ state, load }, index) => {
            if (load !== undefined) metrics.set(`p${index}`, podMetric(isAfter ? load[0] + load[1] : load[0]));
            return pod(`p${index}`, podStates[state]);
          });
          const spec = { metrics: [metric], behavior, maxReplicas: 50 };
          return decide(observation({ replicas: counted, pods: { pods: views, metrics }, spec }), past, nowMs);
        };
        const [before, after] = [at(false), at(true)];
        fc.pre(before.kind !== 'metrics-failed');
        expect(after.proposedReplicas).to.be.at.least(before.proposedReplicas ?? 0);
        expect(after.desiredReplicas).to.be.at.least(before.desiredReplicas);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('stabilization', () => {
  /** Recommendations of the last `windowMs`. */
  function within(past: History | undefined, windowMs: number): readonly number[] {
    const recent = (past?.recommendations ?? []).filter(({ atMs }) => atMs > nowMs - windowMs);
    return recent.map(({ replicas }) => replicas);
  }

  const stabilizedOf = (seen: Observation, past: History | undefined): number => {
    const { stabilization } = decide(seen, past, nowMs);
    fc.pre(stabilization !== undefined);
    return stabilization?.replicas ?? Number.NaN;
  };

  const withBehavior = (seen: Observation, behavior: Behavior | undefined): Observation => {
    const { autoscaler } = seen;
    return { ...seen, autoscaler: { ...autoscaler, spec: { ...autoscaler.spec, behavior } } };
  };

  it('without behavior never goes below the highest recommendation of the window', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const stabilized = stabilizedOf(withBehavior(seen, undefined), past);
        expect(stabilized).to.be.at.least(Math.max(...within(past, seen.settings.downscaleStabilizationMs), 0));
      }),
      runs,
    );
  });

  it('with behavior never leaves its window in the direction of the change', () => {
    fc.assert(
      fc.property(sane, histories, rules, rules, (seen, past, scaleUp, scaleDown) => {
        const stabilized = stabilizedOf(withBehavior(seen, { scaleUp, scaleDown }), past);
        const current = seen.target.kind === 'found' ? seen.target.scale.specReplicas : Number.NaN;
        const upMs = (scaleUp.stabilizationWindowSeconds ?? 0) * 1000;
        const downMs = (scaleDown.stabilizationWindowSeconds ?? 300) * 1000;
        if (stabilized < current) expect(stabilized).to.be.at.least(Math.max(...within(past, downMs), 0));
        if (stabilized > current) expect(stabilized).to.be.at.most(Math.min(...within(past, upMs), 2 ** 31));
      }),
      runs,
    );
  });
});
