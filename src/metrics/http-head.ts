// Pure, hot: the head of one HTTP/1.x answer, line by line: its status, and what its headers say about the body. Strict, as http-response.ts says.
import { HeadroomError } from '../lib/errors.ts';

export class HttpHead {
  readonly status: number;
  readonly reason: string;
  /** In lower case, '' for none; several are joined by commas. */
  contentEncoding = '';
  /** Bytes of the body; undefined when the server does not say. */
  contentLength: number | undefined;
  isChunked = false;
  /** The server ends the connection after this answer. */
  isLast: boolean;
  readonly #isHttp10: boolean;

  /** Throws HeadroomError KUBELET_REQUEST when the line is not the status line of HTTP/1.0 or 1.1, without its end of line. */
  constructor(statusLine: string) {
    const [, minor, status, reason = ''] =
      /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/.exec(statusLine) ?? [];
    if (status === undefined) throw malformed('the first line is not the status line of HTTP/1.1');
    this.status = Number(status);
    this.reason = reason;
    this.#isHttp10 = minor === '0';
    this.isLast = this.#isHttp10;
  }

  /** Another header, without its end of line. Throws as the constructor does, for one that is wrong or contradicts the others. */
  addHeader(line: string): void {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw malformed('a header has no name');
    const value = withoutBlanks(line.slice(colon + 1));
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) throw malformed('a header holds a control character');
    switch (name.toLowerCase()) {
      case 'content-length':
        return this.#addContentLength(value);
      case 'transfer-encoding':
        return this.#addTransferEncoding(value);
      case 'content-encoding':
        this.contentEncoding += (this.contentEncoding === '' ? '' : ', ') + value.toLowerCase();
        return undefined;
      case 'connection':
        if (value.split(',').some((option) => option.trim().toLowerCase() === 'close')) this.isLast = true;
        return undefined;
      default:
        return undefined;
    }
  }

  #addContentLength(value: string): void {
    if (this.isChunked || this.contentLength !== undefined || !/^\d{1,15}$/.test(value)) {
      throw malformed('the length of the body is not one number');
    }
    this.contentLength = Number(value);
  }

  #addTransferEncoding(value: string): void {
    if (this.isChunked || this.#isHttp10 || this.contentLength !== undefined || value.toLowerCase() !== 'chunked') {
      throw malformed('the body is not framed by chunks alone');
    }
    this.isChunked = true;
  }
}

export function malformed(what: string): HeadroomError {
  return new HeadroomError('KUBELET_REQUEST', `malformed answer: ${what}`);
}

/** A loop: an expression for blanks at the end of a text takes quadratic time for blanks in its middle. */
function withoutBlanks(text: string): string {
  const isBlank = (at: number): boolean => text[at] === ' ' || text[at] === '\t';
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return text.slice(start, end);
}
