// Pure: cuts a stream of bytes into frames. A watch in protobuf is a stream of messages, each behind its length in four bytes, the highest first.
import { WatchCorrupted } from './codec.ts';

const headerBytes = 4;

/** The longest frame that we take, in bytes. etcd holds objects of at most 1.5 MiB; in protobuf they are no longer. */
const defaultMaxFrameBytes = 32 * 1024 * 1024;

/**
 * Each byte is copied at most once: the parts of a frame are joined when its end has arrived, and a frame that arrives in one chunk is a view
 * of it. No memory is taken on the word of a header.
 */
export class FrameSplitter {
  readonly #maxFrameBytes: number;
  /** Of the header when it is one that is read, else of the frame. */
  #wantedBytes = headerBytes;
  #isHeader = true;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(maxFrameBytes: number = defaultMaxFrameBytes) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** The frames that this chunk completes, without their headers. Throws WatchCorrupted for a frame that is too long to be one. */
  push(chunk: Uint8Array): Buffer[] {
    const frames: Buffer[] = [];
    let start = 0;
    while (start < chunk.length) {
      const part = chunk.subarray(start, start + this.#wantedBytes - this.#bytes);
      this.#parts.push(part);
      this.#bytes += part.length;
      start += part.length;
      if (this.#bytes === this.#wantedBytes) this.#complete(this.#take(), frames);
    }
    return frames;
  }

  #complete(bytes: Buffer, frames: Buffer[]): void {
    const length = this.#isHeader ? bytes.readUInt32BE() : 0;
    if (length > this.#maxFrameBytes) {
      throw new WatchCorrupted(`a frame has ${length} bytes, more than ${this.#maxFrameBytes}`);
    }
    // An empty frame is complete with its header.
    if (length === 0) frames.push(this.#isHeader ? Buffer.alloc(0) : bytes);
    this.#isHeader = length === 0;
    this.#wantedBytes = this.#isHeader ? headerBytes : length;
  }

  #take(): Buffer {
    const [first, ...others] = this.#parts;
    const bytes = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#parts, this.#bytes);
    this.#parts = [];
    this.#bytes = 0;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}
