// Pure: JSON text the way Go's encoding/json writes it, and its indented form.

// oxlint-disable-next-line no-control-regex -- control characters are what has to be found
const needsEscape = /[\u0000-\u001f"\\<>&\u007f-\uffff]/;

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A JSON string: `<`, `>`, `&` and the line separators are escaped besides what JSON asks for. */
export function jsonString(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  // oxlint-disable-next-line no-control-regex -- control characters are what has to be found
  return `"${text.toWellFormed().replaceAll(/[\u0000-\u001f"\\<>&\u2028\u2029]/g, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  return shortEscapes[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A string map, sorted by key. */
export function jsonStringMap(map: Readonly<Record<string, string>>): string {
  const entries = Object.keys(map)
    .toSorted()
    .map((key) => `${jsonString(key)}:${jsonString(map[key] ?? '')}`);
  return `{${entries.join(',')}}`;
}

const quote = 0x22;
const backslash = 0x5c;
const opening = new Set([0x7b, 0x5b]);
const closing = new Set([0x7d, 0x5d]);
const comma = 0x2c;
const colon = 0x3a;

/**
 * Indents compact JSON by two spaces, chunk by chunk; `{}` and `[]` stay on their line. Works on the text, because parsing and writing anew
 * would lose the order of keys and the escapes.
 */
export class JsonIndenter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** A bracket was opened, and what follows decides whether its content gets lines of its own. */
  #opened = false;

  indent(chunk: Buffer): Buffer {
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      const before = this.#before(byte);
      const after = this.#step(byte);
      if (before === '' && after === '') continue;
      parts.push(
        chunk.subarray(from, at),
        Buffer.from(before, 'latin1'),
        chunk.subarray(at, at + 1),
        Buffer.from(after, 'latin1'),
      );
      from = at + 1;
    }
    parts.push(chunk.subarray(from));
    return Buffer.concat(parts);
  }

  /** What goes between the last byte and this one. */
  #before(byte: number): string {
    if (this.#inString) return '';
    const opened = this.#opened;
    this.#opened = false;
    if (!closing.has(byte)) return opened ? this.#newLine() : '';
    this.#depth -= 1;
    return opened ? '' : this.#newLine();
  }

  /** Takes the byte in; returns what goes behind it. */
  #step(byte: number): string {
    if (this.#inString) {
      this.#inString = byte !== quote || this.#escaped;
      this.#escaped = byte === backslash && !this.#escaped;
      return '';
    }
    if (byte === quote) this.#inString = true;
    if (opening.has(byte)) {
      this.#depth += 1;
      this.#opened = true;
    }
    if (byte === comma) return this.#newLine();
    return byte === colon ? ' ' : '';
  }

  #newLine(): string {
    return `\n${'  '.repeat(this.#depth)}`;
  }
}

/** Compact JSON text, indented. */
export function indentJson(text: string): string {
  return new JsonIndenter().indent(Buffer.from(text, 'utf8')).toString('utf8');
}
