// Pure: the rules for one entry of spec.metrics (k8s.io/kubernetes pkg/apis/autoscaling/validation/validation.go), in upstream's order.
import { readQuantity } from './canonical-quantity.ts';
import type { Field } from './field.ts';
import { forbidden, goJson, invalid, invalidText, notSupported, required } from './field-errors.ts';
import { containerResourceProblems, dnsLabelProblems } from './name-rules.ts';
import type { Problem } from './types.ts';
import { validateMetricName, validateReference } from './validate-reference.ts';

interface Source {
  readonly field: string;
  readonly type: string;
  readonly validate: (source: Field) => Problem[];
}

/** In the order in which upstream looks at them; only the first that is there is looked into. */
const sources: readonly Source[] = [
  { field: 'object', type: 'Object', validate: objectProblems },
  { field: 'external', type: 'External', validate: externalProblems },
  { field: 'pods', type: 'Pods', validate: podsProblems },
  { field: 'resource', type: 'Resource', validate: resourceProblems },
  { field: 'containerResource', type: 'ContainerResource', validate: containerResource },
];
const types = sources.map(({ type }) => type).toSorted();

export function validateMetric(metric: Field): Problem[] {
  const type = metric.child('type');
  const unknown = notSupported(type, goJson(type.text()), types);
  const present = sources.filter(({ field }) => metric.child(field).isPresent);
  const expected = sources.find((source) => source.type === type.text());
  const problems: Problem[] = [];
  if (type.text() === '') problems.push(required(type, 'must specify a metric source type'));
  if (expected === undefined) problems.push(unknown);
  const [first] = present;
  if (first !== undefined) problems.push(...first.validate(metric.child(first.field)));
  // Upstream says a second time that it does not know the type.
  if (expected === undefined) problems.push(unknown);
  else if (!present.includes(expected)) {
    problems.push(required(metric.child(expected.field), 'must populate information for the given metric source'));
  }
  if (present.length === 1) return problems;
  const others = present.filter((source) => source !== expected);
  return [
    ...problems,
    ...others.map(({ field }) => forbidden(metric.child(field), 'must populate the given metric source only')),
  ];
}

function objectProblems(source: Field): Problem[] {
  const target = source.child('target');
  return [
    ...validateReference(source.child('describedObject'), { coreGroup: true }),
    ...validateMetricName(source.descend('metric', 'name')),
    ...targetProblems(target),
    ...neither(target, 'value', 'averageValue', 'must set either a target value or averageValue'),
  ];
}

function externalProblems(source: Field): Problem[] {
  const target = source.child('target');
  return [
    ...validateMetricName(source.descend('metric', 'name')),
    ...targetProblems(target),
    ...neither(target, 'value', 'averageValue', 'must set either a target value for metric or a per-pod target'),
    ...both(target, 'averageValue', 'value', 'may not set both a target value for metric and a per-pod target'),
  ];
}

function podsProblems(source: Field): Problem[] {
  const target = source.child('target');
  return [
    ...validateMetricName(source.descend('metric', 'name')),
    ...targetProblems(target),
    ...neither(target, 'averageValue', 'averageValue', 'must specify a positive target averageValue'),
  ];
}

function resourceProblems(source: Field): Problem[] {
  const name = source.child('name');
  return [
    ...(name.text() === '' ? [required(name, 'must specify a resource name')] : []),
    ...resourceTargetProblems(source.child('target')),
  ];
}

function containerResource(source: Field): Problem[] {
  const [name, container] = [source.child('name'), source.child('container')];
  return [
    ...(name.text() === ''
      ? [required(name, 'must specify a resource name')]
      : containerResourceProblems(name.text()).map((detail) => invalidText(name, detail))),
    ...(container.text() === ''
      ? [required(container, 'must specify a container')]
      : dnsLabelProblems(container.text()).map((detail) => invalidText(container, detail))),
    ...resourceTargetProblems(source.child('target')),
  ];
}

function resourceTargetProblems(target: Field): Problem[] {
  const [utilization, value] = ['averageUtilization', 'averageValue'] as const;
  return [
    ...targetProblems(target),
    ...neither(target, value, utilization, 'must set either a target raw value or a target utilization'),
    ...both(target, utilization, value, 'may not set both a target raw value and a target utilization'),
  ];
}

function targetProblems(target: Field): Problem[] {
  const type = target.child('type');
  const utilization = target.child('averageUtilization');
  const problems: Problem[] = [];
  if (type.text() === '') problems.push(required(type, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type.text())) {
    problems.push(invalid(type, goJson(type.text()), 'must be either Utilization, Value, or AverageValue'));
  }
  for (const amount of [target.child('value'), target.child('averageValue')]) {
    if (!amount.isPresent) continue;
    const { sign, text } = readQuantity(amount.text());
    if (sign !== 1) problems.push(invalid(amount, goJson(text), 'must be positive'));
  }
  if (utilization.isPresent && utilization.integer() < 1) {
    problems.push(invalid(utilization, utilization.integer(), 'must be greater than 0'));
  }
  return problems;
}

function neither(target: Field, one: string, blamed: string, detail: string): Problem[] {
  const isSet = target.child(one).isPresent || target.child(blamed).isPresent;
  return isSet ? [] : [required(target.child(blamed), detail)];
}

function both(target: Field, one: string, blamed: string, detail: string): Problem[] {
  const areSet = target.child(one).isPresent && target.child(blamed).isPresent;
  return areSet ? [forbidden(target.child(blamed), detail)] : [];
}
