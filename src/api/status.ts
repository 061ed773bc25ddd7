// Pure: metav1.Status, the answer that says what went wrong, in the exact words of the API machinery.
import type { AccessAttributes } from '../kube/subject-access-review.ts';
import { goQuote } from '../lib/go-quote.ts';
import { mediaTypes, type Offer } from './accept.ts';
import { metricsGroup } from './request-info.ts';

export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** '' is left out. */
export interface StatusDetails {
  readonly name: string;
  readonly group: string;
  readonly kind: string;
  readonly causes: readonly StatusCause[];
}

export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  /** undefined: no details at all, which is not the same on the wire as empty ones. */
  readonly details: StatusDetails | undefined;
}

/** Thrown where a request cannot be served; the error middleware answers with its status. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(status: Status) {
    super(status.message);
    this.status = status;
  }
}

const emptyDetails: StatusDetails = { name: '', group: '', kind: '', causes: [] };

function status(code: number, reason: string, message: string, details?: Partial<StatusDetails>): Status {
  return { code, reason, message, details: details === undefined ? undefined : { ...emptyDetails, ...details } };
}

// Lettered, for rules and tests to name them (docs/metrics-api.md, M-90).

/** a: a route that is not there. */
export const routeNotFound = status(404, 'NotFound', 'the server could not find the requested resource', {});

/** b-e: an object that is not there. `resource` is `node`, `pods`, or with a group `nodemetrics`, `podmetrics`. */
export function objectNotFound(resource: string, name: string, group = ''): Status {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return status(404, 'NotFound', `${qualified} ${goQuote(name)} not found`, { name, group, kind: resource });
}

/** g: no media range of the client is among the encodings of the route. */
export function notAcceptable(available: readonly string[]): Status {
  const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(', ')}`;
  return status(406, 'NotAcceptable', message, {});
}

/** h: a media range matches, but not with what it asks besides. */
export function transformNotAcceptable({ encodings }: Offer): Status {
  return onlyAccepted(encodings.map((encoding) => mediaTypes[encoding]));
}

export function onlyAccepted(available: readonly string[]): Status {
  return status(406, 'NotAcceptable', `only the following media types are accepted: ${available.join(', ')}`);
}

/** i: a list was asked for as one object, or the other way round. `type` is upstream's name of the Go type. */
export function wrongPartialObject(wantsList: boolean, type: string): Status {
  const message = wantsList
    ? `you requested PartialObjectMetadataList, but the requested object is not a list (*metrics.${type})`
    : `you requested PartialObjectMetadata, but the requested object is a list (*metrics.${type}List)`;
  return status(406, 'NotAcceptable', message);
}

/** j: every method but GET. */
export const methodNotAllowed = status(
  405,
  'MethodNotAllowed',
  'the server does not allow this method on the requested resource',
  {},
);

/** k */
export function watchNotSupported(resource: string): Status {
  const message = `watch is not supported on resources of kind ${goQuote(`${resource}.${metricsGroup}`)}`;
  return status(405, 'MethodNotAllowed', message, { group: metricsGroup, kind: resource });
}

/** l, m, o, p: a parameter that cannot be read. */
export function badRequest(message: string): Status {
  return status(400, 'BadRequest', message);
}

/** n: list options that contradict each other. */
export function invalidListOptions(causes: readonly StatusCause[]): Status {
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  const message = `ListOptions.meta.k8s.io "" is invalid: ${text}`;
  return status(422, 'Invalid', message, { group: 'meta.k8s.io', kind: 'ListOptions', causes });
}

/** q */
export const unauthorized = status(401, 'Unauthorized', 'Unauthorized');

/** r, s: authenticated, and not allowed. `reason` is the authorizer's; '' when it gave none. */
export function forbidden(user: string, attributes: AccessAttributes, reason: string): Status {
  const end = reason === '' ? '' : `: ${reason}`;
  if ('nonResource' in attributes) {
    const { verb, path } = attributes.nonResource;
    const message = escapeHtml(`User ${goQuote(user)} cannot ${verb} path ${goQuote(path)}`);
    return status(403, 'Forbidden', `forbidden: ${message}${end}`, {});
  }
  const { verb, resource, subresource, group, namespace, name } = attributes.resource;
  const kind = subresource === '' ? resource : `${resource}/${subresource}`;
  const scope = namespace === '' ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  const message = escapeHtml(
    `User ${goQuote(user)} cannot ${verb} resource ${goQuote(kind)} in API group ${goQuote(group)} ${scope}`,
  );
  const qualified = group === '' ? resource : `${resource}.${group}`;
  const object = name === '' ? qualified : `${qualified} ${goQuote(name)}`;
  return status(403, 'Forbidden', `${object} is forbidden: ${message}${end}`, { name, group, kind: resource });
}

export function internalError(message: string): Status {
  return status(500, 'InternalError', `Internal error occurred: ${message}`, {});
}

/** Messages never look like markup, except for quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
