// Pure: what the API server fills into a v2 HorizontalPodAutoscaler, as trees that point at the field that lacks it.
import { specDefaults } from '../crd/defaults.ts';
import { Field } from './field.ts';
import { treeOf, withFields } from './tree.ts';
import type { Node, ObjectNode } from './types.ts';

const { scaleUp, scaleDown } = specDefaults.behavior;

/** A decoded v2 object with its defaults. An empty list of metrics counts as none; an empty list of policies does not. */
export function withHpaDefaults(root: ObjectNode): ObjectNode {
  const spec = Field.root(root).child('spec');
  const behavior = spec.child('behavior');
  const given = spec.node?.kind === 'object' ? spec.node : emptyAt(spec);
  const filled = withFields(given, {
    minReplicas: spec.child('minReplicas').node ?? treeOf(specDefaults.minReplicas, spec.at),
    metrics:
      spec.child('metrics').items().length > 0
        ? spec.child('metrics').node
        : treeOf(specDefaults.metrics, spec.child('metrics').at),
    behavior: behavior.node?.kind === 'object' ? behaviorWithDefaults(behavior, behavior.node) : undefined,
  });
  return withFields(root, { spec: filled });
}

function behaviorWithDefaults(behavior: Field, node: ObjectNode): ObjectNode {
  return withFields(node, {
    scaleUp: rulesWithDefaults(behavior.child('scaleUp'), scaleUp),
    scaleDown: rulesWithDefaults(behavior.child('scaleDown'), scaleDown),
  });
}

function rulesWithDefaults(rules: Field, defaults: Readonly<Record<string, unknown>>): Node {
  const given = rules.node?.kind === 'object' ? rules.node : emptyAt(rules);
  const missing = Object.entries(defaults).filter(([name]) => !rules.child(name).isPresent);
  return withFields(given, Object.fromEntries(missing.map(([name, value]) => [name, treeOf(value, rules.at)])));
}

function emptyAt({ at }: Field): ObjectNode {
  return { kind: 'object', entries: [], at };
}
