// Builders for properties: anything that decide could be given, for fast-check to choose from.
import * as fc from 'fast-check';
import type { History, MetricReading, Observation } from '../../src/controller/decide/types.ts';
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
  podsMetric,
  resourceMetric,
  settings,
  status,
  target,
  template,
} from './observation-builders.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const milli = fc.oneof(fc.bigInt({ min: 0n, max: 5000n }), int64);
const replicas = fc.oneof(fc.integer({ min: 0, max: 12 }), int32);
export const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
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
export const pods = fc
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
const podReadings = fc
  .array(fc.tuple(name, samples), { maxLength: 8 })
  .map((entries): MetricReading => ({ kind: 'pods', metrics: new Map(entries) }));
const objectReadings = milli.map((valueMilli): MetricReading => ({ kind: 'object', valueMilli }));
const externalReadings = fc
  .array(milli, { maxLength: 4 })
  .map((valuesMilli): MetricReading => ({ kind: 'external', valuesMilli }));
const failedReadings = fc.constantFrom<MetricReading>(
  { kind: 'failed', message: 'boom' },
  { kind: 'failed', message: 'boom', stage: 'selector' },
);
const readings = fc.oneof(podReadings, objectReadings, externalReadings, failedReadings);

/** What could have been read of a metric: a value of its kind, or why there is none. */
export function readingsFor({ type }: MetricSpec): fc.Arbitrary<MetricReading> {
  const values = type === 'Object' ? objectReadings : type === 'External' ? externalReadings : podReadings;
  return fc.oneof({ arbitrary: values, weight: 9 }, { arbitrary: failedReadings, weight: 1 });
}

type MetricAndReading = readonly [spec: MetricSpec, reading: MetricReading];

const target1000 = { averageValueMilli: 1000n };
const perPodReading: fc.Arbitrary<MetricReading> = fc
  .dictionary(name, fc.bigInt({ min: 0n, max: 3000n }), { noNullPrototype: true })
  .map((values) => ({
    kind: 'pods',
    metrics: new Map(Object.entries(values).map(([key, value]) => [key, podMetric(value)])),
  }));
/** A metric and a value that belongs to it, so that most of them propose something. */
export const fitting: fc.Arbitrary<MetricAndReading> = fc.oneof(
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

export const rules: fc.Arbitrary<ScalingRules> = fc.record({
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
export const behaviors: fc.Arbitrary<Behavior | undefined> = maybe(
  fc.record({ scaleUp: maybe(rules), scaleDown: maybe(rules) }),
);

const recommendation = fc.record({ replicas, atMs: age.map((ms) => nowMs - ms) });
const scaleEvent = fc.record({
  replicaChange: fc.oneof(fc.integer({ min: 0, max: 9 }), int32),
  atMs: age.map((ms) => nowMs - ms),
  outdated: fc.boolean(),
});
/** undefined: nothing is remembered. */
export const histories: fc.Arbitrary<History | undefined> = maybe(
  fc.record({
    recommendations: fc.array(recommendation, { maxLength: 6 }),
    scaleUpEvents: fc.array(scaleEvent, { maxLength: 4 }),
    scaleDownEvents: fc.array(scaleEvent, { maxLength: 4 }),
  }),
);

export const conditions = fc.subarray([
  condition('ScaledToZero', 'True'),
  condition('AbleToScale', 'False'),
  condition('ScalingActive', 'Unknown'),
  condition('ScalingLimited', 'True'),
]);
export const gates = fc.record({
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
/** As the API server admits them, in small. */
const saneBounds = fc
  .tuple(maybe(fc.integer({ min: 0, max: 8 })), fc.integer({ min: 0, max: 30 }))
  .map(([minReplicas, above]) => ({ minReplicas, maxReplicas: (minReplicas ?? 1) + above }));
const saneReplicas = fc.integer({ min: 0, max: 60 });
/** Of any bounds and replicas. */
export const anything = observations(anyBounds, replicas);
/** Of small bounds that the API server admits, and replicas inside or near them. */
export const sane = observations(saneBounds, saneReplicas);
