// Pure state: memory for response bodies while they arrive. Buffers are used again; what bodies may take together is bounded.
import { HeadroomError } from '../lib/errors.ts';

export interface BodyLimits {
  /** The largest body, as received and after decompression. */
  readonly maxBodyBytes: number;
  /** What all bodies that arrive at one time may take beyond `initialBytes` each; a body that would exceed it fails. */
  readonly maxBufferedBytes: number;
}

/** Holds the body of nearly every kubelet without growing (30 pods need 22 KB). */
const initialBytes = 64 * 1024;
/** Larger buffers are not kept for the next body. */
const maxKeptBytes = 1024 * 1024;
const maxKeptBuffers = 16;
const empty = new Uint8Array(0);

/** One body. Release it when done. */
export interface Body {
  /** Throws HeadroomError KUBELET_BODY when the body becomes too large. Ignored after release. */
  append(chunk: Uint8Array): void;
  /** What has arrived. A view: valid until the body is released. */
  bytes(): Uint8Array;
  release(): void;
}

/** Hands out bodies. A few giant bodies exhaust the shared budget for themselves only: every body may have its first 64 KiB. */
export class BodyBuffers {
  readonly #limits: BodyLimits;
  readonly #kept: Uint8Array[] = [];
  #grownBytes = 0;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Bytes that bodies in progress take beyond the first 64 KiB of each. */
  get grownBytes(): number {
    return this.#grownBytes;
  }

  /** A body takes memory when its first bytes arrive: a request that hangs holds none. */
  open(): Body {
    let buffer: Uint8Array | undefined;
    let length = 0;
    let isReleased = false;
    return {
      append: (chunk) => {
        if (isReleased) return; // the buffer may be somebody else's by now
        const needed = length + chunk.length;
        if (needed > this.#limits.maxBodyBytes) throw bodyTooLarge(this.#limits.maxBodyBytes);
        buffer ??= this.#take();
        if (needed > buffer.length) buffer = this.#grow(buffer, length, needed);
        buffer.set(chunk, length);
        length = needed;
      },
      bytes: () => (buffer ?? empty).subarray(0, length),
      release: () => {
        isReleased = true;
        if (buffer !== undefined) this.#giveBack(buffer);
        buffer = undefined;
      },
    };
  }

  #take(): Uint8Array {
    const buffer = this.#kept.pop() ?? new Uint8Array(initialBytes);
    this.#grownBytes += buffer.length - initialBytes;
    return buffer;
  }

  #giveBack(buffer: Uint8Array): void {
    this.#grownBytes -= buffer.length - initialBytes;
    if (buffer.length <= maxKeptBytes && this.#kept.length < maxKeptBuffers) this.#kept.push(buffer);
  }

  #grow(buffer: Uint8Array, length: number, needed: number): Uint8Array {
    const { maxBodyBytes, maxBufferedBytes } = this.#limits;
    const capacity = Math.min(Math.max(needed, buffer.length * 2), maxBodyBytes);
    const more = capacity - buffer.length;
    if (this.#grownBytes + more > maxBufferedBytes) {
      throw new HeadroomError('KUBELET_BODY', `bodies that arrive together exceed ${maxBufferedBytes} bytes`);
    }
    this.#grownBytes += more;
    const larger = new Uint8Array(capacity);
    larger.set(buffer.subarray(0, length));
    return larger;
  }
}

export function bodyTooLarge(maxBodyBytes: number): HeadroomError {
  return new HeadroomError('KUBELET_BODY', `body exceeds ${maxBodyBytes} bytes`);
}
