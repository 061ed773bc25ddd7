// Pure: cuts a stream of bytes into lines. A watch is a stream of JSON objects, one a line.

const lineFeed = 0x0a;

/** The longest line that we take, in bytes. etcd holds objects of at most 1.5 MiB; encoded as JSON they stay far below this. */
const defaultMaxLineBytes = 32 * 1024 * 1024;

/** A line grew beyond all objects: whatever sends this is not the API server. */
export class LineTooLong extends Error {
  override readonly name = 'LineTooLong';
}

/**
 * Each byte is looked at once and copied at most once: the parts of a line are joined when its end has arrived, so a large object in
 * small chunks costs no more than in one. Bytes are decoded per line, so no character is cut in two.
 */
export class LineSplitter {
  readonly #maxLineBytes: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxLineBytes: number = defaultMaxLineBytes) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** The lines that this chunk completes, without their ends; empty ones are left out. Throws LineTooLong. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      this.#keep(chunk.subarray(start, end));
      if (this.#bytes > 0) lines.push(this.#take());
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#bytes += part.length;
    if (this.#bytes > this.#maxLineBytes) throw new LineTooLong(`a line is longer than ${this.#maxLineBytes} bytes`);
    this.#parts.push(part);
  }

  #take(): string {
    const [first, ...others] = this.#parts;
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  }
}
