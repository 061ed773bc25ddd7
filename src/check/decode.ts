// Pure: a tree read into a Go type as sigs.k8s.io/json does, with its complaints. What comes out holds known fields of the right type only.
import { errorMessage } from '../lib/errors.ts';
import { goQuote } from '../lib/go-quote.ts';
import { parseQuantityMilli } from '../lib/quantity.ts';
import { timeProblem } from './go-time.ts';
import { type GoType, int32, int64, type StructType } from './go-type.ts';
import { namesLeft } from './tree.ts';
import type { Entry, Node, ObjectNode, Position, Problem } from './types.ts';

export interface Decoded {
  readonly root: ObjectNode;
  /** Values of a wrong type, the one that the API server reports first. */
  readonly typeProblems: readonly Problem[];
  /** Unknown and repeated fields. */
  readonly strictProblems: readonly Problem[];
}

/** `foldCase`: as Go's own encoding/json, which takes `scaleup` for `scaleUp` and which annotations are read with. */
export function decode(node: Node, type: GoType, options: { readonly foldCase: boolean }): Decoded {
  const decoder = new Decoder(options.foldCase);
  const value = decoder.value(node, type, { struct: '', fields: [], path: '' });
  const root: ObjectNode = value?.kind === 'object' ? value : { kind: 'object', entries: [], at: node.at };
  return {
    root,
    // A type that reads itself ends the decoding; other wrong types are kept, and only the first is told.
    typeProblems: [...decoder.fatalProblems, ...decoder.typeProblems],
    strictProblems: decoder.strictProblems,
  };
}

/** Where the decoder is: the innermost struct, the fields from the root without indexes, and the path with them. */
interface Place {
  readonly struct: string;
  readonly fields: readonly string[];
  readonly path: string;
}

const integerBits = { int32: 32, int64: 64 } as const;
const goWords = { object: 'object', array: 'array', string: 'string', number: 'number', boolean: 'bool', null: 'null' };

class Decoder {
  readonly fatalProblems: Problem[] = [];
  readonly typeProblems: Problem[] = [];
  readonly strictProblems: Problem[] = [];
  readonly #strictMessages = new Set<string>();
  readonly #foldCase: boolean;

  constructor(foldCase: boolean) {
    this.#foldCase = foldCase;
  }

  /** undefined where Go leaves the zero value: for null, and for a wrong type. */
  value(node: Node, type: GoType, place: Place): Node | undefined {
    if (node.kind === 'null') return undefined;
    if (type.kind === 'quantity') return this.#quantity(node, place);
    if (type.kind === 'time') return this.#time(node, place);
    if (type.kind === 'struct' && node.kind === 'object') return this.#struct(node, type, place);
    if (type.kind === 'map' && node.kind === 'object') return this.#map(node, type.of, place);
    if (type.kind === 'list' && node.kind === 'array') return this.#list(node, type.of, place);
    return isScalarOf(type, node) ? node : this.#wrongType(node, type, place);
  }

  #struct(node: ObjectNode, type: StructType, place: Place): ObjectNode {
    const struct = type.goName.slice(type.goName.indexOf('.') + 1);
    const entries = new Map<string, Entry>();
    const seen = new Set<string>();
    for (const { key, value, at } of node.entries) {
      const name = this.#fieldName(type, key);
      const field = name === undefined ? undefined : type.fields.get(name);
      if (name === undefined || field === undefined) {
        this.#strict('unknown', child(place.path, key), at, namesLeft(type.fields.keys(), node));
        continue;
      }
      const path = child(place.path, name);
      if (seen.has(name)) this.#strict('duplicate', path, at);
      seen.add(name);
      const decoded = this.value(value, field, { struct, fields: [...place.fields, name], path });
      if (decoded === undefined) entries.delete(name);
      else entries.set(name, { key: name, value: decoded, at });
    }
    return { ...node, entries: [...entries.values()] };
  }

  #fieldName(type: StructType, key: string): string | undefined {
    if (type.fields.has(key)) return key;
    if (!this.#foldCase) return undefined;
    return [...type.fields.keys()].find((name) => name.toLowerCase() === key.toLowerCase());
  }

  #map(node: ObjectNode, type: GoType, place: Place): ObjectNode {
    const entries = new Map<string, Entry>();
    for (const { key, value, at } of node.entries) {
      const path = child(place.path, key);
      if (entries.has(key)) this.#strict('duplicate', path, at);
      const decoded = this.value(value, type, { ...place, path }) ?? zeroOf(type, value.at);
      entries.set(key, { key, value: decoded, at });
    }
    return { ...node, entries: [...entries.values()] };
  }

  #list(node: Extract<Node, { kind: 'array' }>, type: GoType, place: Place): Node {
    const items = node.items.map((item, index) => {
      const path = `${place.path}[${index}]`;
      return this.value(item, type, { ...place, path }) ?? zeroOf(type, item.at);
    });
    return { ...node, items };
  }

  #quantity(node: Node, place: Place): Node | undefined {
    const value = quantityText(node);
    try {
      parseQuantityMilli(value);
      return { kind: 'string', value, at: node.at };
    } catch (error) {
      this.fatalProblems.push({ field: place.path, message: errorMessage(error), at: node.at });
      return undefined;
    }
  }

  #time(node: Node, place: Place): Node | undefined {
    const message = node.kind === 'string' ? timeProblem(node.value) : wrongTypeText(node, 'string', place);
    if (message === undefined) return node;
    this.fatalProblems.push({ field: place.path, message, at: node.at });
    return undefined;
  }

  #wrongType(node: Node, type: GoType, place: Place): undefined {
    this.typeProblems.push({ field: place.path, message: wrongTypeText(node, type.goName, place), at: node.at });
  }

  #strict(what: 'unknown' | 'duplicate', field: string, at: Position, knownNames: readonly string[] = []): void {
    const message = `${what} field ${goQuote(field)}`;
    if (this.#strictMessages.has(message)) return;
    this.#strictMessages.add(message);
    this.strictProblems.push({ field, message, at, knownNames });
  }
}

function wrongTypeText(node: Node, wanted: string, { struct, fields }: Place): string {
  const isInteger = node.kind === 'number' && (wanted === int32.goName || wanted === int64.goName);
  const found = isInteger ? `number ${node.text}` : goWords[node.kind];
  const into = struct === '' ? 'value' : `struct field ${struct}.${fields.join('.')}`;
  return `json: cannot unmarshal ${found} into Go ${into} of type ${wanted}`;
}

function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isScalarOf(type: GoType, node: Node): boolean {
  switch (type.kind) {
    case 'anything':
      return true;
    case 'text':
      return node.kind === 'string';
    case 'boolean':
      return node.kind === 'boolean';
    case 'integer':
      return node.kind === 'number' && fits(node.text, integerBits[type.goName]);
    case 'struct':
    case 'map':
    case 'list':
    case 'quantity':
    case 'time':
      return false;
  }
}

function fits(text: string, bits: number): boolean {
  if (!/^-?[0-9]+$/.test(text)) return false;
  const value = BigInt(text);
  return value === BigInt.asIntN(bits, value);
}

/** Go gives the raw JSON, without quotes and blanks around it, to ParseQuantity. */
function quantityText(node: Node): string {
  switch (node.kind) {
    case 'string':
      return node.value.trim();
    case 'number':
      return node.text;
    case 'boolean':
      return String(node.value);
    case 'object':
    case 'array':
    case 'null':
      return node.kind;
  }
}

/** What stands in a list or map for null. */
function zeroOf(type: GoType, at: Position): Node {
  switch (type.kind) {
    case 'struct':
    case 'map':
      return { kind: 'object', entries: [], at };
    case 'list':
      return { kind: 'array', items: [], at };
    case 'text':
    case 'time':
      return { kind: 'string', value: '', at };
    case 'boolean':
      return { kind: 'boolean', value: false, at };
    case 'integer':
      return { kind: 'number', text: '0', at };
    case 'quantity':
      return { kind: 'string', value: '0', at };
    case 'anything':
      return { kind: 'null', at };
  }
}
