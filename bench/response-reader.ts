// Pure: finds the end of HTTP/1.1 responses in a stream of bytes without keeping their bodies.

type State = 'head' | 'length' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer';

const lineFeed = 10;

export interface ReadResponse {
  readonly status: number;
  /** Of the body, as it came over the wire, without the framing of chunks. */
  readonly bodyBytes: number;
}

/** Reads one response after the other. Bodies must be chunked or carry their length: servers of the Metrics API do one or the other. */
export class ResponseReader {
  #state: State = 'head';
  /** Text of the head or line that is not complete yet. */
  #text = '';
  #remaining = 0;
  #status = 0;
  #bodyBytes = 0;

  /** The response that these bytes complete, or undefined when more must come. Throws on what is not HTTP, or goes on after the response. */
  feed(bytes: Uint8Array): ReadResponse | undefined {
    let at = 0;
    while (at < bytes.length) {
      at = this.#remaining > 0 ? this.#skip(bytes, at) : this.#readLine(bytes, at);
      if (this.#isComplete()) {
        if (at < bytes.length) throw new Error('the server said more than it was asked');
        return this.#take();
      }
    }
    return undefined;
  }

  #isComplete(): boolean {
    return this.#state === 'length' && this.#remaining === 0;
  }

  #take(): ReadResponse {
    const response = { status: this.#status, bodyBytes: this.#bodyBytes };
    this.#state = 'head';
    this.#bodyBytes = 0;
    return response;
  }

  #skip(bytes: Uint8Array, at: number): number {
    const skipped = Math.min(this.#remaining, bytes.length - at);
    this.#remaining -= skipped;
    this.#bodyBytes += skipped;
    if (this.#remaining === 0 && this.#state === 'chunk-data') this.#state = 'chunk-end';
    return at + skipped;
  }

  #readLine(bytes: Uint8Array, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    const stop = end === -1 ? bytes.length : end + 1;
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset + at, stop - at).toString('latin1');
    if (end !== -1) this.#onLine();
    return stop;
  }

  #onLine(): void {
    switch (this.#state) {
      case 'head':
        if (this.#text.endsWith('\r\n\r\n')) this.#onHead(this.#takeText());
        return;
      case 'chunk-size': {
        this.#remaining = Number.parseInt(this.#takeText(), 16);
        if (Number.isNaN(this.#remaining)) throw new Error('a chunk without a size');
        this.#state = this.#remaining === 0 ? 'trailer' : 'chunk-data';
        return;
      }
      case 'chunk-end':
        this.#takeText();
        this.#state = 'chunk-size';
        return;
      case 'trailer':
        if (this.#takeText() === '\r\n') this.#state = 'length';
        return;
      case 'length':
      case 'chunk-data':
        throw new Error(`BUG: a line in state ${this.#state}`);
    }
  }

  #takeText(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #onHead(head: string): void {
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
    if (status === undefined) throw new Error(`not HTTP/1.1: ${head.slice(0, 80)}`);
    this.#status = Number(status);
    if (/^transfer-encoding: *chunked\r$/im.test(head)) {
      this.#state = 'chunk-size';
      return;
    }
    const length = /^content-length: *(\d+)\r$/im.exec(head)?.[1];
    if (length === undefined) throw new Error(`a body without an end: ${head.slice(0, 200)}`);
    this.#remaining = Number(length);
    this.#state = 'length';
  }
}
