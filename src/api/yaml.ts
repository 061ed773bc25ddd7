// Pure: JSON as YAML, byte for byte as the API machinery's encoder (go-yaml v2) writes it: sorted keys, dashes below their key, no folded lines.
import { compareKeys } from './yaml-keys.ts';
import { yamlScalar } from './yaml-scalar.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Longer keys stand behind a question mark, and their value on the next line. */
const longestSimpleKeyBytes = 128;
const step = '  ';

/** A whole document with a newline at its end. `json` is the text of an object. */
export function jsonToYaml(json: string): string {
  const value: Json = JSON.parse(json);
  return `${block(value, '')}\n`;
}

/** One element of a list that is a field of the root object, with a newline at its end. `json` is the text of the element. */
export function jsonToYamlItem(json: string): string {
  const value: Json = JSON.parse(json);
  return `- ${block(value, step)}\n`;
}

/** The first line is not indented: what stands before it is, `column` characters. */
function block(value: Json, indent: string, column = indent.length): string {
  if (typeof value === 'string') return yamlScalar(value, { indent, column });
  if (value === null || typeof value !== 'object') return String(value);
  if (isList(value)) return listBlock(value, indent);
  const fields = Object.entries(value).toSorted(([a], [b]) => compareKeys(a, b));
  return fields.length === 0 ? '{}' : fields.map(([key, field]) => keyed(key, field, indent)).join(`\n${indent}`);
}

function listBlock(items: readonly Json[], indent: string): string {
  return items.length === 0 ? '[]' : items.map((item) => `- ${block(item, indent + step)}`).join(`\n${indent}`);
}

function keyed(key: string, value: Json, indent: string): string {
  const text = yamlScalar(key, undefined);
  const isSimple = Buffer.byteLength(key) <= longestSimpleKeyBytes;
  const start = isSimple ? `${text}:` : `? ${text}\n${indent}:`;
  if (value === null || typeof value !== 'object' || isEmpty(value)) {
    const column = indent.length + (isSimple ? text.length + 2 : 2);
    return `${start} ${block(value, indent + step, column)}`;
  }
  const inner = isList(value) ? indent : indent + step;
  return `${start}\n${inner}${block(value, inner)}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
