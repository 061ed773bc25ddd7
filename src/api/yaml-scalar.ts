// Pure: a string as a YAML scalar, in the style that go-yaml v2 chooses: bare, in single or double quotes, or as a literal block.

/** Neither printable nor a line feed. Characters beyond 16 bits count too. */
const special = /[^\n\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
/** What would mean something else at this place. */
const indicator = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?: |$))|:(?: |$)|\s#/;

/** Where a value stands. */
export interface ScalarPlace {
  /** Of its further lines. */
  readonly indent: string;
  /** Characters before it on its first line. */
  readonly column: number;
}

/** `place` undefined: a key, which has one line. */
export function yamlScalar(text: string, place: ScalarPlace | undefined): string {
  const isSpecial = special.test(text) || text.includes(' \n');
  if (place !== undefined && text.includes('\n') && !isSpecial && !text.endsWith(' ')) {
    return literalBlock(text, place.indent);
  }
  if (isSpecial || text.includes('\n') || meansSomethingElse(text)) {
    return `"${fold(text.replaceAll(toEscape, escapeOf), 'double', place)}"`;
  }
  if (!indicator.test(text) && !text.startsWith(' ') && !text.endsWith(' ')) return fold(text, 'bare', place);
  return `'${fold(text.replaceAll("'", "''"), 'single', place)}'`;
}

const lineWidth = 80;

/** Breaks lines at the first blank beyond the width, as a blank is what the break is read as. */
function fold(text: string, quotes: 'bare' | 'single' | 'double', place: ScalarPlace | undefined): string {
  if (place === undefined) return text;
  const parts: string[] = [];
  let column = place.column + (quotes === 'bare' ? 0 : 1);
  let from = 0;
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    if (column + at - from <= lineWidth || !mayBreak(text, at, quotes)) continue;
    const escape = text[at + 1] === ' ' ? '\\' : '';
    parts.push(text.slice(from, at), `\n${place.indent}${escape}`);
    column = place.indent.length + escape.length;
    from = at + 1;
  }
  return parts.join('') + text.slice(from);
}

/** Only double quotes have a way to say that a blank follows the break, or stands at an end. */
function mayBreak(text: string, at: number, quotes: 'bare' | 'single' | 'double'): boolean {
  if (text[at - 1] === ' ' || at === 0 || at === text.length - 1) return false;
  return quotes === 'double' || text[at + 1] !== ' ';
}

function literalBlock(text: string, indent: string): string {
  const lines = text.split('\n').map((line) => (line === '' ? '' : indent + line));
  const indentHint = /^[ \n]/.test(text) ? '2' : '';
  if (!text.endsWith('\n')) return `|${indentHint}-\n${lines.join('\n')}`;
  // The last newline ends the line; more of them are kept only when it is said.
  const chomping = text === '\n' || text.endsWith('\n\n') ? '+' : '';
  return `|${indentHint}${chomping}\n${lines.slice(0, -1).join('\n')}`;
}

const escapes: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

const toEscape = /["\\\n]|[^\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu;

function escapeOf(character: string): string {
  const known = escapes[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

const words = new Set(
  [
    ['', '~', 'null', 'Null', 'NULL', '.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF'],
    ['+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF'],
    ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'],
    ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'],
  ].flat(),
);
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Would the bare text be read as null, a boolean, a number or a time? */
function meansSomethingElse(text: string): boolean {
  if (words.has(text)) return true;
  if (text.startsWith('.')) return isFloat(text.replaceAll(/(?<=[0-9])_(?=[0-9])/g, ''));
  if (!/^[-+0-9]/.test(text)) return false;
  const plain = text.replaceAll('_', '');
  return isTime(text) || isInteger(plain) || isFloat(plain) || sexagesimal.test(text);
}

function isFloat(text: string): boolean {
  return /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text) && Number.isFinite(Number(text));
}

const integer = /^([-+]?)(0[bB][01]+|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[0-7]+|[0-9]+)$/;

/** In 64 bits, with a sign or without. What is decimal and longer is a float. */
function isInteger(text: string): boolean {
  const [, sign = '', digits = ''] = integer.exec(text) ?? [];
  if (digits === '') return false;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
  if (sign === '') return value < 2n ** 64n;
  return sign === '-' ? value <= 2n ** 63n : value < 2n ** 63n;
}

const date = /^(\d{4})-(\d{1,2})-(\d{1,2})/;
const clock = String.raw`([01]?\d|2[0-3]):[0-5]?\d:[0-5]?\d(?:[.,]\d+)?`;
const timeOfDay = new RegExp(`^(?:[Tt]${clock}(?:Z|[-+](?:[01]\\d|2[0-4]):[0-5]\\d)| ${clock})?$`);

function isTime(text: string): boolean {
  const [whole = '', year, month, day] = date.exec(text) ?? [];
  if (whole === '' || !timeOfDay.test(text.slice(whole.length))) return false;
  return isDay(Number(year), Number(month), Number(day));
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  if (month !== 2) return day <= ([4, 6, 9, 11].includes(month) ? 30 : 31);
  const isLeapYear = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (isLeapYear ? 29 : 28);
}
