// Pure: numbers and bytes appended to a buffer that grows, for files. Read back by ByteReader.

/** Little-endian. One writer serves for many records: `clear` keeps its memory. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was written. A view: valid until more is written. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  uint32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }

  /** Replaces the number that `uint32` wrote at the offset `at`, once it is known. */
  patchUint32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  float64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }

  /** The bytes with their number before them. */
  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
  }

  /** As UTF-8. */
  text(value: string): void {
    const lengthAt = this.#take(4);
    const at = this.#take(value.length * 3);
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(at));
    this.#length = at + written;
    this.patchUint32(lengthAt, written);
  }

  /** Makes room for so many bytes and returns their offset. Growing replaces buffer and view, so they are looked at afterwards. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) this.#grow(Math.max(this.#length, this.#bytes.length * 2));
    return at;
  }

  #grow(capacity: number): void {
    const larger = new Uint8Array(capacity);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const encoder = new TextEncoder();
