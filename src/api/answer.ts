// Edge: puts an answer on the wire: small ones at once, large ones in chunks as fast as the client reads, gzipped when it may be.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { nextTurn } from '../lib/breathe.ts';

/** A body known whole, or one that is made chunk by chunk while it is sent. */
export interface Answer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Buffer | Iterable<Buffer>;
  /** Told of chunks of the body that nobody reads any more, so that their memory may be written again. */
  readonly recycle?: (chunk: Buffer) => void;
  /** Its length is said, whatever it is; otherwise only that of a small one is, as the reference does. */
  readonly sized?: true;
}

/** Bodies up to this size are never gzipped (docs/metrics-api.md, M-56). */
const gzipThresholdBytes = 131_072;

/** What takes a fraction of a millisecond to make. */
const largestWithoutTurn = 32_768;

/** Go's servers say the length of what fits into their buffer, which is larger for HTTP/2, and send more in chunks. */
const longestSizedBytes = { http1: 2_048, http2: 4_096 };

/** Emitted by a response when its whole answer waits in the connection's buffer: nothing is left but for the client to read it. */
export const handedOver = 'handedOver';

/** Sends; resolves when the body was handed over or the client is gone, which is not an error. */
export async function sendAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if (response.headersSent || response.destroyed) return;
  response.statusCode = answer.code;
  response.setHeader('Content-Type', answer.contentType);
  if (Buffer.isBuffer(answer.body) && answer.body.length <= gzipThresholdBytes) {
    sendWhole(response, answer.body, { isSized: answer.sized ?? false, httpVersion: request.httpVersion });
    return;
  }
  await sendAsItIsMade(request, response, answer);
}

async function sendAsItIsMade(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { head, size, rest } = await takeHead(answer.body);
  // It may have run out of time meanwhile.
  if (response.headersSent || response.destroyed) return;
  const gzip = size > gzipThresholdBytes && acceptsGzip(request.headers['accept-encoding'] ?? '');
  if (rest === undefined && !gzip) {
    sendWhole(response, joined(head), { isSized: answer.sized ?? false, httpVersion: request.httpVersion });
    return;
  }
  await stream(response, { chunks: chain(head, rest), recycle: answer.recycle ?? ignore }, gzip);
}

function sendWhole(
  response: ServerResponse,
  body: Buffer,
  { isSized, httpVersion }: { readonly isSized: boolean; readonly httpVersion: string },
): void {
  const isSmall = body.length <= longestSizedBytes[httpVersion === '2.0' ? 'http2' : 'http1'];
  if (isSized || isSmall) response.setHeader('Content-Length', body.length);
  else if (httpVersion === '1.1') response.setHeader('Transfer-Encoding', 'chunked');
  // Node joins texts, and so sends head and body in one write, which costs a quarter less than two that are gathered. Latin-1 keeps bytes as they are.
  if (isSmall && httpVersion === '1.1') response.end(body.toString('latin1'), 'latin1');
  else response.end(body);
  if (isSmall) response.emit(handedOver);
}

/** Without a copy where there is nothing to join. */
function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

interface Pieces {
  readonly chunks: Iterable<Buffer>;
  readonly recycle: (chunk: Buffer) => void;
}

async function stream(response: ServerResponse, pieces: Pieces, gzip: boolean): Promise<void> {
  try {
    if (!gzip) {
      await pipeline(inTurns(pieces, response), response);
      return;
    }
    response.setHeader('Content-Encoding', 'gzip');
    response.appendHeader('Vary', 'Accept-Encoding');
    const zipped = createGzip({ level: constants.Z_BEST_SPEED });
    await pipeline(inTurns(pieces, zipped), zipped, response);
  } catch (error) {
    // The client went away or was cut off at its deadline: nobody is left to be told.
    if (!response.destroyed) throw error;
  }
}

/** The same, each made when it is this answer's turn and the client has read what came before. */
async function* inTurns({ chunks, recycle }: Pieces, into: Writable): AsyncGenerator<Buffer> {
  let unread: Buffer[] = [];
  for (const chunk of chunks) {
    yield chunk;
    unread.push(chunk);
    await nextTurn();
    // Nothing waits to be encrypted, compressed or written: all of it was.
    if (into.writableLength > 0) continue;
    for (const each of unread) recycle(each);
    unread = [];
  }
}

function ignore(): void {}

interface Head {
  readonly head: readonly Buffer[];
  readonly size: number;
  /** What follows; undefined when `head` is all there is. */
  readonly rest: Iterator<Buffer> | undefined;
}

/** Enough of the body to know whether it is a large one. Small answers wait for nobody's turn. */
async function takeHead(body: Answer['body']): Promise<Head> {
  if (Buffer.isBuffer(body)) return { head: [body], size: body.length, rest: undefined };
  const rest = body[Symbol.iterator]();
  const head: Buffer[] = [];
  let size = 0;
  while (size <= gzipThresholdBytes) {
    const next = rest.next();
    if (next.done === true) return { head, size, rest: undefined };
    head.push(next.value);
    size += next.value.length;
    if (size > largestWithoutTurn) await nextTurn();
  }
  return { head, size, rest };
}

function* chain(head: readonly Buffer[], rest: Iterator<Buffer> | undefined): Generator<Buffer> {
  yield* head;
  if (rest === undefined) return;
  for (let next = rest.next(); next.done !== true; next = rest.next()) yield next.value;
}

/** Only the bare word counts: `gzip;q=1` and `*` do not. */
function acceptsGzip(header: string): boolean {
  return header.split(',').some((token) => token.trim() === 'gzip');
}
