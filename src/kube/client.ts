// Edge: requests to the API server. Authentication, rate limit, deadlines, retries and errors in one place.
import type { Dispatcher } from 'undici';
import { type Clock, DeadlineExceeded } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { type ApiStatusError, errorOfResponse } from './api-status-error.ts';
import { Connection } from './connection.ts';
import { Contact } from './contact.ts';
import type { KubeAccess } from './kube-access.ts';
import type { KubeMonitor } from './monitor.ts';
import { protobufMediaType, statusOfProtobuf } from './protobuf-codec.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { ApiClient, ApiRequest, ApiStream, RequestBudget } from './types.ts';
import { untilAborted } from './until-aborted.ts';

export interface ApiClientOptions {
  readonly kubeConfig: KubeAccess;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly userAgent: string;
  /** Requests per second in the long run; negative: no limit. Watches are free. */
  readonly qps: number;
  /** Requests at once after a quiet time. */
  readonly burst: number;
  readonly monitor?: KubeMonitor | undefined;
  /** Shared by clients of one API server, so that its going away is told once; default one of its own. */
  readonly contact?: Contact | undefined;
}

/** An ApiClient that can be ended. */
export interface ClosableApiClient extends ApiClient {
  /** What may still be sent within the rate limit. */
  readonly budget: RequestBudget;
  /** Ends all connections, also those in use. */
  close(): Promise<void>;
}

const defaultDeadlineMs = 30_000;

/** As client-go: so many further attempts when the server says Retry-After, or when a GET loses its connection. */
const maxRetries = 10;
const lostConnectionRetryMs = 1_000;

/** A client of the API server that the kubeconfig names. Its errors are those that ApiClient promises. */
export function createApiClient(options: ApiClientOptions): ClosableApiClient {
  return new UndiciApiClient(options);
}

type Answer = Dispatcher.ResponseData;

/** How long undici may wait for the head of an answer, and then for each further part of it. */
interface Waits {
  readonly headersMs: number;
  /** 0: for ever. */
  readonly bodyMs: number;
}

class UndiciApiClient implements ClosableApiClient {
  readonly #connection: Connection;
  readonly #limiter: RateLimiter;
  readonly #contact: Contact;
  readonly #clock: Clock;
  readonly #monitor: KubeMonitor | undefined;
  readonly #userAgent: string;
  readonly #never = new AbortController().signal;

  constructor({ kubeConfig, clock, logger, userAgent, qps, burst, monitor, contact }: ApiClientOptions) {
    this.#connection = new Connection(kubeConfig, clock);
    this.#limiter = new RateLimiter({ clock, qps, burst });
    this.#contact = contact ?? new Contact(clock, logger);
    this.#clock = clock;
    this.#monitor = monitor;
    this.#userAgent = userAgent;
  }

  get budget(): RequestBudget {
    return this.#limiter;
  }

  async request<T>(request: ApiRequest): Promise<T> {
    const deadlineMs = request.deadlineMs ?? defaultDeadlineMs;
    if (request.isPrepaid !== true) await this.#throttle(request);
    const signal = this.#clock.deadline(deadlineMs, request.signal);
    const answer = await this.#exchange(request, signal, { headersMs: deadlineMs, bodyMs: deadlineMs });
    const body = await this.#bytes(request, answer);
    const decode = request.decode ?? parseJson;
    try {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- T is the caller's word for what it is about to read with care
      return decode(body, headerText(answer, 'content-type')) as T;
    } catch (error) {
      if (error instanceof HeadroomError) throw error;
      throw failure(request, `the answer is not JSON: ${errorMessage(error)}`, error);
    }
  }

  async stream(request: ApiRequest): Promise<ApiStream> {
    await this.#throttle(request);
    const waits = { headersMs: request.deadlineMs ?? defaultDeadlineMs, bodyMs: request.idleTimeoutMs ?? 0 };
    const answer = await this.#exchange(request, request.signal ?? this.#never, waits);
    return {
      contentType: headerText(answer, 'content-type'),
      [Symbol.asyncIterator]: () => answer.body[Symbol.asyncIterator](),
    };
  }

  async close(): Promise<void> {
    await this.#connection.close();
  }

  /** Sends until the answer is 2xx, or one that is worth no further attempt. */
  async #exchange(request: ApiRequest, signal: AbortSignal, waits: Waits): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      if (attempt > 1) await this.#throttle(request);
      const outcome = await this.#attempt(request, signal, waits);
      if ('answer' in outcome) return outcome.answer;
      if (outcome.retryAfterMs === undefined || attempt > maxRetries) throw outcome.error;
      await this.#clock.sleep(outcome.retryAfterMs, signal);
      if (signal.aborted) throw outcome.error;
    }
  }

  async #attempt(
    request: ApiRequest,
    signal: AbortSignal,
    waits: Waits,
  ): Promise<{ answer: Answer } | { error: HeadroomError; retryAfterMs: number | undefined }> {
    const startedAtMs = this.#clock.monotonic();
    const observe = (code: string): void =>
      this.#monitor?.requestFinished(request.method, code, (this.#clock.monotonic() - startedAtMs) / 1000);
    try {
      const answer = await this.#send(request, signal, waits);
      this.#contact.answered();
      observe(String(answer.statusCode));
      if (answer.statusCode >= 200 && answer.statusCode < 300) return { answer };
      const error = await this.#statusError(request, answer);
      return { error, retryAfterMs: retryAfterMs(error) };
    } catch (error) {
      observe('none');
      const failed = this.#noAnswer(request, error);
      const retry = request.method === 'GET' && isConnectionLost(error);
      return { error: failed, retryAfterMs: retry ? lostConnectionRetryMs : undefined };
    }
  }

  async #send(request: ApiRequest, signal: AbortSignal, { headersMs, bodyMs }: Waits): Promise<Answer> {
    const { dispatcher, headers } = await this.#connection.current();
    signal.throwIfAborted();
    const hasBody = request.body !== undefined;
    const answer = dispatcher.request({
      origin: this.#connection.origin,
      path: this.#connection.pathPrefix + pathWithQuery(request),
      method: request.method,
      headers: {
        ...headers,
        'user-agent': this.#userAgent,
        accept: request.accept ?? 'application/json',
        ...(hasBody ? { 'content-type': request.contentType ?? 'application/json' } : {}),
      },
      body: hasBody ? JSON.stringify(request.body) : null,
      signal,
      headersTimeout: headersMs,
      bodyTimeout: bodyMs,
    });
    // undici looks at the signal when a connection has been made, which may take ten seconds longer than the caller has.
    return await untilAborted(answer, signal);
  }

  async #statusError(request: ApiRequest, answer: Answer): Promise<ApiStatusError> {
    if (answer.statusCode === 401) this.#connection.expire();
    const retryAfter = Number.parseInt(headerText(answer, 'retry-after') ?? '', 10);
    const contentType = headerText(answer, 'content-type');
    const body = await this.#bytes(request, answer);
    return errorOfResponse(request, {
      httpStatus: answer.statusCode,
      contentType,
      retryAfterSeconds: Number.isNaN(retryAfter) ? undefined : retryAfter,
      body: textOfBytes(body),
      status: contentType === protobufMediaType ? statusOfProtobuf(body) : undefined,
    });
  }

  async #bytes(request: ApiRequest, answer: Answer): Promise<Uint8Array> {
    try {
      return await answer.body.bytes();
    } catch (error) {
      throw this.#noAnswer(request, error);
    }
  }

  /** The error of a request without an answer. One that the caller gave up says nothing about the API server. */
  #noAnswer(request: ApiRequest, error: unknown): HeadroomError {
    if (error instanceof HeadroomError) return error;
    if (request.signal?.aborted === true) return failure(request, 'given up', error);
    this.#contact.failed(error);
    return failure(request, reasonOf(error), error);
  }

  async #throttle(request: ApiRequest): Promise<void> {
    if (request.unthrottled === true) return;
    const startedAtMs = this.#clock.monotonic();
    try {
      const priority = request.priority ?? (request.method === 'GET' ? 'read' : 'write');
      await this.#limiter.acquire(priority, request.signal ?? this.#never);
    } catch (error) {
      throw failure(request, 'given up while waiting for the rate limit', error);
    }
    this.#monitor?.requestThrottled(request.method, (this.#clock.monotonic() - startedAtMs) / 1000);
  }
}

function parseJson(body: Uint8Array): unknown {
  return body.length === 0 ? undefined : JSON.parse(textOfBytes(body));
}

function textOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function failure(request: ApiRequest, what: string, cause: unknown): HeadroomError {
  return new HeadroomError('API_REQUEST_FAILED', `${request.method} ${request.path}: ${what}`, { cause });
}

/** The innermost cause says what happened: `connect ECONNREFUSED 127.0.0.1:6443` instead of `fetch failed`. */
function reasonOf(error: unknown): string {
  if (error instanceof DeadlineExceeded) return error.message;
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return errorMessage(deepest);
}

/** client-go checkWait: 429 and every 5xx, only when the header says how long. */
function retryAfterMs(error: ApiStatusError): number | undefined {
  if (error.httpStatus !== 429 && error.httpStatus < 500) return undefined;
  return error.retryAfterHeaderSeconds === undefined ? undefined : error.retryAfterHeaderSeconds * 1000;
}

const lostConnectionCodes = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** The server closed a connection that we had just chosen; refused connections and time-outs are something else. */
function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && lostConnectionCodes.has(String(error.code));
}

function headerText(answer: Answer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function pathWithQuery({ path, query }: ApiRequest): string {
  const parameters = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  return parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters).toString()}`;
}
