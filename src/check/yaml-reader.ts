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
import type { JsonScalar } from './plain-scalar.ts';
import type { Entry, Node, Position, RepeatedKey } from './types.ts';
import { YamlError } from './yaml-error.ts';
import { readScalar } from './yaml-scalar.ts';

export interface YamlDocument {
  /** undefined when there is nothing in it but blanks and comments. */
  readonly root: Node | undefined;
  readonly repeatedKeys: readonly RepeatedKey[];
  /** Where another document begins, after a line of three dots. Nobody reads it. */
  readonly unreadFrom: Position | undefined;
}

const maxDepth = 1000;
/** Go's parser takes nothing else, not even in a comment. */
const notAllowed = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** Reads one document that starts on line `firstLine` of its file. Throws YamlError. */
export function readYaml(text: string, firstLine: number): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
  });
  const reader = new YamlReader(document, text, lines, firstLine);
  const control = text.search(notAllowed);
  if (control !== -1) throw new YamlError('control characters are not allowed', reader.position(control));
  const [next] = document.errors.filter(({ code }) => code === 'MULTIPLE_DOCS');
  const [error] = document.errors.filter(({ code }) => code !== 'MULTIPLE_DOCS');
  if (error !== undefined) throw new YamlError(error.message, reader.position(error.pos[0]));
  const unreadFrom = next && reader.position(next.pos[0]);
  if (document.contents === null) return { root: undefined, repeatedKeys: [], unreadFrom };
  const root = reader.node(document.contents, { line: firstLine, column: 1 }, '');
  const isEmpty = root.kind === 'null' && isScalar(document.contents) && document.contents.source === '';
  return { root: isEmpty ? undefined : root, repeatedKeys: reader.repeatedKeys, unreadFrom };
}

interface MappingKey {
  readonly text: string;
  /** As Go's %#v prints it. */
  readonly printed: string;
}

class YamlReader {
  readonly repeatedKeys: RepeatedKey[] = [];
  readonly #document: Document;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #firstLine: number;
  /** What aliases lead to, with the count of nodes in it. Reading it once keeps a text of aliases to aliases from taking for ever. */
  readonly #referred = new Map<Alias, { readonly node: Node; readonly size: number }>();
  #nodes = 0;
  /** Those of them that aliases repeat. */
  #repeated = 0;
  #depth = 0;
  #aliasDepth = 0;

  constructor(document: Document, text: string, lines: LineCounter, firstLine: number) {
    this.#document = document;
    this.#text = text;
    this.#lines = lines;
    this.#firstLine = firstLine;
  }

  position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: line - 1 + this.#firstLine, column: col };
  }

  /** `outer` is where a value stands that takes up no room. */
  node(value: unknown, outer: Position, path: string): Node {
    if (++this.#depth > maxDepth) throw new YamlError('exceeded max depth', outer);
    this.#count(1, outer);
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
    if (isScalar(value)) return { ...this.#scalar(value), at: this.#start(value, outer) };
    return { kind: 'null', at: outer };
  }

  #scalar(scalar: Scalar): JsonScalar {
    const [start, end] = scalar.range ?? [0, 0];
    return readScalar(scalar, this.#text.slice(start, end), (offset) => this.position(start + offset));
  }

  #start(value: { range?: readonly number[] | null | undefined }, outer: Position): Position {
    const offset = value.range?.[0];
    return offset === undefined ? outer : this.position(offset);
  }

  #follow(alias: Alias, outer: Position, path: string): Node {
    const known = this.#referred.get(alias);
    this.#aliasDepth++;
    if (known !== undefined) {
      this.#count(known.size, outer);
      this.#aliasDepth--;
      return known.node;
    }
    const target = alias.resolve(this.#document);
    if (target === undefined) throw new YamlError(`unknown anchor '${alias.source}' referenced`, outer);
    const before = this.#nodes;
    const node = this.node(target, outer, path);
    this.#aliasDepth--;
    this.#referred.set(alias, { node, size: this.#nodes - before });
    return node;
  }

  /** Aliases may make a small text huge. What Go's parser still takes depends on their share. */
  #count(nodes: number, outer: Position): void {
    this.#nodes += nodes;
    if (this.#aliasDepth > 0) this.#repeated += nodes;
    const isSmall = this.#repeated <= 100 || this.#nodes <= 1000;
    if (!isSmall && this.#repeated / this.#nodes > allowedShare(this.#nodes)) {
      throw new YamlError('document contains excessive aliasing', outer);
    }
  }

  #entries(map: YAMLMap, path: string): Entry[] {
    const entries = new Map<string, Entry>();
    for (const pair of map.items) {
      const at = this.#start(isScalar(pair.key) ? pair.key : map, this.position(map.range?.[0] ?? 0));
      const key = this.#key(pair.key, at);
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

  #key(written: unknown, at: Position): MappingKey | 'merge' {
    const key = isAlias(written) ? written.resolve(this.#document) : written;
    if (!isScalar(key)) throw new YamlError('unsupported map key', at);
    if (key.type === 'PLAIN' && key.value === '<<') return 'merge';
    const value = this.#scalar(key);
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

/** 99 % of up to 400 000 nodes, 10 % from 4 000 000 on, and on the straight line between. */
function allowedShare(nodes: number): number {
  const [few, many] = [400_000, 4_000_000];
  const position = Math.min(Math.max((nodes - few) / (many - few), 0), 1);
  return 0.99 - position * (0.99 - 0.1);
}
