// Pure: what the API server says when it says no, in the words that client-go's errors have, because users read them in conditions and events.
import { HeadroomError } from '../lib/errors.ts';
import { goQuote } from '../lib/go-quote.ts';
import { arrayOf, type Fields, fieldsOf, textOf } from './raw-object.ts';

/** metav1.StatusDetails, as sent. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

/** metav1.Status, as sent. */
export interface StatusBody {
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** The API server answered, and the answer is a failure. `message` is the text that client-go's error would have. */
export class ApiStatusError extends HeadroomError {
  override readonly name = 'ApiStatusError';
  readonly httpStatus: number;
  /** metav1.StatusReason; '' when unknown. */
  readonly reason: string;
  readonly statusMessage: string;
  readonly details: StatusDetails | undefined;
  /** From the Retry-After header, else from the details; undefined when neither says so. */
  readonly retryAfterSeconds: number | undefined;
  /** From the Retry-After header alone: what decides whether the client itself tries again. */
  readonly retryAfterHeaderSeconds: number | undefined;

  constructor(status: StatusBody, retryAfterHeaderSeconds?: number) {
    const httpStatus = status.code ?? 0;
    const message = status.message ?? '';
    super('API_STATUS', message, { retryable: isRetryableStatus(httpStatus) });
    this.httpStatus = httpStatus;
    this.reason = status.reason ?? '';
    this.statusMessage = message;
    this.details = status.details;
    this.retryAfterHeaderSeconds = retryAfterHeaderSeconds;
    this.retryAfterSeconds = retryAfterHeaderSeconds ?? status.details?.retryAfterSeconds;
  }
}

/** What of a request shows in the text of an error. */
export interface FailedRequest {
  readonly method: string;
  readonly path: string;
}

/** What of a response shows in the text of an error. `body` is its text; `status` is what that says, for one that is no text. */
export interface FailedResponse {
  readonly httpStatus: number;
  readonly contentType: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly body: string;
  readonly status?: StatusBody | undefined;
}

/** The error of a response that is not 2xx: its Status when the body is one, else client-go's words for that HTTP status. */
export function errorOfResponse(request: FailedRequest, response: FailedResponse): ApiStatusError {
  const status = response.status ?? parseStatus(response.body);
  if (status !== undefined) {
    return new ApiStatusError({ ...status, code: status.code ?? response.httpStatus }, response.retryAfterSeconds);
  }
  return new ApiStatusError(genericStatus(request, response), response.retryAfterSeconds);
}

export function isNotFound(error: unknown): error is ApiStatusError {
  return hasReason(error, ['NotFound'], 404);
}

/** The object changed since it was read. An object that exists already is no conflict, although its HTTP status is the same. */
export function isConflict(error: unknown): error is ApiStatusError {
  return hasReason(error, ['Conflict'], 409);
}

export function isAlreadyExists(error: unknown): error is ApiStatusError {
  return error instanceof ApiStatusError && error.reason === 'AlreadyExists';
}

/** The resourceVersion or continue token is too old: list again. */
export function isGone(error: unknown): error is ApiStatusError {
  return hasReason(error, ['Gone', 'Expired'], 410);
}

export function isForbidden(error: unknown): error is ApiStatusError {
  return hasReason(error, ['Forbidden'], 403);
}

/** The server has not reached that resourceVersion yet, or never will (a restored backup): list again. */
export function isResourceVersionTooLarge(error: unknown): error is ApiStatusError {
  return (
    error instanceof ApiStatusError &&
    error.details?.causes?.some((cause) => cause.reason === 'ResourceVersionTooLarge') === true
  );
}

/** A NotFound in the API server's words, for an object that a cache knows to be missing: `deployments.apps "web" not found`. */
export function notFound(
  resource: { readonly group: string; readonly resource: string },
  name: string,
): ApiStatusError {
  return new ApiStatusError({
    status: 'Failure',
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource.resource, resource.group)} ${goQuote(name)} not found`,
    details: { name, group: resource.group, kind: resource.resource },
  });
}

function hasReason(error: unknown, reasons: readonly string[], httpStatus: number): error is ApiStatusError {
  if (!(error instanceof ApiStatusError)) return false;
  return reasons.includes(error.reason) || (error.reason === '' && error.httpStatus === httpStatus);
}

function isRetryableStatus(httpStatus: number): boolean {
  return httpStatus === 409 || httpStatus === 410 || httpStatus === 429 || httpStatus >= 500;
}

function parseStatus(body: string): StatusBody | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const raw: unknown = JSON.parse(body);
    const { kind, status } = fieldsOf(raw);
    return kind === 'Status' && status === 'Failure' ? readStatus(raw) : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a metav1.Status that have the type they should have. */
export function readStatus(raw: unknown): StatusBody {
  const { message, reason, code, details } = fieldsOf(raw);
  return {
    status: 'Failure',
    message: textOf(message),
    reason: textOf(reason),
    ...(typeof code === 'number' ? { code } : {}),
    ...(details === undefined ? {} : { details: readDetails(fieldsOf(details)) }),
  };
}

function readDetails({ name, group, kind, uid, causes, retryAfterSeconds }: Fields): StatusDetails {
  return {
    name: textOf(name),
    group: textOf(group),
    kind: textOf(kind),
    uid: textOf(uid),
    causes: arrayOf(causes).map((raw) => {
      const cause = fieldsOf(raw);
      return { reason: textOf(cause['reason']), message: textOf(cause['message']), field: textOf(cause['field']) };
    }),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  };
}

// apimachinery pkg/api/errors NewGenericServerResponse: what each HTTP status means when the body does not say.
// undefined as message: the body itself is the message.
const genericMeanings: ReadonlyMap<number, { readonly reason: string; readonly message: string | undefined }> = new Map(
  [
    [400, { reason: 'BadRequest', message: 'the server rejected our request for an unknown reason' }],
    [401, { reason: 'Unauthorized', message: 'the server has asked for the client to provide credentials' }],
    [403, { reason: 'Forbidden', message: undefined }],
    [404, { reason: 'NotFound', message: 'the server could not find the requested resource' }],
    [405, { reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' }],
    [406, { reason: 'NotAcceptable', message: undefined }],
    [409, { reason: 'Conflict', message: 'the server reported a conflict' }],
    [415, { reason: 'UnsupportedMediaType', message: undefined }],
    [422, { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' }],
    [
      429,
      {
        reason: 'TooManyRequests',
        message: 'the server has received too many requests and has asked us to try again later',
      },
    ],
    [503, { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' }],
    [
      504,
      {
        reason: 'Timeout',
        message:
          'the server was unable to return a response in the time allotted, but may still be processing the request',
      },
    ],
  ],
);

/** client-go keeps this much of a body that is no Status. */
const maxBodyBytes = 2048;

function genericStatus(request: FailedRequest, response: FailedResponse): StatusBody {
  const { httpStatus } = response;
  const text = isText(response.contentType)
    ? Buffer.from(response.body).subarray(0, maxBodyBytes).toString().trim()
    : 'unknown';
  const { reason, message } = genericMeaning(request.method, httpStatus, text);
  const about = objectOfPath(request.path);
  const suffix =
    about === undefined
      ? ''
      : ` (${[request.method.toLowerCase(), about.resource, about.name].filter(Boolean).join(' ')})`;
  return { status: 'Failure', code: httpStatus, reason, message: `${message}${suffix}` };
}

function genericMeaning(method: string, httpStatus: number, text: string): { reason: string; message: string } {
  const meaning = genericMeanings.get(httpStatus);
  if (meaning === undefined) {
    return httpStatus >= 500
      ? {
          reason: 'InternalError',
          message: `an error on the server (${goQuote(text)}) has prevented the request from succeeding`,
        }
      : {
          reason: '',
          message: `the server responded with the status code ${httpStatus} but did not return more information`,
        };
  }
  if (httpStatus === 406 && (text === '' || text === 'unknown')) {
    const message = 'the server was unable to respond with a content type that the client supports';
    return { reason: meaning.reason, message };
  }
  const reason = httpStatus === 409 && method === 'POST' ? 'AlreadyExists' : meaning.reason;
  return { reason, message: meaning.message ?? text };
}

/** The resource (`deployments.apps`) and object that an API path is about; undefined for paths of discovery. */
function objectOfPath(path: string): { resource: string; name: string | undefined } | undefined {
  const [root, ...rest] = path.split('/').filter(Boolean);
  const group = root === 'apis' ? rest.shift() : '';
  rest.shift(); // the version
  const parts = rest[0] === 'namespaces' && rest.length > 2 ? rest.slice(2) : rest;
  const [resource, name, subresource] = parts;
  if (resource === undefined) return undefined;
  return {
    // client-go's scale client serves all groups and knows none of them.
    resource: subresource === 'scale' ? resource : qualified(resource, group ?? ''),
    name: name === undefined ? undefined : decodeURIComponent(name),
  };
}

function qualified(resource: string, group: string): string {
  return group === '' ? resource : `${resource}.${group}`;
}

function isText(contentType: string | undefined): boolean {
  return contentType === undefined || contentType.startsWith('text/');
}
