// Pure: one YAML document -> tree with positions, as the API server turns YAML into JSON: keys are strings and sorted, the last of equal keys counts.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { goQuote } from '../lib/go-quote.ts';
import { readPlainScalar } from './plain-scalar.ts';
import type { Entry, Node, Position, RepeatedKey } from './types.ts';

/** Text that is not YAML, or YAML that cannot become JSON. */
export class YamlError extends Error {
  override readonly name = 'YamlError';
  readonly at: Position;

  constructor(message: string, at: Position) {
    super(message);
    this.at = at;
  }
}

export interface YamlDocument {
  /** undefined when there is nothing in it but blanks and comments. */
  readonly root: Node | undefined;
  readonly repeatedKeys: readonly RepeatedKey[];
}

/** Aliases may make a small text huge; a manifest has no reason to. */
const maxNodes = 200_000;
const maxDepth = 1000;
const stringTag = 'tag:yaml.org,2002:str';
const binaryTag = 'tag:yaml.org,2002:binary';

/** Reads one document that starts on line `firstLine` of its file. Throws YamlError. */
export function readYaml(text: string, firstLine: number): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [error] = document.errors;
  const reader = new YamlReader(document, lines, firstLine);
  if (error !== undefined) throw new YamlError(error.message, reader.position(error.pos[0]));
  if (document.contents === null) return { root: undefined, repeatedKeys: [] };
  const root = reader.node(document.contents, { line: firstLine, column: 1 }, '');
  const isEmpty = root.kind === 'null' && isScalar(document.contents) && document.contents.source === '';
  return { root: isEmpty ? undefined : root, repeatedKeys: reader.repeatedKeys };
}

interface MappingKey {
  readonly text: string;
  /** As Go's %#v prints it. */
  readonly printed: string;
}

class YamlReader {
  readonly repeatedKeys: RepeatedKey[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #firstLine: number;
  /** What aliases lead to, with the count of nodes in it. Reading it once keeps a text of aliases to aliases from taking for ever. */
  readonly #referred = new Map<Alias, { readonly node: Node; readonly size: number }>();
  #nodes = 0;
  #depth = 0;

  constructor(document: Document, lines: LineCounter, firstLine: number) {
    this.#document = document;
    this.#lines = lines;
    this.#firstLine = firstLine;
  }

  position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: line - 1 + this.#firstLine, column: col };
  }

  /** `outer` is where a value stands that takes up no room. */
  node(value: unknown, outer: Position, path: string): Node {
    if (++this.#nodes > maxNodes || ++this.#depth > maxDepth) {
      throw new YamlError('document contains excessive aliasing', outer);
    }
    const node = this.#read(value, outer, path);
    this.#depth--;
    return node;
  }

  #read(value: unknown, outer: Position, path: string): Node {
    if (isAlias(value)) return this.#follow(value, outer, path);
    if (isMap(value)) return { kind: 'object', entries: this.#entries(value, path), at: this.#start(value, outer) };
    if (isSeq(value)) {
      const at = this.#start(value, outer);
      return {
        kind: 'array',
        items: value.items.map((item, index) => this.node(item, at, `${path}[${index}]`)),
        at,
      };
    }
    if (isScalar(value)) return { ...scalarValue(value), at: this.#start(value, outer) };
    return { kind: 'null', at: outer };
  }

  #start(value: { range?: readonly number[] | null | undefined }, outer: Position): Position {
    const offset = value.range?.[0];
    return offset === undefined ? outer : this.position(offset);
  }

  #follow(alias: Alias, outer: Position, path: string): Node {
    const known = this.#referred.get(alias);
    if (known !== undefined) {
      this.#nodes += known.size;
      return known.node;
    }
    const target = alias.resolve(this.#document);
    if (target === undefined) throw new YamlError(`unknown anchor '${alias.source}' referenced`, outer);
    const before = this.#nodes;
    const node = this.node(target, outer, path);
    this.#referred.set(alias, { node, size: this.#nodes - before });
    return node;
  }

  #entries(map: YAMLMap, path: string): Entry[] {
    const entries = new Map<string, Entry>();
    for (const pair of map.items) {
      const at = this.#start(isScalar(pair.key) ? pair.key : map, this.position(map.range?.[0] ?? 0));
      const key = readKey(pair.key, at);
      if (key === 'merge') {
        for (const entry of this.#mergedEntries(pair.value, at, path)) {
          this.#set(entries, entry, { text: entry.key, printed: goQuote(entry.key) }, path);
        }
      } else {
        const value = this.node(pair.value, at, fieldOf(path, key));
        this.#set(entries, { key: key.text, value, at }, key, path);
      }
    }
    return [...entries.values()].toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  /** What comes later counts, also over what was merged in; strict reading complains about either. */
  #set(entries: Map<string, Entry>, entry: Entry, key: MappingKey, path: string): void {
    if (entries.has(entry.key)) {
      const lineOfDocument = entry.value.at.line - this.#firstLine + 1;
      this.repeatedKeys.push({ field: fieldOf(path, key), key: key.printed, lineOfDocument, at: entry.at });
    }
    entries.set(entry.key, entry);
  }

  #mergedEntries(value: unknown, at: Position, path: string): Entry[] {
    const source = this.node(value, at, path);
    // Of several, earlier ones count more.
    const parts = source.kind === 'array' ? source.items.toReversed() : [source];
    return parts.flatMap((part) => {
      if (part.kind !== 'object') throw new YamlError('map merge requires map or sequence of maps as the value', at);
      return part.entries;
    });
  }
}

function fieldOf(path: string, key: MappingKey): string {
  return path === '' ? key.text : `${path}.${key.text}`;
}

type Value =
  | { readonly kind: 'string'; readonly value: string }
  | Exclude<ReturnType<typeof readPlainScalar>, { kind: 'string' }>;

function scalarValue(scalar: Scalar): Value {
  const text = String(scalar.value);
  const isText = scalar.type !== 'PLAIN' || scalar.tag === stringTag || scalar.tag === binaryTag;
  // A tag such as !!int makes Go read quoted text as if it were plain.
  const isTagged = scalar.tag !== undefined && scalar.tag !== stringTag && scalar.tag.startsWith('tag:yaml.org,2002:');
  return isText && !(isTagged && scalar.tag !== binaryTag) ? { kind: 'string', value: text } : readPlainScalar(text);
}

function readKey(key: unknown, at: Position): MappingKey | 'merge' {
  if (!isScalar(key)) throw new YamlError('unsupported map key', at);
  if (key.type === 'PLAIN' && key.value === '<<') return 'merge';
  const value = scalarValue(key);
  switch (value.kind) {
    case 'string':
      return { text: value.value, printed: goQuote(value.value) };
    case 'number':
      return { text: value.text, printed: value.text };
    case 'boolean':
      return { text: String(value.value), printed: String(value.value) };
    case 'null':
      throw new YamlError('unsupported map key of type: %!s(<nil>), key: <nil>', at);
  }
}
