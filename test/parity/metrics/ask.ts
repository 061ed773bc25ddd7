// Edge: one HTTPS request, and all that came back.
import { Agent, request as httpsRequest } from 'node:https';
import { gunzipSync } from 'node:zlib';

export interface Question {
  readonly method: string;
  /** With its query, encoded. */
  readonly path: string;
  /** A header given as a list is sent several times. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
}

/** A client certificate, or none. */
export interface ClientIdentity {
  readonly cert?: string;
  readonly key?: string;
}

export interface Answer {
  readonly status: number;
  /** Names in lower case; a header that came several times has all its values, joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Inflated. */
  readonly body: Buffer;
}

const timeoutMs = 20_000;

/** Keeps the connections of one client to one server. */
export class Client implements Disposable {
  readonly #agent: Agent;
  readonly #port: number;

  /** `port` is one of 127.0.0.1; whose certificate it shows is not asked. */
  constructor(port: number, { cert, key }: ClientIdentity) {
    this.#port = port;
    const identity = cert === undefined || key === undefined ? {} : { cert, key };
    this.#agent = new Agent({ keepAlive: true, maxSockets: 8, rejectUnauthorized: false, ...identity });
  }

  /** Rejects when there is no answer at all. */
  ask({ method, path, headers, body }: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: '127.0.0.1',
          port: this.#port,
          agent: this.#agent,
          method,
          path,
          headers: headers as Record<string, string>,
          timeout: timeoutMs,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const all = Buffer.concat(chunks);
            const isZipped = response.headers['content-encoding'] === 'gzip';
            resolve({
              status: response.statusCode ?? 0,
              headers: joined(response.headersDistinct),
              body: isZipped ? gunzipSync(all) : all,
            });
          });
        },
      );
      request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      request.on('error', reject);
      request.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function joined(headers: NodeJS.Dict<string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, values = []]) => [name, values.join(', ')]));
}
