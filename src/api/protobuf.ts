// Pure: the little of the protobuf wire format that Kubernetes objects need, and the envelope around them.

const varint = 0;
const lengthDelimited = 2;

/** Field `number` with an integer >= 0 (also beyond 2^53 as a bigint). */
export function uint(number: number, value: number | bigint): Buffer {
  return Buffer.concat([encodeVarint(number * 8 + varint), encodeVarint(value)]);
}

/** Field `number` with bytes, text (UTF-8) or a message. */
export function field(number: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const buffers = contents.map((content) => (typeof content === 'string' ? Buffer.from(content, 'utf8') : content));
  const length = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  return Buffer.concat([encodeVarint(number * 8 + lengthDelimited), encodeVarint(length), ...buffers]);
}

export function encodeVarint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A string map as entries, sorted by key. */
export function stringMap(number: number, map: Readonly<Record<string, string>>): Buffer {
  const entries = Object.keys(map)
    .toSorted()
    .map((key) => field(number, field(1, key), field(2, map[key] ?? '')));
  return Buffer.concat(entries);
}

/** ListMeta with nothing in it: its strings are written even when empty, as Kubernetes' encoder does. */
export const emptyListMeta = Buffer.concat([field(1), field(2), field(3)]);

const magic = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

/** What stands before and behind an object of `bodyLength` bytes: the magic number and runtime.Unknown. */
export function envelope(apiVersion: string, kind: string, bodyLength: number): { prefix: Buffer; suffix: Buffer } {
  const type = field(1, field(1, apiVersion), field(2, kind));
  const prefix = Buffer.concat([magic, type, encodeVarint(2 * 8 + lengthDelimited), encodeVarint(bodyLength)]);
  return { prefix, suffix: Buffer.concat([field(3), field(4)]) };
}

/** A whole answer. */
export function wrap(apiVersion: string, kind: string, body: Buffer): Buffer {
  const { prefix, suffix } = envelope(apiVersion, kind, body.length);
  return Buffer.concat([prefix, body, suffix]);
}
