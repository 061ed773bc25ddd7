// Edge: asks a contender's Metrics API, as the benchmark itself needs it; measured requests are made by load-process.ts.
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { json, text } from 'node:stream/consumers';

const timeoutMs = 60_000;
export const apiPath = '/apis/metrics.k8s.io/v1beta1';

export interface ServedItem {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly timestamp: string;
  readonly window: string;
}

export interface ServedPod extends ServedItem {
  readonly containers: readonly {
    readonly name: string;
    readonly usage: { readonly cpu: string; readonly memory: string };
  }[];
}

export class MetricsApi implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, rejectUnauthorized: false, maxSockets: 1 });
  readonly #port: number;
  readonly #token: string;

  constructor(port: number, token: string) {
    this.#port = port;
    this.#token = token;
  }

  /** The parsed body of a 200; undefined for any other answer, and when there is none. */
  async get<T>(path: string): Promise<T | undefined> {
    return (await this.#ask(path, json)) as T | undefined;
  }

  /** What the server tells about itself. Throws when it does not. */
  async selfMetrics(): Promise<string> {
    const page = await this.#ask('/metrics', text);
    if (page === undefined) throw new Error('the Metrics API does not answer GET /metrics');
    return page;
  }

  #ask<T>(path: string, read: (response: IncomingMessage) => Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const headers = { authorization: `Bearer ${this.#token}`, accept: 'application/json, text/plain' };
      const url = `https://127.0.0.1:${this.#port}${path}`;
      const asked = request(url, { agent: this.#agent, headers, timeout: timeoutMs }, (response) => {
        if (response.statusCode !== 200) {
          response.resume().once('close', () => resolve(undefined));
          return;
        }
        read(response).then(resolve, () => resolve(undefined));
      });
      asked.on('timeout', () => asked.destroy());
      asked.on('error', () => resolve(undefined));
      asked.end();
    });
  }

  async podMetrics(): Promise<readonly ServedPod[]> {
    return (await this.get<{ items: readonly ServedPod[] }>(`${apiPath}/pods`))?.items ?? [];
  }

  async nodeMetrics(): Promise<readonly ServedItem[]> {
    return (await this.get<{ items: readonly ServedItem[] }>(`${apiPath}/nodes`))?.items ?? [];
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

export function podPath({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${apiPath}/namespaces/${namespace}/pods/${name}`;
}
