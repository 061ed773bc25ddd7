// Pure: what an unquoted YAML scalar means to the API server, which reads YAML 1.1 as go.yaml.in/yaml/v2 does and turns it into JSON.

/** A scalar that JSON has too. */
export type JsonScalar =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string };

/** `printed`: a float that JSON has no text for, as Go prints it. */
export type PlainValue = JsonScalar | { readonly kind: 'no JSON'; readonly printed: string };

const words: ReadonlyMap<string, PlainValue> = new Map([
  ...named(['', '~', 'null', 'Null', 'NULL'], { kind: 'null' }),
  ...named(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'], { kind: 'boolean', value: true }),
  ...named(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'], {
    kind: 'boolean',
    value: false,
  }),
  ...named(['.nan', '.NaN', '.NAN'], { kind: 'no JSON', printed: 'NaN' }),
  ...named(['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'], { kind: 'no JSON', printed: '+Inf' }),
  ...named(['-.inf', '-.Inf', '-.INF'], { kind: 'no JSON', printed: '-Inf' }),
]);

const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const integers: readonly [pattern: RegExp, prefix: string][] = [
  [/^([-+]?)0[bB]([01]+)$/, '0b'],
  [/^([-+]?)0[xX]([0-9a-fA-F]+)$/, '0x'],
  [/^([-+]?)0[oO]?([0-7]+)$/, '0o'],
  [/^([-+]?)(0|[1-9][0-9]*)$/, ''],
];
const minInt64 = -(2n ** 63n);
const maxUint64 = 2n ** 64n - 1n;

/** The value of a plain scalar; `yes` is true, `010` is 8, `1.0` is 1 and a date is a string. */
export function readPlainScalar(text: string): PlainValue {
  const word = words.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.0-9]/.test(text)) return { kind: 'string', value: text };
  // A leading point makes a float or nothing, so underscores are looked through only after a digit or a sign.
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '');
  const integer = readInteger(digits);
  if (integer !== undefined) return { kind: 'number', text: String(integer) };
  if (float.test(digits)) {
    const value = Number(digits);
    if (Number.isFinite(value)) return { kind: 'number', text: String(value) };
  }
  return { kind: 'string', value: text };
}

function readInteger(digits: string): bigint | undefined {
  for (const [pattern, prefix] of integers) {
    const [, sign, magnitude] = pattern.exec(digits) ?? [];
    if (magnitude === undefined) continue;
    const value = BigInt(prefix + magnitude) * (sign === '-' ? -1n : 1n);
    return value < minInt64 || value > maxUint64 ? undefined : value;
  }
  return undefined;
}

function named(texts: readonly string[], value: PlainValue): [string, PlainValue][] {
  return texts.map((text) => [text, value]);
}
