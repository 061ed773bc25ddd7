// The ways to ask 5,000 kubelets that bench/connections.bench.ts compares. Each returns the bytes of one answer's body.
import { once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { systemClock } from '../src/lib/clock.ts';
import { silentLogger } from '../src/lib/logger.ts';
import { BodyBuffers } from '../src/metrics/body-buffers.ts';
import { Cancellation } from '../src/metrics/cancellation.ts';
import { HttpResponseReader } from '../src/metrics/http-response.ts';
import type { KubeletTarget } from '../src/metrics/kubelet-address.ts';
import { createKubeletClient } from '../src/metrics/kubelet-client.ts';
import { KubeletConnections } from '../src/metrics/kubelet-connections.ts';
import { KubeletTls } from '../src/metrics/kubelet-tls.ts';

export interface Variant {
  /** Resolves with the bytes of the body. */
  readonly get: (target: KubeletTarget) => Promise<number>;
  /** Connections that began with a session of an earlier one. */
  readonly resumed?: () => number;
}

const maxBodyBytes = 32 * 1024 * 1024;
const idleMs = 120_000;
const never = new Cancellation();

export const variants: Readonly<Record<string, (caPem: string) => Variant>> = {
  headroom: (caPem) => headroom(caPem, false),
  'headroom, gzip': (caPem) => headroom(caPem, true),
  'undici HTTP/1.1': (caPem) => undici(caPem, false),
  'undici HTTP/2': (caPem) => undici(caPem, true),
  'node:http2': nodeHttp2,
  'node:tls, data events': (caPem) => nodeTls(createSecureContext({ ca: caPem }), 'keep'),
  'node:tls, X25519 only': (caPem) => nodeTls(createSecureContext({ ca: caPem, ecdhCurve: 'X25519' }), 'keep'),
  'closed, resumed': (caPem) => nodeTls(createSecureContext({ ca: caPem }), 'resume'),
  'closed, full handshakes': (caPem) => nodeTls(createSecureContext({ ca: caPem }), 'close'),
};

/** What src/metrics does, whatever that is now. */
function headroom(caPem: string, acceptGzip: boolean): Variant {
  const settings = {
    ca: { pem: caPem },
    clientCertificate: undefined,
    clientKey: undefined,
    insecureSkipVerify: false,
  };
  const tls = new KubeletTls(systemClock, silentLogger, settings);
  const fetchExposition = createKubeletClient({
    connections: new KubeletConnections(systemClock, tls, idleMs),
    buffers: new BodyBuffers({ maxBodyBytes, maxBufferedBytes: 4 * maxBodyBytes }),
    token: () => Promise.resolve('token'),
    settings: { userAgent: 'headroom', acceptGzip, maxBodyBytes },
  });
  return { get: (target) => fetchExposition(target, never, (body) => body.length) };
}

function undici(caPem: string, allowH2: boolean): Variant {
  const agent = new Agent({
    connect: buildConnector({ ca: caPem, maxCachedSessions: 0, allowH2, timeout: 10_000 }),
    connections: 1,
    pipelining: 1,
    allowH2,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { get: (target) => dispatch(agent, target) };
}

function dispatch(agent: Agent, { origin, path }: KubeletTarget): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let bytes = 0;
  const request: Dispatcher.DispatchOptions = {
    origin,
    path,
    method: 'GET',
    headers: { authorization: 'Bearer token' },
  };
  agent.dispatch(request, {
    onRequestStart: () => undefined,
    onResponseStart: () => undefined,
    onResponseData: (_, chunk) => {
      bytes += chunk.length;
    },
    onResponseEnd: () => resolve(bytes),
    onResponseError: (_, error) => reject(error),
  });
  return promise;
}

function nodeHttp2(caPem: string): Variant {
  const secureContext = createSecureContext({ ca: caPem });
  const sessions = new Map<string, ClientHttp2Session>();
  const sessionOf = (origin: string): ClientHttp2Session => {
    const session = sessions.get(origin) ?? connectHttp2(origin, { secureContext });
    sessions.set(origin, session);
    return session;
  };
  return {
    get: ({ origin, path }) => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      let bytes = 0;
      sessionOf(origin)
        .request({ ':path': path, authorization: 'Bearer token' })
        .on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        })
        .on('end', () => resolve(bytes))
        .on('error', reject);
      return promise;
    },
  };
}

/** Our reader of answers on sockets as people use them: with events, and a buffer per read. */
function nodeTls(secureContext: SecureContext, between: 'keep' | 'close' | 'resume'): Variant {
  const sockets = new Map<string, TLSSocket>();
  const sessions = new Map<string, Buffer>();
  let resumed = 0;
  const open = async (origin: string): Promise<TLSSocket> => {
    const { hostname: host, port } = new URL(origin);
    const session = sessions.get(origin);
    const options = { host, port: Number(port), secureContext, ...(session && { session }) };
    const socket = connectTls(options);
    if (between === 'resume') socket.on('session', (ticket: Buffer) => sessions.set(origin, ticket));
    await once(socket, 'secureConnect');
    if (socket.isSessionReused()) resumed++;
    return socket;
  };
  const get = async ({ origin, path }: KubeletTarget): Promise<number> => {
    const socket = sockets.get(origin) ?? (await open(origin));
    if (between === 'keep') sockets.set(origin, socket);
    const bytes = await exchange(socket, `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token\r\n\r\n`);
    if (between !== 'keep') socket.destroy();
    return bytes;
  };
  return { get, resumed: () => resumed };
}

function exchange(socket: TLSSocket, request: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let bytes = 0;
  const response = new HttpResponseReader((piece) => {
    bytes += piece.length;
  });
  const receive = (piece: Buffer): void => {
    if (response.push(piece)) resolve(bytes);
  };
  socket.on('data', receive).once('error', reject);
  socket.write(request);
  return promise.finally(() => socket.off('data', receive).off('error', reject));
}
