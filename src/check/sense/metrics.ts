// Pure: targets that say the same twice, or that can never be passed.
import { formatDecimalMilli, parseQuantityMilli } from '../../lib/quantity.ts';
import { readQuantity } from '../canonical-quantity.ts';
import type { Field } from '../field.ts';
import { valueOf } from '../tree.ts';
import type { ValidAutoscaler, Warning } from './types.ts';
import { amountsOf } from './workload.ts';

/** --horizontal-pod-autoscaler-tolerance when nobody sets it. */
const usualTolerance = 0.1;

export function senseMetrics(valid: ValidAutoscaler): Warning[] {
  const metrics = valid.fields.descend('spec', 'metrics').items();
  return [
    ...sameMetrics(valid, metrics),
    ...metrics.flatMap((metric) => tooFine(valid, metric)),
    ...metrics.flatMap((metric) => outOfReach(valid, metric)),
  ];
}

/** The source of a metric: the field that goes with its type. */
function sourceOf(metric: Field): Field {
  const type = metric.child('type').text();
  return metric.child(`${type.charAt(0).toLowerCase()}${type.slice(1)}`);
}

function sameMetrics({ object }: ValidAutoscaler, metrics: readonly Field[]): Warning[] {
  const seen = new Map<string, Field>();
  return metrics.flatMap((metric): Warning[] => {
    const source = sourceOf(metric);
    const what = source.entries().filter(({ key }) => key !== 'target');
    const key = JSON.stringify([metric.child('type').text(), what.map(({ key, value }) => [key, valueOf(value)])]);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, metric);
      return [];
    }
    return [
      {
        object,
        field: metric.path,
        at: metric.at,
        message: `${first.path} is the same metric; the target that asks for more replicas decides, the other never does`,
        advice: 'keep one of them',
      },
    ];
  });
}

/** The controller counts in thousandths. */
function tooFine({ object }: ValidAutoscaler, metric: Field): Warning[] {
  const target = sourceOf(metric).child('target');
  return ['value', 'averageValue'].flatMap((name): Warning[] => {
    const amount = target.child(name);
    if (!amount.isPresent) return [];
    const written = readQuantity(String(amount.node === undefined ? '' : valueOf(amount.node))).text;
    const counted = formatDecimalMilli(parseQuantityMilli(written));
    if (parseQuantityMilli(written) > 0n && !/([nu]|e-[69])$/.test(written)) return [];
    return [
      {
        object,
        field: amount.path,
        at: amount.at,
        message: `the controller counts in thousandths of a unit and takes ${written} for ${counted}`,
        advice: 'write a target of whole thousandths that fits 64 bits',
      },
    ];
  });
}

/** Usage stops at the limits, so a utilization above what they allow is never seen. */
function outOfReach({ object, autoscaler, workload }: ValidAutoscaler, metric: Field): Warning[] {
  const source = sourceOf(metric);
  const resource = source.child('name').text();
  const target = source.descend('target', 'averageUtilization');
  if (workload === undefined || !target.isPresent || resource === '') return [];
  const container = source.child('container').text();
  const highest = highestUtilization(workload.fields.descend('spec', 'template', 'spec'), resource, container);
  const tolerance = autoscaler.spec.behavior?.scaleUp?.tolerance ?? usualTolerance;
  if (highest === undefined || highest > target.integer() * (1 + tolerance)) return [];
  return [
    {
      object,
      field: target.path,
      at: target.at,
      message: `the limits of the pods stop ${resource} at ${Math.floor(highest)} % of their requests, so this target (with its tolerance) is never passed and nothing scales up`,
      advice: 'lower the target, or raise the limits of the pod template',
    },
  ];
}

/** In percent of the requests; undefined when something has no limit, or no request. */
function highestUtilization(spec: Field, resource: string, container: string): number | undefined {
  const sidecars = spec
    .child('initContainers')
    .items()
    .filter((one) => one.child('restartPolicy').text() === 'Always');
  const containers = [...spec.child('containers').items(), ...sidecars].filter(
    (one) => container === '' || one.child('name').text() === container,
  );
  let [limits, requests] = [0n, 0n];
  for (const one of containers) {
    const limit = amountsOf(one.descend('resources', 'limits'))[resource];
    if (limit === undefined || spec.child('resources').isPresent) return undefined;
    limits += limit;
    requests += amountsOf(one.descend('resources', 'requests'))[resource] ?? limit;
  }
  return requests > 0n ? Number((limits * 100n) / requests) : undefined;
}
