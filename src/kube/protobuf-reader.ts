// Pure: a cursor over a message in protobuf's wire format (protobuf.dev/programming-guides/encoding). Nothing is copied but what is asked for.
import { HeadroomError } from '../lib/errors.ts';

/** Bytes that are no protobuf, or not of the message that they should be. */
export class ProtobufError extends HeadroomError {
  override readonly name = 'ProtobufError';

  constructor(what: string) {
    super('OBJECT_INVALID', `the bytes are not the expected protobuf: ${what}`);
  }
}

const wireTypes = { varint: 0, fixed64: 1, lengthDelimited: 2, fixed32: 5 } as const;

const maxVarintBytes = 10;

/**
 * The fields of one message, in the order in which they stand there:
 *
 *   for (const pod = list.message(); pod.next(); ) {
 *     if (pod.field === podFields.metadata) …pod.message()…
 *     else pod.skip();
 *   }
 *
 * After `next()` a field is either read or skipped. Every method throws ProtobufError rather than read beyond the message. Field numbers that
 * nobody knows are how protobuf grows, and are skipped like the others. Groups, long abandoned, are refused.
 */
export class ProtobufReader {
  readonly #bytes: Buffer;
  readonly #start: number;
  readonly #end: number;
  #position: number;
  #fieldStart: number;
  #wireType = 0;
  /** Number of the current field; 0 before the first. */
  field = 0;

  constructor(bytes: Buffer, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#position = start;
    this.#fieldStart = start;
  }

  /** Goes on to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    this.#fieldStart = this.#position;
    const tag = this.#varint();
    this.#wireType = tag & 7;
    this.field = Math.floor(tag / 8);
    if (this.field === 0) throw new ProtobufError('a field has the number 0');
    return true;
  }

  skip(): void {
    switch (this.#wireType) {
      case wireTypes.varint:
        this.#varint();
        break;
      case wireTypes.fixed64:
        this.#advance(8);
        break;
      case wireTypes.lengthDelimited:
        this.#advance(this.#varint());
        break;
      case wireTypes.fixed32:
        this.#advance(4);
        break;
      default:
        throw new ProtobufError(`a field has the wire type ${this.#wireType}`);
    }
  }

  /** The message in this field, to be read on its own: an error in it leaves this reader behind the field. */
  message(): ProtobufReader {
    const start = this.#payload();
    return new ProtobufReader(this.#bytes, start, this.#position);
  }

  /** The same message from its beginning. */
  again(): ProtobufReader {
    return new ProtobufReader(this.#bytes, this.#start, this.#end);
  }

  text(): string {
    const start = this.#payload();
    return this.#bytes.toString('utf8', start, this.#position);
  }

  /** Whether the field holds this text, which is ASCII. Makes no text of its own. */
  isText(expected: string): boolean {
    const start = this.#payload();
    if (this.#position - start !== expected.length) return false;
    for (let index = 0; index < expected.length; index++) {
      if (this.#bytes[start + index] !== expected.charCodeAt(index)) return false;
    }
    return true;
  }

  /** The bytes of this field. A view. */
  bytes(): Buffer {
    const start = this.#payload();
    return this.#bytes.subarray(start, this.#position);
  }

  /** Number, length and content of this field, one character a byte: equal fields have equal texts, and joined ones cannot be confused. */
  verbatim(): string {
    this.skip();
    return this.#bytes.toString('latin1', this.#fieldStart, this.#position);
  }

  /** An int32, int64 or bool; exact up to 2^53 of either sign. */
  integer(): number {
    this.#expect(wireTypes.varint);
    return this.#varint(true);
  }

  /** Moves behind the field; returns where its content begins. */
  #payload(): number {
    this.#expect(wireTypes.lengthDelimited);
    const length = this.#varint();
    const start = this.#position;
    this.#advance(length);
    return start;
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) {
      throw new ProtobufError(`field ${this.field} has the wire type ${this.#wireType} instead of ${wireType}`);
    }
  }

  #advance(length: number): void {
    if (length > this.#end - this.#position) throw new ProtobufError('a field is longer than what it is in');
    this.#position += length;
  }

  /** Seven bits a byte, the lowest first. The upper 36 of 64 bits are summed apart, so that negative numbers stay exact. */
  #varint(isSigned = false): number {
    let low = 0;
    let high = 0;
    for (let index = 0; index < maxVarintBytes; index++) {
      if (this.#position >= this.#end) throw new ProtobufError('it ends within a number');
      const byte = this.#bytes[this.#position++] ?? 0;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else high += bits * 2 ** (7 * (index - 4));
      if (byte < 0x80) return high === 0 ? low : joined(high, low, isSigned);
    }
    throw new ProtobufError('a number is longer than 64 bits');
  }
}

function joined(high: number, low: number, isSigned: boolean): number {
  const upper36 = high % 2 ** 36;
  return (isSigned && upper36 >= 2 ** 35 ? upper36 - 2 ** 36 : upper36) * 2 ** 28 + low;
}
