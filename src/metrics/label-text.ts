// Pure: the label part of an exposition line, from bytes to the names of a container. Off the hot path: known labels are compared, not read.

/** Whose sample a line is. */
export interface ContainerIdentity {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** Labels longer than this are not read; Kubernetes names need less than 700 bytes. */
const maxLabelTextBytes = 4096;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;

const decoder = new TextDecoder();

/**
 * Where the label text that begins at `at` (after the opening brace) ends: the offset after its closing brace, or -1 when it is not closed
 * before the end of the line, the end of the body or the length limit. Braces inside quoted values do not count.
 */
export function findLabelTextEnd(bytes: Uint8Array, at: number): number {
  const stop = Math.min(bytes.length, at + maxLabelTextBytes);
  let isQuoted = false;
  for (let position = at; position < stop; position++) {
    const byte = bytes[position];
    if (byte === LINE_FEED) return -1;
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (isQuoted && byte === BACKSLASH && bytes[position + 1] !== LINE_FEED) position++;
    else if (!isQuoted && byte === CLOSING_BRACE) return position + 1;
  }
  return -1;
}

/**
 * The names in a label text (closing brace included). undefined when the text breaks the grammar `name="value",…}` or one of the three labels
 * is missing, empty or holds a slash, which no Kubernetes name does and which would make keys ambiguous.
 */
export function readContainerIdentity(text: Uint8Array): ContainerIdentity | undefined {
  const names = { namespace: '', pod: '', container: '' };
  let position = skipBlanks(text, 0);
  while (text[position] !== CLOSING_BRACE) {
    const nameEnd = skipLabelName(text, position);
    const equals = skipBlanks(text, nameEnd);
    const opening = skipBlanks(text, equals + 1);
    const closing = findClosingQuote(text, opening + 1);
    if (nameEnd === position || text[equals] !== EQUALS || text[opening] !== QUOTE || closing < 0) return undefined;
    const name = decoder.decode(text.subarray(position, nameEnd));
    if (isWanted(name)) names[name] = decodeLabelValue(text.subarray(opening + 1, closing));
    position = skipBlanks(text, closing + 1);
    if (text[position] === COMMA) position = skipBlanks(text, position + 1);
    else if (text[position] !== CLOSING_BRACE) return undefined;
  }
  return Object.values(names).every(isName) ? names : undefined;
}

function isWanted(name: string): name is keyof ContainerIdentity {
  return name === 'namespace' || name === 'pod' || name === 'container';
}

function isName(value: string): boolean {
  return value !== '' && !value.includes('/');
}

function skipBlanks(text: Uint8Array, at: number): number {
  let position = at;
  while (text[position] === SPACE || text[position] === TAB) position++;
  return position;
}

function skipLabelName(text: Uint8Array, at: number): number {
  let position = at;
  while (isLabelNameByte(text[position] ?? 0)) position++;
  return position;
}

function isLabelNameByte(byte: number): boolean {
  const letter = byte | 0x20; // lower case
  return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
}

/** The quote that ends the value beginning at `at`; -1 when there is none. */
function findClosingQuote(text: Uint8Array, at: number): number {
  for (let position = at; position < text.length; position++) {
    if (text[position] === BACKSLASH) position++;
    else if (text[position] === QUOTE) return position;
  }
  return -1;
}

/** Escapes of the text format: `\\`, `\"` and `\n`; any other backslash stands for itself. */
function decodeLabelValue(bytes: Uint8Array): string {
  const value = decoder.decode(bytes);
  if (!value.includes('\\')) return value;
  return value.replace(/\\(["\\n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
