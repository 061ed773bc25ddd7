// Pure state: memory for the pieces of long answers, used again when they were sent.

/** Bytes gathered before they are handed to the connection: a quarter of a millisecond's worth. Half and twice as many cost the same. */
export const chunkBytes = 131_072;
/** What is written between two looks at whether there are enough of them, as a rule. */
const slack = 4_096;
const bufferBytes = chunkBytes + slack;
/** As many as lists are written at a time, as a rule, and some that wait in a connection. */
const maxFree = 8;

/**
 * V8 counts memory outside its heap and, when enough was allocated, looks through the whole heap for more of it to free: with new memory for every
 * piece that was a third of what a list of all pods cost.
 */
export class ChunkBuffers {
  readonly #free: Buffer[] = [];

  /** What it holds is of no meaning. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes);
  }

  /** A chunk that nobody reads any more. One that is not given back is lost, no more; one that is of other memory is left alone. */
  giveBack({ buffer, byteOffset }: Buffer): void {
    if (byteOffset !== 0 || buffer.byteLength !== bufferBytes || this.#free.length >= maxFree) return;
    this.#free.push(Buffer.from(buffer));
  }
}
