// Flow: NodeMetrics and PodMetrics, one or many, in the form asked for.
import { LruMap } from '../kube/lru-map.ts';
import type { Clock } from '../lib/clock.ts';
import { mediaTypes, namesAny, negotiate, objectOffer, plainMediaTypes, type Representation } from './accept.ts';
import { sendAnswer } from './answer.ts';
import { type ApiRequest, type ApiResponse, acceptOf, wantsPretty } from './context.ts';
import { PodListEncoder } from './json-list.ts';
import { readListOptions } from './list-options.ts';
import {
  getNodeMetrics,
  getPodMetrics,
  listNodeMetrics,
  listPodMetrics,
  type MetricsSources,
} from './metrics-query.ts';
import { listAnswer, objectAnswer, type RenderOptions } from './representation.ts';
import { isTrue, metricsGroup, metricsVersion } from './request-info.ts';
import { badRequest, methodNotAllowed, notAcceptable, StatusError, transformNotAcceptable } from './status.ts';

/** Answers one request. */
type Route = (request: ApiRequest, response: ApiResponse) => Promise<void>;

/** The route of a path, for all methods; undefined when it is none of nodes and pods. */
export type MetricsRouter = (path: string) => Route | undefined;

const root = `/apis/${metricsGroup}/${metricsVersion}/`;
/** Lists could stream if watches were served, so errors list that too. */
const listMediaTypes = [
  ...plainMediaTypes,
  ...[mediaTypes.json, mediaTypes.protobuf].map((mediaType) => `${mediaType};stream=watch`),
];

/** `pods`, `namespaces/NS/pods`, `namespaces/NS/pods/NAME`, `nodes`, `nodes/NAME` below the root of the API (docs/metrics-api.md, M-51). */
export function createMetricsRouter(clock: Clock, sources: MetricsSources): MetricsRouter {
  const metrics = createMetricsHandlers(clock, sources);
  return (path) => (path.startsWith(root) ? routeOf(path.slice(root.length).split('/'), metrics) : undefined);
}

function routeOf(parts: readonly string[], metrics: MetricsHandlers): Route | undefined {
  const [resource, name] = parts;
  switch (parts.length) {
    case 1:
      if (resource === 'pods') return reading(listMediaTypes, (...call) => metrics.listPods(...call, ''));
      return resource === 'nodes' ? reading(listMediaTypes, metrics.listNodes) : undefined;
    case 2:
      if (resource !== 'nodes' || name === undefined || name === '') return undefined;
      return reading(plainMediaTypes, (...call) => metrics.getNode(...call, name));
    default:
      return resource === 'namespaces' ? namespacedRoute(parts.slice(1), metrics) : undefined;
  }
}

/** `NS/pods` and `NS/pods/NAME`; the namespace may be empty. */
function namespacedRoute(parts: readonly string[], metrics: MetricsHandlers): Route | undefined {
  const [namespace = '', resource, name] = parts;
  if (resource !== 'pods' || name === '' || parts.length > 3) return undefined;
  return name === undefined
    ? reading(listMediaTypes, (...call) => metrics.listPods(...call, namespace))
    : reading(plainMediaTypes, (...call) => metrics.getPod(...call, namespace, name));
}

/** Reads only: other methods are refused, and clients that name none of the media types. */
export function refuseUnlessReadable(request: ApiRequest, available: readonly string[]): void {
  if (request.method !== 'GET') throw new StatusError(methodNotAllowed);
  if (!namesAny(acceptOf(request), available)) throw new StatusError(notAcceptable(available));
}

function reading(available: readonly string[], handler: Route): Route {
  return async (request, response) => {
    refuseUnlessReadable(request, available);
    await handler(request, response);
  };
}

interface MetricsHandlers {
  readonly listNodes: Route;
  readonly getNode: (request: ApiRequest, response: ApiResponse, name: string) => Promise<void>;
  /** Namespace '' means all. */
  readonly listPods: (request: ApiRequest, response: ApiResponse, namespace: string) => Promise<void>;
  readonly getPod: (request: ApiRequest, response: ApiResponse, namespace: string, name: string) => Promise<void>;
}

/** Clients send the same few headers all the time. A stranger's are read anew. */
const negotiated = new LruMap<Representation>(64);
const longestRemembered = 256;

function negotiateObject(accept: string): Representation | undefined {
  const known = negotiated.get(accept);
  if (known !== undefined) return known;
  const representation = negotiate(accept, objectOffer);
  if (representation !== undefined && accept.length <= longestRemembered) negotiated.set(accept, representation);
  return representation;
}

function createMetricsHandlers(clock: Clock, sources: MetricsSources): MetricsHandlers {
  const podLists = new PodListEncoder();
  const renderOptions = (request: ApiRequest, response: ApiResponse): RenderOptions => {
    const { query } = response.locals;
    const representation = negotiateObject(acceptOf(request) ?? '');
    if (representation === undefined) throw new StatusError(transformNotAcceptable(objectOffer));
    return {
      representation: { ...representation, pretty: representation.pretty || wantsPretty(request, query) },
      includeObject: query.get('includeObject') ?? '',
      nowMs: clock.now(),
      podLists,
    };
  };
  return {
    listNodes: async (request, response) => {
      const render = renderOptions(request, response);
      const list = listNodeMetrics(sources, readListOptions('nodes', response.locals.query), render.nowMs);
      await sendAnswer(request, response, await listAnswer('NodeMetrics', list, render));
    },
    getNode: async (request, response, name) => {
      const render = renderOptions(request, response);
      refuseExport(response.locals.query);
      await sendAnswer(request, response, objectAnswer(getNodeMetrics(sources, name, render.nowMs), render));
    },
    listPods: async (request, response, namespace) => {
      const render = renderOptions(request, response);
      const list = listPodMetrics(sources, namespace, readListOptions('pods', response.locals.query), render.nowMs);
      await sendAnswer(request, response, await listAnswer('PodMetrics', list, render));
    },
    getPod: async (request, response, namespace, name) => {
      const render = renderOptions(request, response);
      refuseExport(response.locals.query);
      await sendAnswer(request, response, objectAnswer(getPodMetrics(sources, namespace, name, render.nowMs), render));
    },
  };
}

/** A parameter of old, which is refused rather than ignored. */
function refuseExport(query: URLSearchParams): void {
  if (!isTrue(query.get('export'))) return;
  throw new StatusError(badRequest('the export parameter, deprecated since v1.14, is no longer supported'));
}
