// A kubelet on a real socket of 127.0.0.1 that behaves as it is told, well or badly. Close it when done: `await using`.
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Authority, createAuthority, type KeyPairPem } from '../cluster/pki.ts';
import { expositionText } from './exposition-text.ts';

/** What a kubelet does with a request. It may leave it unanswered. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

export interface SeenRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Common name of the client's certificate; undefined without one. */
  readonly clientName: string | undefined;
}

export interface FakeKubeletOptions {
  readonly behaviour?: Behaviour;
  /** undefined: plain http. */
  readonly serving?: KeyPairPem;
  /** Ask for a client certificate and trust this authority. */
  readonly clientAuthority?: Authority;
}

export class FakeKubelet implements AsyncDisposable {
  behaviour: Behaviour;
  readonly requests: SeenRequest[] = [];
  /** Connections accepted so far. */
  connections = 0;
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';

  static async start(options: FakeKubeletOptions = {}): Promise<FakeKubelet> {
    const kubelet = new FakeKubelet(options);
    await new Promise<void>((resolve) => kubelet.#server.listen(0, '127.0.0.1', resolve));
    return kubelet;
  }

  private constructor(options: FakeKubeletOptions) {
    this.behaviour = options.behaviour ?? respond();
    const { serving, clientAuthority } = options;
    const listener = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response);
    this.#scheme = serving === undefined ? 'http' : 'https';
    this.#server =
      serving === undefined
        ? createHttpServer(listener)
        : createHttpsServer(
            {
              cert: serving.certificatePem,
              key: serving.keyPem,
              requestCert: clientAuthority !== undefined,
              rejectUnauthorized: false,
              ...(clientAuthority !== undefined && { ca: clientAuthority.certificatePem }),
            },
            listener,
          );
    this.#server.on(serving === undefined ? 'connection' : 'secureConnection', () => this.connections++);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get target(): { origin: string; path: string } {
    return { origin: `${this.#scheme}://127.0.0.1:${this.port}`, path: '/metrics/resource' };
  }

  /** Serves another certificate to connections from now on. */
  setServing(serving: KeyPairPem): void {
    if ('setSecureContext' in this.#server) {
      (this.#server as unknown as { setSecureContext(options: object): void }).setSecureContext({
        cert: serving.certificatePem,
        key: serving.keyPem,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const certificate = 'getPeerCertificate' in socket ? peerOf(socket) : undefined;
    this.requests.push({ url: request.url ?? '', headers: request.headers, clientName: certificate });
    response.on('error', () => undefined);
    this.behaviour(response, request);
  }
}

function peerOf(socket: Socket): string | undefined {
  return (socket as unknown as { getPeerCertificate(): { subject?: { CN?: string } } }).getPeerCertificate().subject
    ?.CN;
}

/** An authority and a serving certificate of it for 127.0.0.1. */
export function createServing(hosts: readonly string[] = ['127.0.0.1']): { authority: Authority; serving: KeyPairPem } {
  const authority = createAuthority('kubelet-ca');
  return { authority, serving: authority.issue({ commonName: 'node-1', usage: 'server', hosts }) };
}

// Behaviours

/** Answers with this body, a good exposition by default. */
export function respond(body: string | Uint8Array = expositionText(), status = 200): Behaviour {
  return (response) => response.writeHead(status, { 'content-type': 'text/plain; version=0.0.4' }).end(body);
}

/** Answers compressed, whether asked to or not. */
export function respondGzipped(body: string | Uint8Array): Behaviour {
  const compressed = gzipSync(body);
  return (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(compressed);
}

/** Never answers. */
export const hangBeforeHeaders: Behaviour = () => undefined;

/** Sends the beginning of a body and nothing more. */
export const hangInBody: Behaviour = (response) => response.writeHead(200).write('container_cpu');

/** Promises more than it sends, then drops the connection. */
export const truncate: Behaviour = (response) => {
  const body = expositionText();
  response.writeHead(200, { 'content-length': body.length });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
};

/** Sends a byte now and then, for ever. */
export const drip: Behaviour = (response) => {
  response.writeHead(200);
  const timer = setInterval(() => response.write('#'), 5);
  response.on('close', () => clearInterval(timer));
};

/** Sends as much as is taken, for ever. */
export const sendForEver: Behaviour = (response) => {
  const chunk = `${'x'.repeat(65_535)}\n`;
  response.writeHead(200);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
};

/** Drops the connection without an answer. */
export const dropConnection: Behaviour = (response) => response.destroy();
