// Pure state: one protobuf message, written from its last byte to its first, so that the length of what a field holds is known when the field's
// head is written, and nothing is gathered, measured or copied on the way.
const varint = 0;
const lengthDelimited = 2;
const firstCapacity = 4_096;

/**
 * Fields are written in reverse order; what is inside a message before its head:
 *
 *   const end = writer.length;
 *   writer.text(2, 'cores');
 *   writer.text(1, 'cpu');
 *   writer.message(4, end);      // field 4 { 1: 'cpu', 2: 'cores' }
 */
export class ProtobufWriter {
  #bytes = Buffer.allocUnsafe(firstCapacity);
  /** Where the message begins so far; it goes to the end of `#bytes`. */
  #start = firstCapacity;

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#start;
  }

  /** Starts a message anew. */
  clear(): void {
    this.#start = this.#bytes.length;
  }

  /** A copy of the message. */
  toBuffer(): Buffer {
    return Buffer.from(this.#bytes.subarray(this.#start));
  }

  /** Copies the message to `into` from `at` on, where there is room for it. */
  copyTo(into: Buffer, at: number): void {
    this.#bytes.copy(into, at, this.#start);
  }

  /** Field `number` with an integer from 0 to 2^53. */
  uint(number: number, value: number): void {
    this.#writeVarint(value);
    this.#writeVarint(number * 8 + varint);
  }

  /** Field `number` with text, as UTF-8. */
  text(number: number, text: string): void {
    const end = this.length;
    this.#writeText(text);
    this.message(number, end);
  }

  /** The head of field `number`, which holds everything since the writer's length was `end`. */
  message(number: number, end: number): void {
    this.#writeVarint(this.length - end);
    this.#writeVarint(number * 8 + lengthDelimited);
  }

  /** Fields `number` with the entries of a string map; `keys` are its keys in order. */
  stringMap(number: number, map: Readonly<Record<string, string>>, keys: readonly string[]): void {
    for (let index = keys.length - 1; index >= 0; index--) {
      const key = keys[index] ?? '';
      const end = this.length;
      this.text(2, map[key] ?? '');
      this.text(1, key);
      this.message(number, end);
    }
  }

  #writeText(text: string): void {
    this.#reserve(text.length);
    const bytes = this.#bytes;
    const start = this.#start - text.length;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) {
        this.#writeUtf8(text);
        return;
      }
      bytes[start + index] = code;
    }
    this.#start = start;
  }

  #writeUtf8(text: string): void {
    const length = Buffer.byteLength(text);
    this.#reserve(length);
    this.#start -= length;
    this.#bytes.write(text, this.#start);
  }

  #writeVarint(value: number): void {
    if (value < 0x80) {
      this.#reserve(1);
      this.#bytes[--this.#start] = value;
      return;
    }
    let length = 1;
    // Divided, not shifted: shifting a number cuts it to 32 bits.
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
    this.#reserve(length);
    this.#start -= length;
    let at = this.#start;
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[at++] = 0x80 | (rest % 0x80);
    this.#bytes[at] = rest;
  }

  #reserve(length: number): void {
    if (length <= this.#start) return;
    const larger = Buffer.allocUnsafe(this.#bytes.length * 2 + length);
    const start = larger.length - this.length;
    this.#bytes.copy(larger, start, this.#start);
    this.#bytes = larger;
    this.#start = start;
  }
}
