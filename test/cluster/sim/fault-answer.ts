// Edge: the answers of a kubelet that is not well.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { Http2ServerResponse, constants as http2 } from 'node:http2';
import { pipeline, Readable } from 'node:stream';
import type { Clock } from '../../../src/lib/clock.ts';
import { expositionContentType } from './exposition.ts';
import type { Fault } from './fault.ts';
import { seededRandom } from './random.ts';

const answerFaults = [
  'hang',
  'hang-in-body',
  'status',
  'html',
  'garbage',
  'truncated',
  'endless',
  'huge',
  'drip',
] as const;

/** The faults that concern an answer; the others concern connections, samples or the Node object. */
export type AnswerFault = Extract<Fault, { kind: (typeof answerFaults)[number] }>;

/** Is the scrape answered by `answerWithFault` rather than as usual? */
export function isAnswerFault(fault: Fault | undefined): fault is AnswerFault {
  return fault !== undefined && (answerFaults as readonly string[]).includes(fault.kind);
}

const fillerLines = 'container_memory_working_set_bytes{container="c",namespace="filler",pod="p"} 1\n'.repeat(512);

/** Answers one request. `body` is what a healthy kubelet would have said. */
export function answerWithFault(fault: AnswerFault, body: Buffer, response: ServerResponse, clock: Clock): void {
  const half = body.subarray(0, body.length >> 1);
  switch (fault.kind) {
    case 'hang':
      return;
    case 'hang-in-body':
      startBody(response);
      response.write(half);
      return;
    case 'status':
      response.writeHead(fault.code, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(STATUS_CODES[fault.code] ?? 'status of the simulation');
      return;
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n');
      return;
    case 'garbage':
      startBody(response);
      response.end(garbage(fault.bytes));
      return;
    case 'truncated':
      response.writeHead(200, { 'content-type': expositionContentType, 'content-length': body.length });
      response.write(half, () => breakOff(response));
      return;
    case 'endless':
      send(response, withFiller(body, Number.POSITIVE_INFINITY));
      return;
    case 'huge':
      send(response, withFiller(body, fault.bytes));
      return;
    case 'drip':
      send(response, drip(body, fault.bytesPerSecond, clock));
  }
}

function startBody(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': expositionContentType });
}

/** Writes the chunks as fast as the client takes them. A client that goes away ends it. */
function send(response: ServerResponse, chunks: Iterable<Buffer> | AsyncIterable<Buffer>): void {
  startBody(response);
  pipeline(Readable.from(chunks, { objectMode: false }), response, () => undefined);
}

function* withFiller(body: Buffer, totalBytes: number): Iterable<Buffer> {
  yield body;
  const filler = Buffer.from(fillerLines);
  for (let sent = body.length; sent < totalBytes; sent += filler.length) {
    yield filler.subarray(0, Math.min(filler.length, totalBytes - sent));
  }
}

const dripsPerSecond = 10;

async function* drip(body: Buffer, bytesPerSecond: number, clock: Clock): AsyncIterable<Buffer> {
  const bytes = Math.max(1, Math.round(bytesPerSecond / dripsPerSecond));
  for (let sent = 0; sent < body.length; sent += bytes) {
    yield body.subarray(sent, sent + bytes);
    await clock.sleep((bytes / bytesPerSecond) * 1000);
  }
}

/** The same bytes each time, most of them no text. */
function garbage(bytes: number): Buffer {
  const random = seededRandom(bytes);
  return Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
}

/** Ends the connection (HTTP/1.1) or the stream (HTTP/2) in the middle of an answer. */
function breakOff(response: ServerResponse | Http2ServerResponse): void {
  if (response instanceof Http2ServerResponse) response.stream.close(http2.NGHTTP2_INTERNAL_ERROR);
  else response.socket?.destroy();
}

/** The path of a request without its query. */
export function requestPath(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const question = url.indexOf('?');
  return question < 0 ? url : url.slice(0, question);
}
