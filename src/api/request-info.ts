// Pure: what a request is about, in the words of authorization: a verb on a resource, or on a path that is none.
import { type FieldRequirement, parseFieldSelector } from './field-selector.ts';

/** metrics.k8s.io/v1beta1 and how it is spelled in paths. */
export const metricsGroup = 'metrics.k8s.io';
export const metricsVersion = 'v1beta1';

export interface ResourceRequest {
  readonly kind: 'resource';
  /** get, list, watch, create, update, patch, delete, deletecollection; '' for a method that is none of these. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  /** '' for cluster-scoped resources and for all namespaces. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  /** Of the path, or the one name that the field selector allows; '' for all. */
  readonly name: string;
  readonly query: URLSearchParams;
}

interface PathRequest {
  readonly kind: 'path';
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

export type RequestInfo = ResourceRequest | PathRequest;

/** A Map, because over HTTP/2 a method may be any word: `constructor` is none of these. */
const verbs: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** Reads a request the way authorizers of aggregated API servers do. `path` is decoded; it decides routes as well, so that the two agree. */
export function readRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const [prefix, group, version, ...rest] = partsOf(path);
  if (prefix !== 'apis' || group === undefined || version === undefined || rest.length === 0) {
    return { kind: 'path', verb: method.toLowerCase(), path };
  }
  // `/apis/GROUP/VERSION/watch/…`, from before watch was a parameter.
  const viaPath = oldVerbs.has(rest[0] ?? '') && rest.length > 1;
  const target = readTarget(viaPath ? rest.slice(1) : rest);
  const verb = (viaPath ? rest[0] : verbs.get(method)) ?? '';
  if (target.name !== '') return { kind: 'resource', verb, group, version, ...target, query };
  const name = verb === 'get' ? selectedName(query) : '';
  return { kind: 'resource', verb: collectionVerb(verb, query), group, version, ...target, name, query };
}

/** Without the empty parts at both ends. No regular expression: `/\/+$/` takes quadratic time for slashes that are not at the end, and anybody may send them. */
function partsOf(path: string): readonly string[] {
  const parts = path.split('/');
  const first = parts.findIndex((part) => part !== '');
  return first < 0 ? [] : parts.slice(first, parts.findLastIndex((part) => part !== '') + 1);
}

const oldVerbs = new Set(['watch', 'proxy']);

type Target = Pick<ResourceRequest, 'namespace' | 'resource' | 'name' | 'subresource'>;

function readTarget(parts: readonly string[]): Target {
  const { namespace, rest } = splitNamespace(parts);
  const [resource = '', name = '', subresource = ''] = rest;
  return { namespace, resource, name, subresource };
}

const namespaceSubresources = new Set(['status', 'finalize']);

/** `namespaces/NS/RESOURCE/…`; `namespaces/NS`, alone or with a subresource of its own, is the namespace itself. */
function splitNamespace(parts: readonly string[]): { namespace: string; rest: readonly string[] } {
  const [first, namespace, resource] = parts;
  if (first !== 'namespaces' || namespace === undefined) return { namespace: '', rest: parts };
  const isNamespace = resource === undefined || namespaceSubresources.has(resource);
  return { namespace, rest: isNamespace ? parts : parts.slice(2) };
}

function collectionVerb(verb: string, query: URLSearchParams): string {
  if (verb === 'delete') return 'deletecollection';
  if (verb !== 'get') return verb;
  return isTrue(query.get('watch')) ? 'watch' : 'list';
}

/** A boolean parameter is true unless it is missing, `false` or `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}

function selectedName(query: URLSearchParams): string {
  const text = query.get('fieldSelector');
  if (text === null) return '';
  const name = exactName(parseFieldSelector(text).requirements ?? []);
  return name === undefined || name.includes('/') || name.includes('%') || name === '.' || name === '..' ? '' : name;
}

function exactName(requirements: readonly FieldRequirement[]): string | undefined {
  return requirements.find(({ field, equal }) => field === 'metadata.name' && equal)?.value;
}
