// Edge: one kept-alive TLS connection that sends one GET after the other, as cheaply as Node can.
import { connect, type TLSSocket } from 'node:tls';
import { type ReadResponse, ResponseReader } from './response-reader.ts';

export interface LoadTarget {
  readonly port: number;
  /** Header lines besides Host, such as `Accept: application/json`. */
  readonly headers: readonly string[];
}

interface Waiting {
  resolve(response: ReadResponse): void;
  reject(error: Error): void;
}

export class LoadConnection {
  readonly #socket: TLSSocket;
  readonly #head: string;
  readonly #reader = new ResponseReader();
  #waiting: Waiting | undefined;

  private constructor(socket: TLSSocket, target: LoadTarget) {
    this.#socket = socket;
    this.#head = ['Host: 127.0.0.1', ...target.headers, '', ''].join('\r\n');
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(target: LoadTarget): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect(
        // The contenders sign their own certificates; who answers is known without them.
        { host: '127.0.0.1', port: target.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] },
        () => {
          socket.off('error', reject);
          resolve(new LoadConnection(socket, target));
        },
      );
      socket.once('error', reject);
    });
  }

  /** One at a time. */
  get(path: string): Promise<ReadResponse> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`GET ${path} HTTP/1.1\r\n${this.#head}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    try {
      const response = this.#reader.feed(bytes);
      if (response === undefined) return;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.resolve(response);
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
