// Pure: JSON text -> tree with positions. Repeated keys stay, in their order, because the API server complains about them.
import type { Entry, Node, Position } from './types.ts';

/** Text that is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
  readonly at: Position;

  constructor(message: string, at: Position) {
    super(message);
    this.at = at;
  }
}

const blank = /[ \t\r\n]*/y;
const number = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const literals: readonly (readonly [string, (at: Position) => Node])[] = [
  ['true', (at) => ({ kind: 'boolean', value: true, at })],
  ['false', (at) => ({ kind: 'boolean', value: false, at })],
  ['null', (at) => ({ kind: 'null', at })],
];
const maxDepth = 1000;

/** The values of a text that holds one or several after each other. `positionAt` says where an offset stands. Throws JsonSyntaxError. */
export function* readJson(text: string, positionAt: (offset: number) => Position): Generator<Node> {
  const reader = new JsonReader(text, positionAt);
  while (!reader.isAtEnd()) yield reader.value();
}

class JsonReader {
  readonly #text: string;
  readonly #positionAt: (offset: number) => Position;
  #offset = 0;
  #depth = 0;

  constructor(text: string, positionAt: (offset: number) => Position) {
    this.#text = text;
    this.#positionAt = positionAt;
    this.#take(blank);
  }

  isAtEnd(): boolean {
    return this.#offset === this.#text.length;
  }

  value(): Node {
    const at = this.#positionAt(this.#offset);
    if (++this.#depth > maxDepth) throw new JsonSyntaxError('exceeded max depth', at);
    const node = this.#valueAt(at);
    this.#take(blank);
    this.#depth--;
    return node;
  }

  #valueAt(at: Position): Node {
    const char = this.#text[this.#offset];
    if (char === '{') return { kind: 'object', entries: this.#members('{', '}', () => this.#entry()), at };
    if (char === '[') return { kind: 'array', items: this.#members('[', ']', () => this.value()), at };
    return char === '"' ? { kind: 'string', value: this.#string(), at } : this.#literal(at);
  }

  #members<T>(open: string, close: string, read: () => T): T[] {
    this.#expect(open);
    const members: T[] = [];
    if (this.#text[this.#offset] !== close) {
      do members.push(read());
      while (this.#skip(','));
    }
    this.#expect(close);
    return members;
  }

  #entry(): Entry {
    const at = this.#positionAt(this.#offset);
    const key = this.#string();
    this.#take(blank);
    this.#expect(':');
    return { key, value: this.value(), at };
  }

  #literal(at: Position): Node {
    for (const [word, make] of literals) {
      if (this.#text.startsWith(word, this.#offset)) {
        this.#offset += word.length;
        return make(at);
      }
    }
    const text = this.#take(number);
    if (text === '') throw this.#unexpected();
    return { kind: 'number', text, at };
  }

  #string(): string {
    const start = this.#offset;
    if (this.#text[start] !== '"') throw this.#unexpected();
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a quoted text parses to a string or not at all
      const value = JSON.parse(this.#text.slice(start, end + 1)) as string;
      this.#offset = end + 1;
      return value;
    } catch {
      throw this.#unexpected();
    }
  }

  #skip(char: string): boolean {
    if (this.#text[this.#offset] !== char) return false;
    this.#offset++;
    this.#take(blank);
    return true;
  }

  #expect(char: string): void {
    if (!this.#skip(char)) throw this.#unexpected();
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#offset += found.length;
    return found;
  }

  #unexpected(): JsonSyntaxError {
    const char = this.#text[this.#offset];
    const message = char === undefined ? 'unexpected end of JSON input' : `invalid character '${char}'`;
    return new JsonSyntaxError(message, this.#positionAt(this.#offset));
  }
}
