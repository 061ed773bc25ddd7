// Edge, hot: one connection to one kubelet, TCP or TLS, with one GET on it at a time. docs/adr/0004-connections-to-kubelets.md says why it is our own.
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Cancellation } from './cancellation.ts';
import type { HttpHead } from './http-head.ts';
import { HttpResponseReader } from './http-response.ts';

export interface ConnectionSettings {
  readonly secureContext: SecureContext;
  /** Accept any serving certificate. */
  readonly insecureSkipVerify: boolean;
  /** Where every connection's bytes arrive. Shared, because they are used up before the next ones are read: 5,000 buffers would stay around for nothing. */
  readonly readBuffer: Buffer;
}

interface Exchange {
  readonly request: string;
  readonly response: HttpResponseReader;
  readonly resolve: (contentEncoding: string) => void;
  readonly reject: (error: unknown) => void;
}

export class KubeletConnection {
  /** Scheme, host and port that it leads to. */
  readonly origin: string;
  /** Value of the Host header. */
  readonly host: string;
  /** An answer came over it and another may. */
  canReuse = false;
  /** It was in use before, and broke before anything of this answer came: most likely it was closed while the request was on its way. */
  wasStale = false;
  /** When it was given back, on the monotonic time line. */
  idleSinceMs = 0;
  readonly #socket: Socket;
  #isOpen = false;
  #hasServed = false;
  #isSilent = true;
  #exchange: Exchange | undefined;
  #error: Error | undefined;

  /** Begins to connect. `onClosed` is called once, when nothing is left of the connection. Throws TypeError when the origin is none. */
  constructor(origin: string, settings: ConnectionSettings, onClosed: (connection: KubeletConnection) => void) {
    const { protocol, hostname, host, port } = new URL(origin);
    const isTls = protocol === 'https:';
    this.origin = origin;
    this.host = host;
    const options = {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (isTls ? 443 : 80)),
      noDelay: true,
      onread: {
        buffer: settings.readBuffer,
        callback: (length: number) => this.#receive(settings.readBuffer.subarray(0, length)),
      },
    };
    this.#socket = isTls ? connectTls({ ...options, ...tlsOptions(options.host, settings) }) : connectTcp(options);
    // Of TLS: not before the certificate has been verified, so that a stranger never sees the token.
    this.#socket.once(isTls ? 'secureConnect' : 'connect', () => this.#opened());
    this.#socket.on('error', (error) => {
      // Of the several addresses of one name, the first one's trouble.
      this.#error = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
    });
    this.#socket.once('close', () => {
      this.#closed();
      onClosed(this);
    });
  }

  /**
   * Sends the request and gives the body to `onBody` as it comes; resolves with the content encoding when the answer is complete. A status
   * other than 200 is an error, after which the connection is closed, as after all others. A cancellation rejects at once, with its
   * reason as the cause.
   */
  async exchange(request: string, onBody: (bytes: Uint8Array) => void, cancellation: Cancellation): Promise<string> {
    if (this.#exchange !== undefined) throw new Error('BUG: a connection was asked for two things at once');
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#exchange = { request, response: new HttpResponseReader(onBody), resolve, reject };
    this.#isSilent = true;
    this.canReuse = false;
    cancellation.onCancelled(() => {
      const { reason } = cancellation;
      this.#fail(new HeadroomError('KUBELET_REQUEST', errorMessage(reason), { cause: reason }));
    });
    if (this.#isOpen) this.#send();
    try {
      return await promise;
    } finally {
      cancellation.onCancelled(undefined);
    }
  }

  /** Ends the connection, and what is under way on it. */
  destroy(): void {
    this.#socket.destroy();
  }

  #opened(): void {
    this.#isOpen = true;
    this.#send();
  }

  #send(): void {
    if (this.#exchange !== undefined) this.#socket.write(this.#exchange.request, 'latin1');
  }

  /** Must not throw: it is called by the socket. */
  #receive(bytes: Buffer): boolean {
    const exchange = this.#exchange;
    this.#isSilent = false;
    if (exchange === undefined) {
      this.destroy(); // nobody asked
      return true;
    }
    try {
      const isComplete = exchange.response.push(bytes);
      const { head } = exchange.response;
      if (head !== undefined && head.status !== 200) throw statusError(head);
      if (isComplete) this.#complete(exchange);
    } catch (error) {
      this.#fail(error);
    }
    return true;
  }

  #complete(exchange: Exchange): void {
    this.#exchange = undefined;
    this.#hasServed = true;
    this.canReuse = exchange.response.canReuse && !this.#socket.destroyed;
    exchange.resolve(exchange.response.head?.contentEncoding ?? '');
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.destroy();
    exchange?.reject(error);
  }

  #closed(): void {
    this.canReuse = false;
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (this.#error === undefined && exchange.response.end()) {
      this.#complete(exchange);
      return;
    }
    this.wasStale = this.#hasServed && this.#isSilent;
    this.#fail(this.#error ?? new Error('the kubelet closed the connection before its answer was complete'));
  }
}

/**
 * No ALPN: whoever does not ask gets HTTP/1.1. node:tls would keep the list of protocols, 9 bytes cut out of a block of 64 KB, as long as the connection; as
 * nodes are replaced one by one each connection would come to hold a whole block.
 */
function tlsOptions(host: string, settings: ConnectionSettings): object {
  return {
    secureContext: settings.secureContext,
    rejectUnauthorized: !settings.insecureSkipVerify,
    // An address is no name that a server could be asked for.
    ...(isIP(host) === 0 && { servername: host }),
  };
}

function statusError({ status, reason }: HttpHead): HeadroomError {
  return new HeadroomError('KUBELET_REQUEST', `request failed, status: "${status} ${reason}"`);
}
