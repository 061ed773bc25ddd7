// Pure: an autoscaling/v1 HorizontalPodAutoscaler -> the form of v2 (k8s.io/kubernetes pkg/apis/autoscaling/v1/conversion.go). What v1 has no field for
// stands as JSON in annotations; an annotation that cannot be read is passed over without a word.
import { specDefaults } from '../crd/defaults.ts';
import { readQuantity } from './canonical-quantity.ts';
import { decode } from './decode.ts';
import { Field } from './field.ts';
import type { GoType } from './go-type.ts';
import { behaviorOfAnnotation, metricsOfAnnotation } from './hpa-v1-type.ts';
import { JsonSyntaxError, readJson } from './json-reader.ts';
import { objectOf, treeOf, withFields } from './tree.ts';
import type { Node, ObjectNode } from './types.ts';

export const metricsAnnotation = 'autoscaling.alpha.kubernetes.io/metrics';
export const behaviorAnnotation = 'autoscaling.alpha.kubernetes.io/behavior';

/** What other versions of an HPA are kept in; the API server drops them before it looks at the metadata. */
export const roundTripAnnotations: readonly string[] = [
  metricsAnnotation,
  behaviorAnnotation,
  'autoscaling.alpha.kubernetes.io/scale-down-tolerance',
  'autoscaling.alpha.kubernetes.io/scale-up-tolerance',
  'autoscaling.alpha.kubernetes.io/current-metrics',
  'autoscaling.alpha.kubernetes.io/conditions',
];

/** A decoded v1 object in the form of v2, with v1's defaults: nothing is filled into a behavior. */
export function convertFromV1(root: ObjectNode): ObjectNode {
  const object = Field.root(root);
  const spec = object.child('spec');
  const target = spec.child('scaleTargetRef').node;
  const [min, max] = [spec.child('minReplicas').node, spec.child('maxReplicas').node];
  const at = spec.at;
  const metrics = [...annotatedMetrics(object), ...cpuMetric(spec)];
  const behavior = readAnnotation(object, behaviorAnnotation, behaviorOfAnnotation);
  const converted = objectOf(
    {
      scaleTargetRef: target,
      minReplicas: min ?? treeOf(specDefaults.minReplicas, at),
      maxReplicas: max,
      metrics: metrics.length > 0 ? { kind: 'array', items: metrics, at } : treeOf(specDefaults.metrics, at),
      behavior: behavior?.kind === 'object' && behavior.entries.length > 0 ? behavior : undefined,
    },
    at,
  );
  return withFields(root, { spec: placedAs(converted, spec) });
}

/** Fields keep the place of their names. */
function placedAs(converted: ObjectNode, spec: Field): ObjectNode {
  const entries = converted.entries.map((entry) => {
    const named = spec.entries().find(({ key }) => key === entry.key);
    return named === undefined ? entry : { ...entry, at: named.at };
  });
  return { ...converted, entries };
}

function cpuMetric(spec: Field): Node[] {
  const field = spec.child('targetCPUUtilizationPercentage');
  if (!field.isPresent) return [];
  const { at } = field;
  const target = objectOf(
    { type: treeOf('Utilization', at), averageUtilization: field.node && { ...field.node, at } },
    at,
  );
  const resource = objectOf({ name: treeOf('cpu', at), target }, at);
  return [objectOf({ type: treeOf('Resource', at), resource }, at)];
}

/** Whether an annotation holds what it should; undefined when it is not there. */
export function isReadable(object: Field, name: string): boolean | undefined {
  if (!object.descend('metadata', 'annotations').child(name).isPresent) return undefined;
  const type = name === metricsAnnotation ? metricsOfAnnotation : behaviorOfAnnotation;
  return readAnnotation(object, name, type) !== undefined;
}

function annotatedMetrics(object: Field): Node[] {
  const list = readAnnotation(object, metricsAnnotation, metricsOfAnnotation);
  return new Field('', list, object.at).items().map(convertMetric);
}

/** undefined when the annotation is missing or cannot be read. */
function readAnnotation(object: Field, name: string, type: GoType): Node | undefined {
  const annotation = object.descend('metadata', 'annotations').child(name);
  if (!annotation.isPresent) return undefined;
  const [node, ...more] = tryJson(annotation);
  if (node === undefined || more.length > 0) return undefined;
  // As a field of its own, because decode() gives back objects.
  const holder = {
    kind: 'object',
    entries: [{ key: 'it', value: node, at: annotation.at }],
    at: annotation.at,
  } as const;
  const holderType: GoType = { kind: 'struct', goName: '.', fields: new Map([['it', type]]) };
  const { root, typeProblems } = decode(holder, holderType, { foldCase: true });
  return typeProblems.length > 0 ? undefined : Field.root(root).child('it').node;
}

function tryJson(annotation: Field): Node[] {
  try {
    return [...readJson(annotation.text(), () => annotation.at)];
  } catch (error) {
    if (error instanceof JsonSyntaxError) return [];
    throw error;
  }
}

function convertMetric(metric: Field): Node {
  const convert = (name: string, make: (source: Field) => Node): Node | undefined =>
    metric.child(name).isPresent ? make(metric.child(name)) : undefined;
  return objectOf(
    {
      type: metric.child('type').node,
      object: convert('object', convertObject),
      pods: convert('pods', convertPods),
      resource: convert('resource', convertResource),
      containerResource: convert('containerResource', convertResource),
      external: convert('external', convertExternal),
    },
    metric.at,
  );
}

function convertObject(source: Field): Node {
  const { at } = source;
  const average = source.child('averageValue').node;
  const value = source.child('targetValue').node ?? treeOf('0', at);
  // v1 always writes a value; 0 next to an average is none.
  const isNone = average !== undefined && readQuantity(new Field('', value, at).text()).sign === 0;
  const target = amounts(average === undefined ? 'Value' : 'AverageValue', {
    value: isNone ? undefined : value,
    averageValue: average,
  });
  return objectOf(
    { describedObject: source.child('target').node, metric: identifier(source, 'selector'), target: target(at) },
    at,
  );
}

function convertPods(source: Field): Node {
  const { at } = source;
  const averageValue = source.child('targetAverageValue').node ?? treeOf('0', at);
  return objectOf(
    { metric: identifier(source, 'selector'), target: amounts('AverageValue', { averageValue })(at) },
    at,
  );
}

function convertResource(source: Field): Node {
  const averageUtilization = source.child('targetAverageUtilization').node;
  const averageValue = source.child('targetAverageValue').node;
  const type = averageUtilization === undefined ? 'AverageValue' : 'Utilization';
  const target = amounts(type, { averageValue, averageUtilization })(source.at);
  return objectOf({ name: source.child('name').node, container: source.child('container').node, target }, source.at);
}

function convertExternal(source: Field): Node {
  const value = source.child('targetValue').node;
  const averageValue = source.child('targetAverageValue').node;
  const target = amounts(value === undefined ? 'AverageValue' : 'Value', { value, averageValue })(source.at);
  return objectOf({ metric: identifier(source, 'metricSelector'), target }, source.at);
}

function identifier(source: Field, selector: string): Node {
  return objectOf({ name: source.child('metricName').node, selector: source.child(selector).node }, source.at);
}

function amounts(type: string, given: Readonly<Record<string, Node | undefined>>): (at: Node['at']) => ObjectNode {
  return (at) => objectOf({ type: treeOf(type, at), ...given }, at);
}
