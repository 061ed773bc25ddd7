// Pure: the little of DER (X.690) that certificates need, read and written.

export interface DerValue {
  readonly tag: number;
  readonly content: Buffer;
}

export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8String: 0x0c,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** The values that stand one after another in `bytes`. Throws RangeError when they do not add up. */
export function readDer(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes.readUInt8(at);
    const { length, start } = readLength(bytes, at + 1);
    if (start + length > bytes.length) throw new RangeError('DER value is longer than what holds it');
    values.push({ tag, content: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return values;
}

function readLength(bytes: Buffer, at: number): { length: number; start: number } {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return { length: first, start: at + 1 };
  const size = first & 0x7f;
  if (size === 0 || size > 4) throw new RangeError('DER length of an unsupported form');
  return { length: bytes.readUIntBE(at + 1, size), start: at + 1 + size };
}

/** Dotted text of an object identifier's content. */
export function readOid(content: Buffer): string {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of content) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

export function writeDer(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), writeLength(content.length), content]);
}

function writeLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = minimalBytes(length);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export function writeOid(dotted: string): Buffer {
  const [root = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return writeDer(derTag.oid, Buffer.from([root * 40 + second, ...rest.flatMap(base128)]));
}

function base128(arc: number): readonly number[] {
  const bytes = [arc & 0x7f];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift(0x80 | (rest & 0x7f));
  return bytes;
}

/** An INTEGER >= 0. */
export function writeInteger(value: number): Buffer {
  const bytes = minimalBytes(value);
  return writeDer(derTag.integer, Buffer.from((bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes));
}

function minimalBytes(value: number): readonly number[] {
  const bytes = [value % 256];
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return bytes;
}

/** A BIT STRING of whole bytes, less the unused bits at its end. */
export function writeBitString(bytes: Buffer, unusedBits = 0): Buffer {
  return writeDer(derTag.bitString, Buffer.from([unusedBits]), bytes);
}
