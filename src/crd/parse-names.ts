// Pure: reads the parts that spec and status name things with: object references, metric identifiers, label selectors.
import type { JsonNode } from './json-node.ts';
import type { LabelSelectorSpec, MetricIdentifier, ObjectReference } from './types.ts';

/** A CrossVersionObjectReference. Throws HeadroomError OBJECT_INVALID without kind or name. */
export function parseReference(node: JsonNode): ObjectReference {
  return {
    apiVersion: node.get('apiVersion').text(),
    kind: node.get('kind').requiredText(),
    name: node.get('name').requiredText(),
  };
}

/** The `metric` of a Pods, Object or External source. Throws HeadroomError OBJECT_INVALID. */
export function parseMetricIdentifier(source: JsonNode): MetricIdentifier {
  const metric = source.get('metric').required();
  return { name: metric.get('name').text(), selector: metric.get('selector').optional(parseSelector) };
}

function parseSelector(node: JsonNode): LabelSelectorSpec {
  return {
    matchLabels: node.get('matchLabels').optional((labels) => labels.textMap()),
    matchExpressions: node.get('matchExpressions').optional((list) =>
      list.items().map((expression) => ({
        key: expression.get('key').text(),
        operator: expression.get('operator').text(),
        values: expression.get('values').optional((values) => values.items().map((value) => value.text())),
      })),
    ),
  };
}
