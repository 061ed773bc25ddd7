// Edge: the few calls to the API server that the simulation makes, on behalf of the kubeconfig's user.
// Deliberately not the program's own client: a bug there must not also stand in the test bed.
import { readFileSync } from 'node:fs';
import type { KubeConfig } from '@kubernetes/client-node';
import { Agent } from 'undici';

export interface SimApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** The API server answered with something else than 2xx. */
export class SimApiError extends Error {
  override readonly name = 'SimApiError';
  readonly status: number;

  constructor(request: SimApiRequest, status: number, text: string) {
    super(`${request.method} ${request.path} was answered ${status}: ${text.slice(0, 300)}`);
    this.status = status;
  }
}

export class SimApiClient {
  readonly #origin: string;
  readonly #authorization: string | undefined;
  readonly #agent: Agent;

  constructor(config: KubeConfig) {
    const cluster = config.getCurrentCluster();
    const user = config.getCurrentUser();
    if (!cluster) throw new RangeError('the kubeconfig has no current cluster');
    this.#origin = cluster.server;
    this.#authorization = user?.token === undefined ? undefined : `Bearer ${user.token}`;
    const ca = pem(cluster.caData, cluster.caFile);
    const cert = pem(user?.certData, user?.certFile);
    const key = pem(user?.keyData, user?.keyFile);
    this.#agent = new Agent({
      connections: 16,
      bodyTimeout: 0,
      connect: {
        rejectUnauthorized: !cluster.skipTLSVerify,
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined || key === undefined ? {} : { cert, key }),
      },
    });
  }

  /** The parsed answer; throws SimApiError when it is not 2xx. */
  async request<T>(request: SimApiRequest): Promise<T> {
    const { body } = await this.#send(request);
    return (await body.json()) as T;
  }

  /** The body as it arrives; throws SimApiError when the answer is not 2xx. */
  async stream(request: SimApiRequest): Promise<AsyncIterable<Uint8Array>> {
    return (await this.#send(request)).body;
  }

  /** Aborts what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #send(request: SimApiRequest): Promise<Awaited<ReturnType<Agent['request']>>> {
    const answer = await this.#agent.request({
      origin: this.#origin,
      method: request.method,
      path: request.path,
      ...(request.query === undefined ? {} : { query: request.query }),
      headers: {
        accept: 'application/json',
        'user-agent': 'headroom-simulated-kubelets',
        ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    if (answer.statusCode < 200 || answer.statusCode > 299) {
      throw new SimApiError(request, answer.statusCode, await answer.body.text());
    }
    return answer;
  }
}

function pem(base64: string | undefined, file: string | undefined): string | undefined {
  if (base64 !== undefined) return Buffer.from(base64, 'base64').toString();
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}
