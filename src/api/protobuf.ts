// Pure: the little of the protobuf wire format that Kubernetes objects need, and the envelope around them.

const varint = 0;
const lengthDelimited = 2;

/** Field `number` with an integer >= 0 (also beyond 2^53 as a bigint). */
export function uint(number: number, value: number | bigint): Buffer {
  const tag = number * 8 + varint;
  const bytes = Buffer.allocUnsafe(varintLength(tag) + varintLength(value));
  writeVarint(bytes, writeVarint(bytes, 0, tag), value);
  return bytes;
}

/** Field `number` with bytes, text (UTF-8) or a message. Lengths first: one buffer each, as lists of tens of thousands are made of these. */
export function field(number: number, ...contents: readonly (Buffer | string)[]): Buffer {
  const tag = number * 8 + lengthDelimited;
  let length = 0;
  for (const content of contents) length += Buffer.byteLength(content);
  const bytes = Buffer.allocUnsafe(varintLength(tag) + varintLength(length) + length);
  let end = writeVarint(bytes, writeVarint(bytes, 0, tag), length);
  for (const content of contents) {
    end += typeof content === 'string' ? bytes.write(content, end) : content.copy(bytes, end);
  }
  return bytes;
}

function encodeVarint(value: number | bigint): Buffer {
  const bytes = Buffer.allocUnsafe(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
}

function varintLength(value: number | bigint): number {
  let length = 1;
  if (typeof value === 'bigint') {
    for (let rest = value >> 7n; rest > 0n; rest >>= 7n) length += 1;
  } else {
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  }
  return length;
}

/** Returns the offset behind it. */
function writeVarint(bytes: Buffer, offset: number, value: number | bigint): number {
  let at = offset;
  let rest = value;
  // Divided, not shifted: shifting a number cuts it to 32 bits.
  for (; rest >= 0x80; rest = typeof rest === 'bigint' ? rest >> 7n : Math.floor(rest / 0x80)) {
    bytes[at++] = 0x80 | (typeof rest === 'bigint' ? Number(rest & 0x7fn) : rest % 0x80);
  }
  bytes[at] = Number(rest);
  return at + 1;
}

/** ListMeta with nothing in it: its strings are written even when empty, as Kubernetes' encoder does. */
export const emptyListMeta = Buffer.concat([field(1), field(2), field(3)]);

/** What ObjectMeta holds behind the name when it holds nothing else. */
export const emptyObjectMeta = Buffer.concat([field(2), field(3), field(4), field(5), field(6), uint(7, 0), field(8)]);

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
