// Edge: reads from the API server, and from whatever else trusts the administrator, as the benchmark itself needs it.
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';
import type { ControlPlane } from '../test/cluster/control-plane.ts';

export interface WatchEvent<T> {
  readonly type: string;
  readonly object: T;
}

export class ApiReader implements Disposable {
  readonly #agent: Agent;
  readonly #serverUrl: string;

  constructor({ credentials: { admin }, serverUrl }: ControlPlane) {
    // Only ports of loopback that this run has chosen itself are asked.
    this.#agent = new Agent({
      keepAlive: true,
      cert: admin.certificatePem,
      key: admin.keyPem,
      rejectUnauthorized: false,
    });
    this.#serverUrl = serverUrl;
  }

  async get<T>(path: string): Promise<T> {
    return (await json(await this.#answer(`${this.#serverUrl}${path}`))) as T;
  }

  /** The text of `/metrics` at the server with this URL; default the API server. */
  async metrics(serverUrl: string = this.#serverUrl): Promise<string> {
    return await text(await this.#answer(`${serverUrl}/metrics`));
  }

  /** Calls `onEvent` for every change after `resourceVersion` until the signal aborts. Rejects when the watch cannot begin. */
  async watch<T>(
    path: string,
    resourceVersion: string,
    onEvent: (event: WatchEvent<T>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const query = `watch=true&resourceVersion=${resourceVersion}&timeoutSeconds=3600`;
    const answer = await this.#answer(`${this.#serverUrl}${path}?${query}`, signal);
    const lines = createInterface({ input: answer });
    lines.on('line', (line) => onEvent(JSON.parse(line) as WatchEvent<T>));
    // Both tell that the signal has ended it.
    for (const each of [answer, lines]) each.on('error', () => undefined);
  }

  #answer(url: string, signal?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request(url, { agent: this.#agent, ...(signal === undefined ? {} : { signal }) }, (response) => {
        if (response.statusCode === 200) {
          resolve(response);
          return;
        }
        response.resume();
        reject(new Error(`GET ${url}: ${response.statusCode}`));
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
