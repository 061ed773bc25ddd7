// Pure state, hot: one HTTP/1.x answer to a GET, out of the pieces in which it arrives. Strict: what RFC 9112 forbids a server to send is an
// error, because whoever reads it differently takes bytes of one answer for another.
import { HttpHead, malformed } from './http-head.ts';

/** All lines of a head together, those of informational answers before it included; trailers may take as much again. */
const maxHeadBytes = 16 * 1024;
/** The line before a chunk; without extensions it needs 10. */
const maxChunkLineBytes = 1024;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** What comes next. */
type State = LineState | BodyState | 'nothing';
type LineState = 'status' | 'header' | 'chunk-size' | 'chunk-end' | 'trailer';
type BodyState = 'chunk' | 'sized-body' | 'body-until-close';

/** Reads one answer. `push` throws HeadroomError KUBELET_REQUEST for what is not HTTP, and what `onBody` throws. */
export class HttpResponseReader {
  readonly #onBody: (bytes: Buffer) => void;
  #state: State = 'status';
  #head: HttpHead | undefined;
  #isHeadComplete = false;
  /** The connection has ended, or something followed the answer. */
  #mustEnd = false;
  /** The beginning of a line whose end has not arrived. */
  #partialLine = '';
  /** What the lines to come may take. */
  #lineBudget = maxHeadBytes;
  /** Bytes that are left of the body, or of its chunk. */
  #left = 0;

  /** `onBody` is given pieces of the body, without their framing; views that are valid only during the call. */
  constructor(onBody: (bytes: Buffer) => void) {
    this.#onBody = onBody;
  }

  /** Of the final answer; undefined until it is complete. */
  get head(): HttpHead | undefined {
    return this.#isHeadComplete ? this.#head : undefined;
  }

  /** The answer is complete, and the connection may be used for another. */
  get canReuse(): boolean {
    return this.#state === 'nothing' && !this.#mustEnd && this.#head?.isLast === false;
  }

  /** Takes the next bytes; true when the answer is complete. */
  push(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length && this.#state !== 'nothing') {
      at = this.#isInBody() ? this.#readBody(bytes, at) : this.#readLine(bytes, at);
    }
    if (at < bytes.length) this.#mustEnd = true;
    return this.#state === 'nothing';
  }

  /** The server has ended the connection; true when that completes the answer. */
  end(): boolean {
    this.#mustEnd = true;
    if (this.#state === 'body-until-close') this.#state = 'nothing';
    return this.#state === 'nothing';
  }

  #isInBody(): boolean {
    return this.#state === 'chunk' || this.#state === 'sized-body' || this.#state === 'body-until-close';
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#onBody(bytes.subarray(at, end));
    this.#left -= end - at;
    if (this.#left === 0) this.#expect(this.#state === 'chunk' ? 'chunk-end' : 'nothing', 2);
    return end;
  }

  #readLine(bytes: Buffer, at: number): number {
    const lineFeed = bytes.indexOf(LINE_FEED, at);
    const end = lineFeed < 0 ? bytes.length : lineFeed + 1;
    this.#lineBudget -= end - at;
    if (this.#lineBudget < 0) throw malformed('a line or the head is too long');
    if (this.#partialLine === '' && lineFeed > at && bytes[lineFeed - 1] === CARRIAGE_RETURN) {
      this.#takeLine(bytes.toString('latin1', at, lineFeed - 1)); // nearly every line
      return end;
    }
    this.#partialLine += bytes.toString('latin1', at, end);
    if (lineFeed < 0) return end;
    const line = this.#partialLine;
    this.#partialLine = '';
    if (!line.endsWith('\r\n')) throw malformed('a line ends without a carriage return');
    this.#takeLine(line.slice(0, -2));
    return end;
  }

  #takeLine(line: string): void {
    if (this.#state === 'status') {
      this.#head = new HttpHead(line);
      this.#state = 'header';
    } else if (this.#state === 'header') {
      if (line === '') this.#endHead();
      else this.#head?.addHeader(line);
    } else if (this.#state === 'chunk-size') {
      this.#takeChunkSize(line);
    } else if (this.#state === 'chunk-end') {
      if (line !== '') throw malformed('a chunk is longer than it says');
      this.#expect('chunk-size', maxChunkLineBytes);
    } else if (line === '') {
      this.#state = 'nothing'; // and the trailers are forgotten
    }
  }

  #endHead(): void {
    const { status = 0, contentLength, isChunked } = this.#head ?? {};
    if (status === 101) throw malformed('nobody asked for another protocol');
    if (status < 200) {
      this.#state = 'status'; // of the answer behind the informational one
      return;
    }
    this.#isHeadComplete = true;
    if (status === 204 || status === 304) this.#state = 'nothing';
    else if (isChunked) this.#expect('chunk-size', maxChunkLineBytes);
    else if (contentLength !== undefined) this.#expectBody('sized-body', contentLength);
    else this.#expectBody('body-until-close', Number.POSITIVE_INFINITY);
  }

  #takeChunkSize(line: string): void {
    if (!/^[\da-f]{1,8}(?:[ \t]*;.*)?$/i.test(line)) throw malformed('a chunk does not begin with its size');
    const length = Number.parseInt(line, 16); // which ends where the digits end
    if (length > 0) this.#expectBody('chunk', length);
    else this.#expect('trailer', maxHeadBytes);
  }

  #expectBody(state: BodyState, length: number): void {
    this.#left = length;
    this.#state = length > 0 ? state : 'nothing';
  }

  #expect(state: State, lineBudget: number): void {
    this.#state = state;
    this.#lineBudget = lineBudget;
  }
}
