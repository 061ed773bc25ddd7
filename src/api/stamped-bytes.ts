// Pure: encoded objects with a hole for the time of the answer, so that bytes rendered once can be sent again a second later.

/** Bytes of one encoded object; the time of the answer belongs at `stampAt`. */
export interface StampedBytes {
  readonly bytes: Buffer;
  /** Offset of metadata.creationTimestamp in `bytes`; noStamp when they hold none. */
  readonly stampAt: number;
}

export const noStamp = -1;

/** Bytes gathered before they are handed to the connection. */
const chunkBytes = 65_536;

/** A copy with the time filled in. `stamp` is as long as the hole. */
export function withStamp({ bytes, stampAt }: StampedBytes, stamp: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (stampAt !== noStamp) stamp.copy(copy, stampAt);
  return copy;
}

export interface Concatenation {
  readonly prefix: Buffer;
  readonly separator: Buffer;
  readonly suffix: Buffer;
  readonly stamp: Buffer;
}

/** prefix, items with separators between them, suffix, in chunks of about 64 KiB. Items are asked for one at a time. */
export function* concatenate(
  items: Iterable<StampedBytes>,
  { prefix, separator, suffix, stamp }: Concatenation,
): Generator<Buffer> {
  let chunk = Buffer.allocUnsafe(chunkBytes);
  let end = prefix.copy(chunk, 0);
  let isFirst = true;
  for (const { bytes, stampAt } of items) {
    const needed = separator.length + bytes.length + suffix.length;
    if (end + needed > chunk.length) {
      if (end > 0) yield chunk.subarray(0, end);
      // A new one each time: the connection may still be sending the last.
      chunk = Buffer.allocUnsafe(Math.max(chunkBytes, needed));
      end = 0;
    }
    if (!isFirst) end += separator.copy(chunk, end);
    isFirst = false;
    bytes.copy(chunk, end);
    if (stampAt !== noStamp) stamp.copy(chunk, end + stampAt);
    end += bytes.length;
  }
  end += suffix.copy(chunk, end);
  yield chunk.subarray(0, end);
}
