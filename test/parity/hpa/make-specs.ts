// Pure: HPA specs with all sorts of metrics, behaviors and bounds. All are admitted by the API server.
import type { Dice } from './dice.ts';
import type { Json } from './model.ts';

type MetricType = 'Resource' | 'ContainerResource' | 'Pods' | 'Object' | 'External';

const metricWeights: Readonly<Record<MetricType, number>> = {
  Resource: 70,
  ContainerResource: 14,
  Pods: 5,
  Object: 6,
  External: 5,
};

/** The list of metrics, and what to call it in the report. */
export function makeMetrics(dice: Dice): { readonly metrics: readonly Json[]; readonly kind: string } {
  const count = dice.pick(1, 1, 1, 1, 2, 2, 3);
  const types = Array.from({ length: count }, () => dice.weighted(metricWeights));
  const metrics = types.map((type, index) => makeMetric(dice, type, index));
  const [first] = types;
  return { metrics, kind: count > 1 ? 'several metrics' : (first ?? 'Resource') };
}

function makeMetric(dice: Dice, type: MetricType, index: number): Json {
  const identifier = { name: `m${index}`, ...makeMetricSelector(dice) };
  const resource = dice.pick('cpu', 'cpu', 'cpu', 'memory');
  switch (type) {
    case 'Resource':
      return { type, resource: { name: resource, target: makeResourceTarget(dice, resource) } };
    case 'ContainerResource': {
      const container = dice.pick('app', 'app', 'app', 'side', 'absent');
      return { type, containerResource: { name: resource, container, target: makeResourceTarget(dice, resource) } };
    }
    case 'Pods':
      return { type, pods: { metric: identifier, target: { type: 'AverageValue', averageValue: '10' } } };
    case 'Object': {
      const describedObject = dice.pick(
        { apiVersion: 'v1', kind: 'Service', name: 'web' },
        { apiVersion: 'example.com/v1', kind: 'Gizmo', name: 'g' },
        { kind: 'Namespace', name: 'elsewhere' },
      );
      return { type, object: { describedObject, metric: identifier, target: makeValueTarget(dice) } };
    }
    case 'External':
      return { type, external: { metric: identifier, target: makeValueTarget(dice) } };
  }
}

function makeResourceTarget(dice: Dice, resource: string): Json {
  if (dice.chance(65)) {
    return { type: 'Utilization', averageUtilization: dice.pick(10, 30, 50, 55, 75, 80, 100, 150, 300) };
  }
  const averageValue =
    resource === 'cpu'
      ? dice.pick('50m', '100m', '333m', '0.5', '1', '1500m')
      : dice.pick('32Mi', '64Mi', '100M', '50000001');
  // The type is not what decides; the API server lets it differ from the field.
  return { type: dice.chance(90) ? 'AverageValue' : 'Utilization', averageValue };
}

function makeValueTarget(dice: Dice): Json {
  if (dice.chance(45)) return { type: 'Value', value: '10' };
  return dice.chance(80) ? { type: 'AverageValue', averageValue: '2500m' } : { type: 'Value', averageValue: '5' };
}

function makeMetricSelector(dice: Dice): Json {
  if (dice.chance(55)) return {};
  return {
    selector: {
      ...(dice.chance(70) ? { matchLabels: { verb: 'GET', app: 'x' } } : {}),
      ...(dice.chance(40) ? { matchExpressions: [{ key: 'k', operator: 'In', values: ['y', 'x'] }] } : {}),
    },
  };
}

/** A behavior and what to call it; most specs have none. */
export function makeBehavior(dice: Dice): { readonly behavior: Json | undefined; readonly kind: string } {
  if (dice.chance(40)) return { behavior: undefined, kind: 'no behavior' };
  if (dice.chance(15)) return { behavior: {}, kind: 'default behavior' };
  const behavior = {
    ...(dice.chance(75) ? { scaleUp: makeRules(dice) } : {}),
    ...(dice.chance(75) ? { scaleDown: makeRules(dice) } : {}),
  };
  return { behavior, kind: 'behavior' };
}

/**
 * Times are either so short that all is over before the next step, or so long that nothing ends within a run. None is near a
 * multiple of the sync period: whether the third sync comes just before or just after 15 s is chance.
 */
function makeRules(dice: Dice): Json {
  return {
    ...(dice.chance(70) ? { stabilizationWindowSeconds: dice.pick(0, 0, 0, 8, 8, 3600) } : {}),
    ...(dice.chance(50) ? { selectPolicy: dice.pick('Max', 'Max', 'Min', 'Disabled') } : {}),
    ...(dice.chance(65) ? { policies: Array.from({ length: dice.pick(1, 1, 2) }, () => makePolicy(dice)) } : {}),
    ...(dice.chance(30) ? { tolerance: dice.pick('0', '50m', '0.2', '500m', '0.015') } : {}),
  };
}

/** Policies with a short period let several replicas go at once, or a step would take minutes. */
function makePolicy(dice: Dice): Json {
  const isShort = dice.chance(50);
  const periodSeconds = isShort ? 8 : 1800;
  if (dice.chance(50)) return { type: 'Pods', value: isShort ? dice.pick(4, 6) : dice.pick(1, 2, 3, 5), periodSeconds };
  return { type: 'Percent', value: isShort ? dice.pick(80, 100, 150) : dice.pick(10, 33, 50, 90), periodSeconds };
}

export function makeBounds(dice: Dice): { readonly minReplicas?: number; readonly maxReplicas: number } {
  const minReplicas = dice.pick(1, 1, 1, 2, 3);
  const maxReplicas = minReplicas + dice.pick(0, 2, 5, 9, 12);
  return dice.chance(85) ? { minReplicas, maxReplicas } : { maxReplicas };
}
