// Edge: HTTP/2 on connections that the TLS server took, for the same routes. HTTP/1.1 stays with the server that it always had, and all its limits.
import {
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  Http2ServerRequest as RequestClass,
  Http2ServerResponse as ResponseClass,
  type ServerHttp2Session,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import express from 'express';
import { breathe } from '../lib/breathe.ts';

export interface Http2Limits {
  /** Requests of one connection at a time. */
  readonly maxStreams: number;
  readonly maxHeaderBytes: number;
  /** Without anything sent or received. */
  readonly idleMs: number;
}

export interface Http2 {
  /** Serves a connection whose client chose h2. */
  serve(socket: TLSSocket): void;
  /** Lets each connection end behind the requests that it has. */
  close(): void;
  destroy(): void;
}

/** A front proxy names each group in a header of its own. */
const maxHeaders = 8_192;
/** An HTTP/2 request knows no TLS socket, only its session. */
const sockets = new WeakMap<object, TLSSocket>();

/** The TLS connection that a request came on. */
export function connectionOf(request: object): object | undefined {
  if ('stream' in request && isSessionHolder(request.stream)) return sockets.get(request.stream.session);
  return 'socket' in request && typeof request.socket === 'object' && request.socket !== null
    ? request.socket
    : undefined;
}

/**
 * Lets the HTTP/2 connection of a request end behind the requests that it has; those of HTTP/1.1 go on. Floods are cheap on a connection that stays,
 * so strangers do not get to keep one (docs/metrics-api.md, M-57). Resolves when clients will be told before any answer that comes from now on:
 * after it they would send on.
 */
export async function leaveConnection(request: object): Promise<void> {
  if (!('stream' in request) || !isSessionHolder(request.stream)) return;
  const { session } = request.stream;
  // What came in the same packets is read first: told that it must be sent elsewhere, clients wait before they do.
  await breathe();
  session.close();
}

function isSessionHolder(stream: unknown): stream is { readonly session: ServerHttp2Session } {
  return (
    typeof stream === 'object' &&
    stream !== null &&
    'session' in stream &&
    typeof stream.session === 'object' &&
    stream.session !== null
  );
}

/**
 * Requests go through the router of `app`. Node itself resists floods: it cuts connections that reset streams faster than 33 a second (1,000 at
 * once), that send more CONTINUATION frames than headers may have, or that make it hold more than 10 MB.
 */
export function createHttp2(app: express.Express, { maxStreams, maxHeaderBytes, idleMs }: Http2Limits): Http2 {
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = createServer({
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes, enablePush: false },
    maxHeaderListPairs: maxHeaders,
  });
  server.on('request', createHttp2App(app));
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.setTimeout(idleMs, () => session.close());
  });
  return {
    serve: (socket) => {
      server.once('session', (session) => sockets.set(session, socket));
      server.emit('connection', socket);
    },
    close: () => {
      for (const session of sessions) session.close();
    },
    destroy: () => {
      for (const session of sessions) session.destroy();
    },
  };
}

/**
 * Express gives each request and response its own prototypes, which derive from those of node:http. Those of node:http2 keep what they need in
 * their own, so here they derive from these.
 */
function createHttp2App(app: express.Express): express.Express {
  const shell = express();
  const own = { app: { configurable: true, enumerable: true, writable: true, value: shell } };
  const request: object = Object.create(RequestClass.prototype, {
    ...Object.getOwnPropertyDescriptors(express.request),
    headersDistinct: { get: distinctHeaders },
  });
  const response: object = Object.create(ResponseClass.prototype, {
    ...Object.getOwnPropertyDescriptors(express.response),
    destroyed: { get: isDestroyed },
  });
  Object.assign(shell, { request: Object.create(request, own), response: Object.create(response, own) });
  shell.disable('x-powered-by');
  shell.set('env', app.get('env'));
  shell.use(app.router);
  return shell;
}

/** Read once per request, as node:http does. */
function distinctHeaders(this: Http2ServerRequest): Record<string, readonly string[]> {
  // A Map, because callers name headers as they like: `constructor` and `__proto__` are names, too.
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < this.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [this.rawHeaders[at], this.rawHeaders[at + 1]];
    if (name.startsWith(':')) continue;
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  const distinct = Object.fromEntries(headers);
  Object.defineProperty(this, 'headersDistinct', { value: distinct });
  return distinct;
}

function isDestroyed(this: InstanceType<typeof ResponseClass>): boolean {
  return this.stream.destroyed;
}
