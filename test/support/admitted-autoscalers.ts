// Builders for properties: specs of HPAs that the API server admits, by the rules of k8s.io/kubernetes pkg/apis/autoscaling/validation.
// test/e2e/admitted.e2e.ts asks a real one.
import * as fc from 'fast-check';

type Json = Readonly<Record<string, unknown>>;

const maxInt32 = 2 ** 31 - 1;
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
/** Mostly small, sometimes as large as the type allows. */
const upTo = (max: number, min = 1): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min, max: Math.min(12, max) }), fc.integer({ min, max }));

/** Whatever may stand between two slashes of a path. */
const pathSegment = fc.constantFrom(
  'web',
  'a b',
  'toString',
  '__proto__',
  'ü',
  'http_requests',
  '...',
  'X'.repeat(300),
);
const positive = fc.oneof(
  fc.constantFrom('1', '500m', '0.1', '+1', '1n', '1e-9', '1.0000000001', '128Mi', '0.5Ki', '12e3', 3, 0.5, 1e-7),
  // What does not fit once it is multiplied.
  fc.constantFrom('9223372036854775', '9223372036854775807', '9223372036854775808', '1E', '7Ei', '16Ei', '1e40'),
);
const atLeastZero = fc.oneof(positive, fc.constantFrom('0', 0, '0.05', '-0', '1e-400'));
const targetType = fc.constantFrom('Utilization', 'Value', 'AverageValue');

/** Empty parts stay out: the API server drops them, which means the same. */
const selectors = fc.record(
  {
    matchLabels: fc.dictionary(fc.constantFrom('app', 'a/b', '~', ''), fc.constantFrom('x', '', '!'), {
      minKeys: 1,
      noNullPrototype: true,
    }),
    matchExpressions: fc.array(
      fc.record(
        {
          key: fc.constantFrom('app', '~'),
          operator: fc.constantFrom('In', 'NotIn', 'Exists', 'DoesNotExist', 'Odd', ''),
          values: fc.array(fc.constantFrom('x', '!'), { minLength: 1, maxLength: 2 }),
        },
        { requiredKeys: ['key', 'operator'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);
const metric = fc.record({ name: pathSegment, selector: selectors }, { requiredKeys: ['name'] });

/** Exactly one of utilization and average; a value beside it is not looked at. */
const resourceTarget = fc
  .tuple(
    targetType,
    fc.oneof(fc.record({ averageUtilization: upTo(maxInt32) }), fc.record({ averageValue: positive })),
    fc.record({ value: positive }, { requiredKeys: [] }),
  )
  .map(([type, goal, beside]): Json => ({ type, ...goal, ...beside }));
const podsTarget = fc.record(
  { type: targetType, averageValue: positive, value: positive, averageUtilization: upTo(maxInt32) },
  { requiredKeys: ['type', 'averageValue'] },
);
const objectTarget = fc
  .tuple(
    targetType,
    fc.oneof(
      fc.record({ value: positive }),
      fc.record({ averageValue: positive }),
      fc.record({ value: positive, averageValue: positive }),
    ),
  )
  .map(([type, goal]): Json => ({ type, ...goal }));
const externalTarget = fc
  .tuple(targetType, fc.oneof(fc.record({ value: positive }), fc.record({ averageValue: positive })))
  .map(([type, goal]): Json => ({ type, ...goal }));

const references = fc.record(
  {
    apiVersion: fc.constantFrom('apps/v1', 'example.com/v1'),
    kind: fc.constantFrom('Deployment', 'Crew', 'a b'),
    name: pathSegment,
  },
  { requiredKeys: ['apiVersion', 'kind', 'name'] },
);

const perPodMetrics: fc.Arbitrary<Json> = fc.oneof(
  fc.record({
    type: fc.constant('Resource'),
    resource: fc.record({ name: fc.constantFrom('cpu', 'memory', 'toString', 'a b'), target: resourceTarget }),
  }),
  fc.record({
    type: fc.constant('ContainerResource'),
    containerResource: fc.record({
      name: fc.constantFrom('cpu', 'memory', 'ephemeral-storage', 'hugepages-2Mi', 'example.com/gpu'),
      container: fc.constantFrom('app', 'b'),
      target: resourceTarget,
    }),
  }),
  fc.record({ type: fc.constant('Pods'), pods: fc.record({ metric, target: podsTarget }) }),
);
const valueMetrics: fc.Arbitrary<Json> = fc.oneof(
  fc.record({
    type: fc.constant('Object'),
    object: fc.record({ describedObject: references, metric, target: objectTarget }),
  }),
  fc.record({ type: fc.constant('External'), external: fc.record({ metric, target: externalTarget }) }),
);

const rules = fc.record(
  {
    stabilizationWindowSeconds: upTo(3600, 0),
    selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
    policies: fc.array(
      fc.record({ type: fc.constantFrom('Pods', 'Percent'), value: upTo(maxInt32), periodSeconds: upTo(1800) }),
      { minLength: 1, maxLength: 3 },
    ),
    tolerance: atLeastZero,
  },
  { requiredKeys: [] },
);
const behaviors = fc.record({ scaleUp: fc.option(rules), scaleDown: fc.option(rules) }, { requiredKeys: [] });

/** minReplicas 0 needs the gate HPAScaleToZero and a metric that has a value without pods. */
const scales = fc.oneof(
  fc.record({
    minReplicas: maybe(upTo(maxInt32)),
    above: upTo(maxInt32, 0),
    metrics: fc.array(fc.oneof(perPodMetrics, valueMetrics), { maxLength: 3 }),
  }),
  fc.record({
    minReplicas: fc.constant(0),
    above: upTo(maxInt32),
    metrics: fc
      .tuple(fc.array(fc.oneof(perPodMetrics, valueMetrics), { maxLength: 2 }), valueMetrics)
      .map(([others, one]) => [...others, one]),
  }),
);

/** The `spec` of an HPA, as JSON. */
export const admittedSpecs: fc.Arbitrary<Json> = fc
  .record({ scale: scales, behavior: maybe(fc.option(behaviors)), target: references })
  .map(({ scale: { minReplicas, above, metrics }, behavior, target }) => ({
    scaleTargetRef: target,
    ...(minReplicas !== undefined && { minReplicas }),
    maxReplicas: Math.min((minReplicas ?? 1) + above, maxInt32),
    metrics,
    ...(behavior !== undefined && { behavior }),
  }));
