// Edge: HTTP/2 on connections that the TLS server took, for the same routes. HTTP/1.1 stays with the server that it always had, and all its limits.
import type { RequestListener } from 'node:http';
import {
  createServer,
  type Http2Server,
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
 * Requests go to `listener`. Node itself resists floods: it cuts connections that reset streams faster than 33 a second (1,000 at
 * once), that send more CONTINUATION frames than headers may have, or that make it hold more than 10 MB.
 */
export function createHttp2(listener: RequestListener, { maxStreams, maxHeaderBytes, idleMs }: Http2Limits): Http2 {
  const sessions = new Set<ServerHttp2Session>();
  const server: Http2Server = createServer({
    settings: { maxConcurrentStreams: maxStreams, maxHeaderListSize: maxHeaderBytes, enablePush: false },
    maxHeaderListPairs: maxHeaders,
    Http2ServerRequest: AlikeRequest,
    Http2ServerResponse: AlikeResponse,
  });
  server.on('request', listener);
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

/** Routes requests of both protocols through one Express application. */
export function forBothProtocols(app: express.Express): RequestListener {
  const http2App = createHttp2App(app);
  return (request, response) => (request.httpVersionMajor === 2 ? http2App : app)(request, response);
}

/**
 * Express gives each request and response its own prototypes, which derive from those of node:http. Those of node:http2 keep what they need in
 * their own, so here they derive from these.
 */
function createHttp2App(app: express.Express): express.Express {
  const shell = express();
  const own = { app: { configurable: true, enumerable: true, writable: true, value: shell } };
  const request: object = Object.create(AlikeRequest.prototype, Object.getOwnPropertyDescriptors(express.request));
  const response: object = Object.create(AlikeResponse.prototype, Object.getOwnPropertyDescriptors(express.response));
  Object.assign(shell, { request: Object.create(request, own), response: Object.create(response, own) });
  shell.disable('x-powered-by');
  shell.set('env', app.get('env'));
  shell.use(app.router);
  return shell;
}

/** With what requests of node:http have besides. */
class AlikeRequest extends RequestClass {
  #distinct: Record<string, readonly string[]> | undefined;

  /** Read once per request, as node:http does. */
  get headersDistinct(): Record<string, readonly string[]> {
    this.#distinct ??= distinctHeaders(this.rawHeaders);
    return this.#distinct;
  }
}

class AlikeResponse extends ResponseClass<AlikeRequest> {}
// Declared as a field where it is inherited from, which an accessor of the class may not override.
Object.defineProperty(AlikeResponse.prototype, 'destroyed', {
  get(this: AlikeResponse) {
    return this.stream.destroyed;
  },
});

function distinctHeaders(rawHeaders: readonly string[]): Record<string, readonly string[]> {
  // A Map, because callers name headers as they like: `constructor` and `__proto__` are names, too.
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    if (name.startsWith(':')) continue;
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return Object.fromEntries(headers);
}
