// Pure: making trees of values that no document holds, placed where the reader should look; and taking trees apart.
import type { Entry, Node, ObjectNode, Position } from './types.ts';

/** A JSON value as a tree, all of it at one place. */
export function treeOf(value: unknown, at: Position): Node {
  if (value === null || value === undefined) return { kind: 'null', at };
  if (Array.isArray(value)) return { kind: 'array', items: value.map((item) => treeOf(item, at)), at };
  if (typeof value === 'string') return { kind: 'string', value, at };
  if (typeof value === 'number') return { kind: 'number', text: String(value), at };
  if (typeof value === 'boolean') return { kind: 'boolean', value, at };
  const fields = Object.entries(value).map(([key, inner]) => [key, treeOf(inner, at)] as const);
  return objectOf(Object.fromEntries(fields), at);
}

/** An object of these fields; those that are undefined are left out. */
export function objectOf(fields: Readonly<Record<string, Node | undefined>>, at: Position): ObjectNode {
  const entries = Object.entries(fields).flatMap(([key, value]): Entry[] => {
    return value === undefined ? [] : [{ key, value, at: value.at }];
  });
  return { kind: 'object', entries, at };
}

/** The object with fields replaced or added; undefined removes one. Names keep their places. */
export function withFields(object: ObjectNode, changes: Readonly<Record<string, Node | undefined>>): ObjectNode {
  const kept = object.entries.filter(({ key }) => !Object.hasOwn(changes, key));
  const changed = Object.entries(changes).flatMap(([key, value]): Entry[] => {
    if (value === undefined) return [];
    const at = object.entries.find((entry) => entry.key === key)?.at ?? value.at;
    return [{ key, value, at }];
  });
  return { ...object, entries: [...kept, ...changed] };
}

/** The tree as a JSON value. */
export function valueOf(node: Node): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, valueOf(value)]));
    case 'array':
      return node.items.map(valueOf);
    case 'number':
      return Number(node.text);
    case 'string':
    case 'boolean':
      return node.value;
    case 'null':
      return null;
  }
}

/** Those of the names that the object has no field of. */
export function namesLeft(names: Iterable<string>, { entries }: ObjectNode): string[] {
  const taken = new Set(entries.map(({ key }) => key));
  return [...names].filter((name) => !taken.has(name));
}
