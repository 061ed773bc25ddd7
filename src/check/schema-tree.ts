// Pure: what the API server does to a custom resource before it is validated: unknown fields go, nulls go, defaults come.
import type { Schema } from '../crd/schema/builders.ts';
import { goQuote } from '../lib/go-quote.ts';
import { namesLeft, treeOf } from './tree.ts';
import type { Entry, Node, ObjectNode, Problem } from './types.ts';

/** Fields that the schema does not know. Their order is upstream's: sorted by path. */
export function unknownFields(node: Node, schema: Schema): Problem[] {
  return findUnknown(node, schema, '').toSorted((a, b) => Buffer.compare(Buffer.from(a.field), Buffer.from(b.field)));
}

function findUnknown(node: Node, schema: Schema, path: string): Problem[] {
  if (node.kind === 'array') {
    const { items } = schema;
    if (items === undefined) return [];
    return node.items.flatMap((item, index) => findUnknown(item, items, `${path}[${index}]`));
  }
  if (node.kind !== 'object' || schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  return node.entries.flatMap(({ key, value, at }) => {
    const field = path === '' ? key : `${path}.${key}`;
    const inner = fieldSchema(schema, key);
    return inner === undefined
      ? [
          {
            field,
            message: `unknown field ${goQuote(field)}`,
            at,
            knownNames: namesLeft(Object.keys(schema.properties ?? {}), node),
          },
        ]
      : findUnknown(value, inner, field);
  });
}

/** The object without unknown fields and nulls, and with defaults. Values of a wrong type stay, for validation to find. */
export function completed(object: ObjectNode, schema: Schema): ObjectNode {
  const known = object.entries.flatMap((entry): Entry[] => {
    const inner = fieldSchema(schema, entry.key);
    if (inner === undefined || entry.value.kind === 'null') return [];
    return [{ ...entry, value: completedValue(entry.value, inner) }];
  });
  return { ...object, entries: [...known, ...defaultsOf(object, schema, known)] };
}

function completedValue(node: Node, schema: Schema): Node {
  if (node.kind === 'array') {
    const { items } = schema;
    return items === undefined ? node : { ...node, items: node.items.map((item) => completedValue(item, items)) };
  }
  const isOpaque = node.kind !== 'object' || schema['x-kubernetes-preserve-unknown-fields'] === true;
  return isOpaque ? node : completed(node, schema);
}

function defaultsOf(node: ObjectNode, schema: Schema, known: readonly Entry[]): Entry[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, { default: value }]): Entry[] => {
    if (value === undefined || known.some((entry) => entry.key === key)) return [];
    const at = node.entries.find((entry) => entry.key === key)?.at ?? node.at;
    return [{ key, value: treeOf(value, at), at }];
  });
}

function fieldSchema(schema: Schema, key: string): Schema | undefined {
  const { properties = {}, additionalProperties } = schema;
  return Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
}
