// Pure: the few ASN.1 types that a certificate is made of, in their distinguished encoding (ITU-T X.690).

/** Tag numbers of the universal types used here; constructed types carry bit 0x20. */
const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

/** One value with its tag and length. */
function encodeTagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), encodeLength(content.length), content]);
}

export function encodeSequence(...members: readonly Uint8Array[]): Buffer {
  return encodeTagged(tags.sequence, Buffer.concat(members));
}

export function encodeSet(...members: readonly Uint8Array[]): Buffer {
  return encodeTagged(tags.set, Buffer.concat(members));
}

/** A member marked with a number instead of its type: `[n] EXPLICIT` around it, or `[n] IMPLICIT` in place of its tag. */
export function encodeContext(number: number, content: Uint8Array, form: 'constructed' | 'primitive'): Buffer {
  return encodeTagged(0x80 | (form === 'constructed' ? 0x20 : 0) | number, content);
}

/** A non-negative integer from its big-endian bytes. */
export function encodeInteger(bytes: Uint8Array): Buffer {
  const firstUsed = bytes.findIndex((byte) => byte !== 0);
  const shortest = firstUsed === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(firstUsed));
  // A leading bit would make it negative.
  const needsPadding = ((shortest[0] ?? 0) & 0x80) !== 0;
  return encodeTagged(tags.integer, needsPadding ? Buffer.concat([Buffer.from([0]), shortest]) : shortest);
}

export function encodeBoolean(value: boolean): Buffer {
  return encodeTagged(tags.boolean, Buffer.from([value ? 0xff : 0x00]));
}

/** `unusedBits` are the bits of the last byte that do not count. */
export function encodeBitString(bytes: Uint8Array, unusedBits: number = 0): Buffer {
  return encodeTagged(tags.bitString, Buffer.concat([Buffer.from([unusedBits]), bytes]));
}

export function encodeOctetString(bytes: Uint8Array): Buffer {
  return encodeTagged(tags.octetString, bytes);
}

export function encodeUtf8String(text: string): Buffer {
  return encodeTagged(tags.utf8String, Buffer.from(text, 'utf8'));
}

/** An instant in whole seconds, as `YYMMDDHHMMSSZ`: RFC 5280 asks for this form up to the year 2049. */
export function encodeTime(instant: Date): Buffer {
  const digits = instant.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '');
  return encodeTagged(tags.utcTime, Buffer.from(`${digits}Z`, 'ascii'));
}

/** From dotted numbers, such as `2.5.4.3`. */
export function encodeObjectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return encodeTagged(tags.objectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(encodeBase128)]));
}

// Seven bits per byte, most significant first; all but the last carry the top bit.
function encodeBase128(value: number): number[] {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) {
    bytes.unshift((rest & 0x7f) | 0x80);
  }
  return bytes;
}

function encodeLength(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) {
    bytes.unshift(rest & 0xff);
  }
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}
