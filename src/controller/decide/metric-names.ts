// Pure: what a metric is called in conditions and events. docs/decision-math.md step 4.10.
import type { LabelSelectorSpec, MetricSpec } from '../../crd/types.ts';

/** The name in `ValidMetricFound` and `SuccessfulRescale`. */
export function metricName(spec: MetricSpec): string {
  switch (spec.type) {
    case 'Resource':
    case 'ContainerResource':
      return resourceMetricName(spec);
    case 'Pods':
      return `pods metric ${spec.metric.name}`;
    case 'Object':
      // An Object metric with an average value bears the name of an external one upstream too.
      return spec.target.type === 'AverageValue'
        ? externalMetricName(spec.metric.name, spec.metric.selector)
        : `${spec.describedObject.kind} metric ${spec.metric.name}`;
    case 'External':
      return externalMetricName(spec.metric.name, spec.metric.selector);
    case 'Unknown':
      return spec.name;
  }
}

function resourceMetricName(spec: Extract<MetricSpec, { type: 'Resource' | 'ContainerResource' }>): string {
  if (spec.target.averageValueMilli !== undefined) return `${spec.resource} resource`;
  const container = spec.type === 'ContainerResource' ? ' container' : '';
  return `${spec.resource}${container} resource utilization (percentage of request)`;
}

function externalMetricName(name: string, selector: LabelSelectorSpec | undefined): string {
  return `external metric ${name}(${formatSelectorDebug(selector)})`;
}

/** A label selector as Go prints it with `%+v`: `&LabelSelector{MatchLabels:…,MatchExpressions:…,}`, or `nil`. */
export function formatSelectorDebug(selector: LabelSelectorSpec | undefined): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${(values ?? []).join(' ')}],},`,
  );
  const matchLabels = `map[string]string{${labels.join('')}}`;
  const matchExpressions = `[]LabelSelectorRequirement{${expressions.join('')}}`;
  return `&LabelSelector{MatchLabels:${matchLabels},MatchExpressions:${matchExpressions},}`;
}
