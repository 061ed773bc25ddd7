// Pure state: a long text written as UTF-8, piece by piece, and taken away in chunks.
import { type ChunkBuffers, chunkBytes } from './chunk-buffers.ts';

const firstCapacity = 4_096;

const zero = 0x30;
/** Above it, remainders are those of floating point, which cost ten times as much. */
const maxInt32 = 0x7f_ff_ff_ff;

/**
 * Bytes, not a string that is encoded at last: joining, flattening and encoding strings was a third of a long list. What is taken is not written
 * again until it is given back, since the connection may still be reading it.
 */
export class TextWriter {
  readonly #buffers: ChunkBuffers;
  #bytes: Buffer = Buffer.allocUnsafe(firstCapacity);
  #end = 0;

  constructor(buffers: ChunkBuffers) {
    this.#buffers = buffers;
  }

  /** There is enough to be taken. */
  get isFull(): boolean {
    return this.#end >= chunkBytes;
  }

  /** What was written since the last time. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#end);
    // After a full one more of them are to come.
    this.#bytes = this.isFull ? this.#buffers.take() : Buffer.allocUnsafe(firstCapacity);
    this.#end = 0;
    return taken;
  }

  /** Text that was encoded before. */
  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** A part of such text. */
  copy(from: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    from.copy(this.#bytes, this.#end, start, end);
    this.#end += end - start;
  }

  /** Text as it is. */
  text(text: string): void {
    const { length } = text;
    this.#reserve(length);
    const bytes = this.#bytes;
    const end = this.#end;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        this.bytes(Buffer.from(text));
        return;
      }
      bytes[end + index] = code;
    }
    this.#end = end + length;
  }

  /** The digits of an integer from 0 to 2^53. */
  integer(value: number): void {
    if (value > maxInt32) {
      const billions = Math.floor(value / 1e9);
      this.integer(billions);
      this.digits(value - billions * 1e9, 9);
      return;
    }
    let length = 1;
    for (let limit = 10; limit <= value; limit *= 10) length += 1;
    this.digits(value, length);
  }

  /** An integer below 2^31 as so many digits, with zeros before it. */
  digits(value: number, length: number): void {
    this.#reserve(length);
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#end + length - 1; at >= this.#end; at--) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#end += length;
  }

  /** An ASCII character by its code. */
  character(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = code;
  }

  #reserve(length: number): void {
    const needed = this.#end + length;
    if (needed <= this.#bytes.length) return;
    const isLong = needed > chunkBytes / 4;
    const larger = isLong && needed <= chunkBytes ? this.#buffers.take() : Buffer.allocUnsafe(needed * 2);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
