// Edge: a TLS server between the aggregator and a custom metrics adapter. It remembers what was asked, and answers for some metrics itself, badly.
import { readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { files } from './components.ts';
import type { ControlPlane } from './control-plane.ts';
import { adapterHostName } from './custom-metrics-adapter.ts';
import { reservePorts } from './ports.ts';

/** What is done to a request instead of passing it on; `late` passes it on after a while. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly contentType?: string }
  | { readonly kind: 'late'; readonly delayMs: number }
  /** Neither an answer nor an end. */
  | { readonly kind: 'hang' }
  /** The connection ends without an answer. */
  | { readonly kind: 'reset' };

export interface MetricRequest {
  /** As the aggregator vouches for it. */
  readonly user: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly accept: string;
}

export interface MetricsFront extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  /** All requests for metrics so far; discovery and health checks are left out. */
  readonly requests: readonly MetricRequest[];
  /** Where requests are passed on to. */
  passTo(adapterPort: number): void;
  /** From now on, for every request for that metric. */
  fail(metric: string, fault: Fault): void;
  /** Ends every connection and accepts none. */
  close(): Promise<void>;
  /** Accepts connections again, on the same port. */
  open(): Promise<void>;
}

/** It trusts whoever connects, and shows the adapter the front proxy's own certificate; resolves when it listens. */
export async function startMetricsFront(controlPlane: ControlPlane): Promise<MetricsFront> {
  const { certificatePem: cert, keyPem: key } = controlPlane.credentials.clusterCa.issue({
    commonName: 'metrics-front',
    usage: 'server',
    hosts: [adapterHostName],
  });
  const read = (file: string): Promise<string> => readFile(join(controlPlane.dir, file), 'utf8');
  const identity = {
    ca: controlPlane.caPem,
    cert: await read(files.frontProxyClient),
    key: await read(files.frontProxyClientKey),
  };
  const reserved = await reservePorts(1);
  const [port = 0] = reserved.ports;
  const front = new Front({ port, tls: { cert, key }, identity });
  await front.open();
  return Object.assign(front, {
    [Symbol.asyncDispose]: async () => {
      await front.close();
      await reserved.release();
    },
  });
}

interface TlsIdentity {
  readonly ca?: string;
  readonly cert: string;
  readonly key: string;
}

interface Place {
  readonly port: number;
  readonly tls: TlsIdentity;
  /** Who it is to the adapter. */
  readonly identity: TlsIdentity;
}

class Front {
  readonly port: number;
  readonly requests: MetricRequest[] = [];
  readonly #faults = new Map<string, Fault>();
  readonly #place: Place;
  #server: Server | undefined;
  #adapterPort = 0;

  constructor(place: Place) {
    this.port = place.port;
    this.#place = place;
  }

  passTo(adapterPort: number): void {
    this.#adapterPort = adapterPort;
  }

  fail(metric: string, fault: Fault): void {
    this.#faults.set(metric, fault);
  }

  async open(): Promise<void> {
    const server = createServer(this.#place.tls, (request, response) => {
      // Of a connection that it had before, Go's client sends a request that failed again, for as long as it has such connections.
      response.shouldKeepAlive = false;
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(this.port, '127.0.0.1', resolve);
    await promise;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#server === undefined) resolve();
    this.#server?.close(() => resolve());
    this.#server?.closeAllConnections();
    this.#server = undefined;
    await promise;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', 'https://front');
    if (pathname.includes('/namespaces/')) this.requests.push(describe(request));
    const metric = decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1));
    const fault = this.#faults.get(metric);
    switch (fault?.kind) {
      case undefined:
        this.#passOn(request, response);
        return;
      case 'answer':
        response.writeHead(fault.status, { 'content-type': fault.contentType ?? 'application/json' }).end(fault.body);
        return;
      case 'late':
        await sleep(fault.delayMs, undefined, { ref: false });
        this.#passOn(request, response);
        return;
      case 'hang':
        return;
      case 'reset':
        request.socket.destroy();
    }
  }

  #passOn(request: IncomingMessage, response: ServerResponse): void {
    const onward = httpsRequest(
      {
        host: '127.0.0.1',
        port: this.#adapterPort,
        servername: adapterHostName,
        method: request.method,
        path: request.url,
        headers: request.headers,
        ...this.#place.identity,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, connection: 'close' });
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }
}

function describe({ url = '', headers }: IncomingMessage): MetricRequest {
  return { user: headerText(headers, 'x-remote-user'), url, accept: headerText(headers, 'accept') };
}

function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}
