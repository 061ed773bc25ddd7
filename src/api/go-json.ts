// Pure: JSON text the way Go's encoding/json writes it, and its indented form.
import { sortedKeys } from './sorted-keys.ts';

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
  let text = '';
  for (const key of sortedKeys(map))
    text += `${text === '' ? '' : ','}${jsonString(key)}:${jsonString(map[key] ?? '')}`;
  return `{${text}}`;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const blank = 0x20;
const lineFeed = 0x0a;

function isOpening(byte: number): boolean {
  return byte === 0x7b || byte === 0x5b;
}

function isClosing(byte: number): boolean {
  return byte === 0x7d || byte === 0x5d;
}

/**
 * Indents compact JSON by two spaces, chunk by chunk; `{}` and `[]` stay on their line. Works on the text, because parsing and writing anew
 * would lose the order of keys and the escapes. Byte by byte into one buffer: answers are megabytes.
 */
export class JsonIndenter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** A bracket was opened, and what follows decides whether its content gets lines of its own. */
  #opened = false;
  #out = Buffer.alloc(0);
  #end = 0;

  indent(chunk: Buffer): Buffer {
    this.#out = Buffer.allocUnsafe(chunk.length * 2 + 64);
    this.#end = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#inString) this.#putInString(byte);
      else this.#put(byte);
    }
    return this.#out.subarray(0, this.#end);
  }

  #putInString(byte: number): void {
    this.#write(byte);
    this.#inString = byte !== quote || this.#escaped;
    this.#escaped = byte === backslash && !this.#escaped;
  }

  #put(byte: number): void {
    if (isClosing(byte)) {
      this.#depth -= 1;
      if (!this.#opened) this.#newLine();
    } else if (this.#opened) {
      this.#newLine();
    }
    this.#opened = isOpening(byte);
    this.#write(byte);
    if (byte === quote) this.#inString = true;
    else if (this.#opened) this.#depth += 1;
    else if (byte === comma) this.#newLine();
    else if (byte === colon) this.#write(blank);
  }

  #newLine(): void {
    this.#write(lineFeed);
    for (let blanks = this.#depth * 2; blanks > 0; blanks--) this.#write(blank);
  }

  #write(byte: number): void {
    if (this.#end === this.#out.length) this.#grow();
    this.#out[this.#end++] = byte;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#out.length * 2);
    this.#out.copy(larger, 0, 0, this.#end);
    this.#out = larger;
  }
}

/** Compact JSON text, indented. */
export function indentJson(text: string): string {
  return new JsonIndenter().indent(Buffer.from(text, 'utf8')).toString('utf8');
}
