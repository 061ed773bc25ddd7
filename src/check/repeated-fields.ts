// Pure: fields that stand twice in one object of a JSON document. (In YAML the reader finds them.)
import { goQuote } from '../lib/go-quote.ts';
import type { Node, Problem } from './types.ts';

/** In document order; each path once. */
export function repeatedFields(node: Node): Problem[] {
  const found = new Map<string, Problem>();
  for (const problem of search(node, '')) if (!found.has(problem.field)) found.set(problem.field, problem);
  return [...found.values()];
}

function search(node: Node, path: string): Problem[] {
  if (node.kind === 'array') return node.items.flatMap((item, index) => search(item, `${path}[${index}]`));
  if (node.kind !== 'object') return [];
  const seen = new Set<string>();
  return node.entries.flatMap(({ key, value, at }) => {
    const field = path === '' ? key : `${path}.${key}`;
    const repeated = seen.has(key) ? [{ field, message: `duplicate field ${goQuote(field)}`, at }] : [];
    seen.add(key);
    return [...repeated, ...search(value, field)];
  });
}
