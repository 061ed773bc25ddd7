// Builders of protobuf's wire format, and of what Kubernetes puts around its messages; written from the format's description, not from our reader.

export type Content = Uint8Array | string;

/** `value` is taken as 64 bits, two's complement. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

export function tag(field: number, wireType: number): Buffer {
  return varint((BigInt(field) << 3n) | BigInt(wireType));
}

/** A field of text, bytes or a message. */
export function field(number: number, content: Content): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([tag(number, 2), varint(bytes.length), bytes]);
}

/** A field that is a number; nothing when there is none. */
export function integer(number: number, value: number | bigint): Buffer {
  return Buffer.concat([tag(number, 0), varint(value)]);
}

export function message(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields);
}

/** An object as it stands alone: the magic bytes, its type and itself. */
export function envelope(kind: string, object: Buffer): Buffer {
  const typeMeta = message(field(1, 'v1'), field(2, kind));
  return message(Buffer.from('k8s\0', 'latin1'), field(1, typeMeta), field(2, object), field(3, ''), field(4, ''));
}

/** `metadata` and items of any list. */
export function list(
  kind: string,
  metadata: { resourceVersion: string; continueToken?: string },
  items: readonly Buffer[],
): Buffer {
  const { resourceVersion, continueToken = '' } = metadata;
  const listMeta = message(field(1, ''), field(2, resourceVersion), field(3, continueToken));
  return envelope(kind, message(field(1, listMeta), ...items.map((item) => field(2, item))));
}

/** An event as it stands in a watch, behind its length. `object` has its envelope. */
export function watchFrame(type: string, object: Buffer): Buffer {
  return frame(message(field(1, type), field(2, field(1, object))));
}

export function frame(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return message(length, content);
}

/** metav1.Status of failure. */
export function statusEnvelope(code: number, reason: string, text: string, details: Buffer = message()): Buffer {
  const status = message(
    field(1, message()),
    field(2, 'Failure'),
    field(3, text),
    field(4, reason),
    field(5, details),
    integer(6, code),
  );
  return envelope('Status', status);
}
