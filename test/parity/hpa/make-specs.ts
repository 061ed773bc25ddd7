// Pure: HPA specs with all sorts of metrics, behaviors and bounds. All are admitted by the API server.
import type { Dice } from './dice.ts';
import { makeSource, type SourceType } from './make-values.ts';
import type { Group, HpaClock, Json, ValueWrite } from './model.ts';
import type { Pace } from './pace.ts';

type MetricType = 'Resource' | 'ContainerResource' | SourceType;

const metricWeights: Readonly<Record<MetricType, number>> = {
  Resource: 62,
  ContainerResource: 14,
  Pods: 9,
  Object: 8,
  External: 7,
};

export interface MadeMetrics {
  /** undefined: left to the API server, which asks for 80 % of the CPU. */
  readonly metrics: readonly Json[] | undefined;
  /** What to call them in the report. */
  readonly kind: string;
  /** What is served of them. */
  readonly values: ValueWrite[];
}

/** `prefix` keeps the metrics of this list apart from all others, so that their values can be written before anybody asks. */
export function makeMetrics(
  dice: Dice,
  group: Pick<Group, 'namespace' | 'name' | 'pods'>,
  prefix: string,
): MadeMetrics {
  if (dice.chance(3)) return { metrics: undefined, kind: 'default metrics', values: [] };
  const count = dice.pick(1, 1, 1, 1, 2, 2, 3);
  const types = Array.from({ length: count }, () => dice.weighted(metricWeights));
  const made = types.map((type, index) => makeMetric(dice, type, { group, name: `${prefix}-m${index}` }));
  const metrics = made.map(({ metric }) => metric);
  // Twice the same is admitted, and both are reported.
  if (dice.chance(3)) metrics.push(metrics[0]!);
  const [first = 'Resource'] = types;
  return {
    metrics,
    kind: metrics.length > 1 ? 'several metrics' : first,
    values: made.flatMap(({ values }) => values),
  };
}

interface Place {
  readonly group: Pick<Group, 'namespace' | 'name' | 'pods'>;
  /** Of the metric, when it is none of a resource. */
  readonly name: string;
}

function makeMetric(dice: Dice, type: MetricType, place: Place): { metric: Json; values: readonly ValueWrite[] } {
  if (type !== 'Resource' && type !== 'ContainerResource') return makeSource(dice, type, place);
  // Nobody measures the others.
  const name = dice.weighted({ cpu: 73, memory: 25, 'ephemeral-storage': 1.5, 'example.com/gpu': 0.5 });
  const target = makeResourceTarget(dice, name);
  if (type === 'Resource') return { metric: { type, resource: { name, target } }, values: [] };
  const container = dice.weighted({ app: 80, side: 12, absent: 8 });
  return { metric: { type, containerResource: { name, container, target } }, values: [] };
}

function makeResourceTarget(dice: Dice, resource: string): Json {
  if (dice.chance(65)) {
    return { type: 'Utilization', averageUtilization: dice.pick(1, 10, 30, 50, 55, 75, 80, 100, 150, 300) };
  }
  const averageValue =
    resource === 'cpu'
      ? dice.pick('50m', '100m', '333m', '0.5', '1', '1500m')
      : dice.pick('32Mi', '64Mi', '100M', '50000001');
  // The type is not what decides; the API server lets it differ from the field.
  return { type: dice.chance(90) ? 'AverageValue' : 'Utilization', averageValue };
}

/** A behavior and what to call it; many specs have none. */
export function makeBehavior(
  dice: Dice,
  pace: Pace,
  clock: HpaClock,
): { readonly behavior: Json | undefined; readonly kind: string } {
  const canOmit = pace.hasDefaultRules;
  if (clock === 'none') {
    const up = canOmit && dice.chance(25) ? {} : { scaleUp: makeRules(dice, pace, clock) };
    return { behavior: { ...up, scaleDown: makeRules(dice, pace, clock) }, kind: 'behavior, long or no windows' };
  }
  if (dice.chance(60)) return { behavior: undefined, kind: 'no behavior' };
  if (canOmit && dice.chance(20)) return { behavior: {}, kind: 'default behavior' };
  const up = canOmit && dice.chance(25) ? {} : { scaleUp: makeRules(dice, pace, clock) };
  const down = canOmit && dice.chance(25) ? {} : { scaleDown: makeRules(dice, pace, clock) };
  return { behavior: { ...up, ...down }, kind: 'behavior' };
}

/** Nothing that is long ends within a run. */
const longWindowSeconds = 3600;
const longPeriodSeconds = 1800;

function makeRules(dice: Dice, pace: Pace, clock: HpaClock): Json {
  const { shortSeconds, hasDefaultRules } = pace;
  const hasPolicies = !hasDefaultRules || dice.chance(65);
  const window =
    clock === 'none'
      ? { stabilizationWindowSeconds: dice.pick(0, 0, longWindowSeconds) }
      : dice.chance(70)
        ? { stabilizationWindowSeconds: dice.pick(0, shortSeconds) }
        : {};
  return {
    ...window,
    ...(dice.chance(50) ? { selectPolicy: dice.pick('Max', 'Max', 'Min', 'Disabled') } : {}),
    ...(hasPolicies ? { policies: Array.from({ length: dice.pick(1, 1, 2) }, () => makePolicy(dice, pace)) } : {}),
    ...(dice.chance(30) ? { tolerance: dice.pick('0', '50m', '0.2', '500m', '0.015') } : {}),
  };
}

/** Policies with a short period let several replicas go at once, or a step would take minutes. */
function makePolicy(dice: Dice, { shortSeconds }: Pace): Json {
  const isShort = dice.chance(50);
  const periodSeconds = isShort ? shortSeconds : longPeriodSeconds;
  if (dice.chance(50)) return { type: 'Pods', value: isShort ? dice.pick(4, 6) : dice.pick(1, 2, 3, 5), periodSeconds };
  return { type: 'Percent', value: isShort ? dice.pick(80, 100, 150) : dice.pick(10, 33, 50, 90), periodSeconds };
}

export function makeBounds(dice: Dice): { readonly minReplicas?: number; readonly maxReplicas: number } {
  const minReplicas = dice.pick(1, 1, 1, 2, 3, 6);
  const maxReplicas = minReplicas + dice.pick(0, 0, 2, 5, 9, 12, 24);
  return dice.chance(85) ? { minReplicas, maxReplicas } : { maxReplicas };
}
