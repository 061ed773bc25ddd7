// Pure: the CEL rules of the HeadroomAutoscaler schema, each as the code that says the same. A rule without its code is an error, and a test
// compares the code with the API server.

import { metricSources } from '../crd/metric-sources.ts';
import type { Schema, ValidationRule } from '../crd/schema/builders.ts';
import type { Field } from './field.ts';
import type { Problem } from './types.ts';

const rules: ReadonlyMap<string, (self: Field) => boolean> = new Map([
  [
    'self.maxReplicas >= self.minReplicas',
    (self: Field) => self.child('maxReplicas').integer() >= self.child('minReplicas').integer(),
  ],
  [
    "self.minReplicas != 0 || self.metrics.exists(m, m.type == 'Object' || m.type == 'External')",
    (self: Field) =>
      self.child('minReplicas').integer() !== 0 ||
      self
        .child('metrics')
        .items()
        .some((metric) => ['Object', 'External'].includes(metric.child('type').text())),
  ],
  [
    "self.kind == 'ReplicationController' || (has(self.apiVersion) && self.apiVersion.indexOf('/') > 0)",
    (self: Field) =>
      self.child('kind').text() === 'ReplicationController' || self.child('apiVersion').text().indexOf('/') > 0,
  ],
  ...Object.entries(metricSources).map(([type, field]): [string, (self: Field) => boolean] => [
    `(self.type == '${type}') == has(self.${field})`,
    (self) => (self.child('type').text() === type) === self.child(field).isPresent,
  ]),
]);

/** What breaks the rules of a schema, from the outside in. */
export function validateRules(field: Field, schema: Schema): Problem[] {
  if (!field.isPresent) return [];
  const { properties = {}, items } = schema;
  return [
    ...(schema['x-kubernetes-validations'] ?? []).flatMap((rule) => ruleProblems(field, schema, rule)),
    ...Object.entries(properties).flatMap(([key, inner]) => validateRules(field.child(key), inner)),
    ...(items === undefined ? [] : field.items().flatMap((item) => validateRules(item, items))),
  ];
}

function ruleProblems(field: Field, schema: Schema, { rule, message, fieldPath }: ValidationRule): Problem[] {
  const holds = rules.get(rule);
  if (holds === undefined) throw new Error(`BUG: no code for the CEL rule ${rule}`);
  if (readsFloat(field, schema, rule)) {
    const detail = 'invalid data, expected int, got float64 evaluating rule';
    return [{ field: field.path, message: `Invalid value: "object": ${detail}: ${message}`, at: field.at }];
  }
  if (holds(field)) return [];
  const named = fieldPath === undefined ? field : field.child(fieldPath.slice(1));
  return [{ field: named.path, message: `Invalid value: ${message}`, at: named.at }];
}

/** Validation takes 5.0 of a JSON document for an integer, CEL does not. */
function readsFloat(self: Field, { properties = {} }: Schema, rule: string): boolean {
  return Object.entries(properties).some(([key, { type }]) => {
    const { node } = self.child(key);
    const isRead = type === 'integer' && rule.includes(`self.${key}`);
    return isRead && node?.kind === 'number' && !/^-?[0-9]+$/.test(node.text);
  });
}
