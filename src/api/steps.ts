// Flow: what every request passes before a route sees it, in this order: begin, authenticate, impersonate, limit, authorize; and what answers errors.
import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../lib/clock.ts';
import { DurationError, parseDurationMs } from '../lib/duration.ts';
import { goQuote } from '../lib/go-quote.ts';
import type { Logger } from '../lib/logger.ts';
import { negotiate, plainOffer } from './accept.ts';
import { type Answer, sendAnswer } from './answer.ts';
import { type Authentication, type Credentials, isUnauthenticated } from './authenticate.ts';
import { AccessNotReviewed, type Authorizer } from './authorize.ts';
import { type ApiRequest, type ApiResponse, acceptOf, wantsPretty } from './context.ts';
import { documentAnswer } from './document.ts';
import { healthEndpoints } from './health.ts';
import { leaveConnection } from './http2.ts';
import type { Impersonator } from './impersonate.ts';
import { namesImpersonation, readImpersonation } from './impersonation-headers.ts';
import type { InFlightRequests } from './in-flight.ts';
import type { ApiMonitor } from './monitor.ts';
import type { PeerOf } from './peer.ts';
import type { RequestInfo } from './request-info.ts';
import { createRequestReader } from './request-memory.ts';
import { badRequest, escapeHtml, forbidden, internalError, type Status, StatusError, unauthorized } from './status.ts';
import { statusDocument } from './status-encoder.ts';

/** One step. False: it has answered, and nothing goes on. Throws StatusError for a Status to be answered. */
export type Step = (request: ApiRequest, response: ApiResponse) => boolean | Promise<boolean>;

export interface BeginOptions {
  readonly clock: Clock;
  readonly monitor: ApiMonitor;
  readonly inFlight: InFlightRequests;
  /** `--request-timeout`, also the longest that a client may ask for. */
  readonly requestTimeoutMs: number;
  /** While true, connections are closed behind their answers. */
  readonly isStopping: () => boolean;
}

/** Headers that all answers have, what the request is about, and its deadline. */
export function begin({ clock, monitor, inFlight, requestTimeoutMs, isStopping }: BeginOptions): Step {
  const read = createRequestReader();
  return (request, response) => {
    const startedAtMs = clock.monotonic();
    // Nothing here reads a body; one that was sent must not be waited for.
    if (isStopping() || hasBody(request.headers)) response.shouldKeepAlive = false;
    const understood = read(request.method ?? '', request.url ?? '');
    if (understood === undefined) {
      inFlight.track(response, requestTimeoutMs);
      refuseMalformed(response);
      return false;
    }
    response.setHeader('Audit-Id', request.headersDistinct['audit-id']?.[0] || randomUUID());
    response.setHeader('Cache-Control', 'no-cache, private');
    const { target, info, attributes } = understood;
    const { locals } = response;
    locals.path = target.routedPath;
    locals.info = info;
    locals.attributes = attributes;
    locals.query = target.query;
    const resource = info.kind === 'resource' ? info.resource : '';
    response.on('close', () =>
      monitor.observeRequest({
        verb: info.verb,
        resource,
        code: response.statusCode,
        durationMs: clock.monotonic() - startedAtMs,
      }),
    );
    let timeoutMs = requestTimeoutMs;
    try {
      timeoutMs = timeoutOf(target.query, requestTimeoutMs);
    } finally {
      // Whatever the answer is, it ends: over HTTP/2 a client may leave even the shortest unread.
      inFlight.track(response, timeoutMs);
    }
    return true;
  };
}

/** What is not HTTP gets no Status. */
function refuseMalformed(response: ServerResponse): void {
  response.statusCode = 400;
  response.shouldKeepAlive = false;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end('400 Bad Request');
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

function timeoutOf(query: URLSearchParams, longestMs: number): number {
  const text = query.get('timeout') ?? '';
  if (text === '') return longestMs;
  try {
    const asked = parseDurationMs(text);
    return asked > 0 ? Math.min(asked, longestMs) : longestMs;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw new StatusError(badRequest(`invalid timeout specified in the request URL - ${error.message}`));
  }
}

/** Answers 401 unless somebody, or honestly nobody, is calling. */
export function authentication(
  authenticate: (credentials: Credentials) => Promise<Authentication>,
  peerOf: PeerOf,
  logger: Logger,
): Step {
  return async (request, response) => {
    const result = await authenticate({ headers: request.headersDistinct, peer: peerOf(request) });
    if (result.warning !== undefined) response.setHeader('Warning', `299 - ${goQuote(result.warning)}`);
    if (result.kind !== 'user' || isUnauthenticated(result.user)) await leaveConnection(request);
    if (result.kind !== 'user') {
      logger.debug('request not authenticated', {
        reason: result.kind === 'refused' ? result.reason : 'no credential',
      });
      throw new StatusError(unauthorized);
    }
    response.locals.user = result.user;
    return true;
  };
}

/** Lets the request go on as somebody else where the caller may be taken for them; answers 403 where not, and 400 to half a wish. */
export function impersonation(impersonate: Impersonator): Step {
  const goOnAs = async (request: ApiRequest, response: ApiResponse): Promise<boolean> => {
    const { attributes, user } = response.locals;
    try {
      const wanted = readImpersonation(request.headersDistinct);
      if (wanted !== undefined) response.locals.user = await impersonate(user, wanted, attributes);
    } catch (error) {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      throw error;
    }
    return true;
  };
  return (request, response) => !namesImpersonation(request.headersDistinct) || goOnAs(request, response);
}

/** Answers 429 when too much is asked at once, except to system:masters and to probes: a flood is no reason to restart us (docs/metrics-api.md, M-86). */
export function limit(inFlight: InFlightRequests): Step {
  return (request, response) => {
    // Whoever went away while being looked up gets no place: nothing would tell when to give it back.
    if (response.destroyed) return false;
    const { info, user } = response.locals;
    if (isProbe(info) || inFlight.admit(response, info.verb) || user.groups.includes('system:masters')) {
      return true;
    }
    response.setHeader('Retry-After', '1');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    return refuse(request, response, plainText(429, 'Too many requests, please try again later.\n'));
  };
}

/** Answers 403 unless the caller may do this, and 500 when nobody can say. */
export function authorization(authorize: Authorizer): Step {
  return async (request, response) => {
    const { attributes, user } = response.locals;
    try {
      const decision = await authorize(user, attributes);
      if (!decision.allowed) throw new StatusError(forbidden(user.name, attributes, decision.reason));
    } catch (error) {
      response.setHeader('X-Content-Type-Options', 'nosniff');
      if (!(error instanceof AccessNotReviewed)) throw error;
      const text = escapeHtml(`Internal Server Error: ${goQuote(request.url ?? '')}: ${error.message}`);
      return refuse(request, response, plainText(500, `${text}\n`));
    }
    return true;
  };
}

/** Their answers are short and made at once. What is below them needs permission, and so a place to wait for it. */
function isProbe(info: RequestInfo): boolean {
  return info.kind === 'path' && healthEndpoints.some((name) => info.path === `/${name}`);
}

/** Nothing goes on behind this. */
async function refuse(request: ApiRequest, response: ApiResponse, answer: Answer): Promise<false> {
  await sendAnswer(request, response, answer);
  return false;
}

function plainText(code: number, text: string): Answer {
  return { code, contentType: 'text/plain; charset=utf-8', body: Buffer.from(text) };
}

/** Answers what a step or a route threw. */
export type ErrorAnswerer = (error: unknown, request: ApiRequest, response: ApiResponse) => Promise<void>;

/** The one place that answers errors: a Status in the encoding that the client reads (docs/metrics-api.md, M-89). */
export function errorToStatus(logger: Logger): ErrorAnswerer {
  return async (error, request, response) => {
    // It ran out of time and has its answer; what was still to be looked up for it failed later.
    if (response.writableEnded) return;
    const { path } = response.locals;
    if (response.headersSent) {
      // Half an answer cannot be taken back; cutting the connection is how the client learns.
      logger.warn('answer broke off', { path, error });
      response.destroy();
      return;
    }
    const status = error instanceof StatusError ? error.status : internalError('see the log of the server');
    if (!(error instanceof StatusError)) logger.error('request failed', { path, error });
    await sendStatus(request, response, status);
  };
}

async function sendStatus(request: ApiRequest, response: ApiResponse, status: Status): Promise<void> {
  const found = negotiate(acceptOf(request), plainOffer);
  // A client that reads none of the encodings gets JSON for people.
  const pretty = found === undefined || found.pretty || wantsPretty(request, response.locals.query);
  const encoding = found?.encoding ?? 'json';
  await sendAnswer(request, response, documentAnswer(statusDocument(status), { encoding, pretty }, status.code));
}
