// Flow: what is answered at which path. Read createRoutes from top to bottom; the first match answers.
import { type Express, Router } from 'express';
import type { Registry } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import {
  acceptsAny,
  type Encoding,
  mediaTypes,
  negotiate,
  objectTransforms,
  parseAccept,
  type Representation,
} from './accept.ts';
import { type Answer, sendAnswer } from './answer.ts';
import { type Handler, wantsPretty } from './context.ts';
import { createDiscoveryRoutes } from './discovery-routes.ts';
import { indentJson } from './go-json.ts';
import { type HealthChecks, type HealthEndpoint, type HealthText, summarize, summarizeOne } from './health.ts';
import { readListOptions } from './list-options.ts';
import {
  getNodeMetrics,
  getPodMetrics,
  listNodeMetrics,
  listPodMetrics,
  type MetricsSources,
} from './metrics-query.ts';
import { RenderCache } from './render-cache.ts';
import { listAnswer, objectAnswer, type RenderOptions } from './representation.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';
import { methodNotAllowed, notAcceptable, routeNotFound, StatusError, transformNotAcceptable } from './status.ts';

export type VersionInfo = Readonly<Record<string, string>>;

export interface RouteOptions {
  readonly clock: Clock;
  readonly sources: MetricsSources;
  readonly health: HealthChecks;
  readonly registry: Registry;
  readonly versionInfo: VersionInfo;
  /** Host and port as clients should use them, for discovery: `:443`. */
  readonly serverAddress: () => string;
}

const root = `/apis/${metricsGroup}/${metricsVersion}`;
const encodings: readonly Encoding[] = ['json', 'protobuf'];
const available = encodings.map((encoding) => mediaTypes[encoding]);

/** Adds all routes to `app`. */
export function addRoutes(app: Express, options: RouteOptions): void {
  const metrics = createMetricsHandlers(options);
  // Reads only: GET has a handler, everything else that is sent to a known path is 405.
  const read = (path: string, handler: Handler): void => {
    app.route(path).head(refuseMethod).get(handler).all(refuseMethod);
  };

  read(`${root}/namespaces/:namespace/pods/:name`, metrics.getPod);
  read(`${root}/namespaces/:namespace/pods`, metrics.listPods);
  read(`${root}/pods`, metrics.listPods);
  read(`${root}/nodes/:name`, metrics.getNode);
  read(`${root}/nodes`, metrics.listNodes);
  read(`${root}/namespaces//pods`, metrics.listPods);
  app.use(createDiscoveryRoutes(read, options.serverAddress, options.versionInfo));
  app.use(`/apis/${metricsGroup}`, refuseRoute);

  for (const endpoint of ['readyz', 'livez', 'healthz'] as const) app.use(createHealthRoutes(endpoint, options.health));
  app.get('/metrics', createSelfMetrics(options.registry));
  read('/version', createVersion(options.versionInfo));
  app.use(createIndex(options.health));
}

const refuseMethod: Handler = () => {
  throw new StatusError(methodNotAllowed);
};

const refuseRoute: Handler = () => {
  throw new StatusError(routeNotFound);
};

function createSelfMetrics(registry: Registry): Handler {
  return async (request, response) => {
    const body = Buffer.from(await registry.metrics());
    await sendAnswer(request, response, { code: 200, contentType: registry.contentType, body });
  };
}

function createVersion(versionInfo: VersionInfo): Handler {
  const answer = jsonText(200, JSON.stringify(versionInfo));
  return async (request, response) => {
    await sendAnswer(request, response, answer);
  };
}

function jsonText(code: number, json: string): Answer {
  return { code, contentType: mediaTypes.json, body: Buffer.from(indentJson(json)) };
}

interface MetricsHandlers {
  readonly listNodes: Handler;
  readonly getNode: Handler;
  readonly listPods: Handler;
  readonly getPod: Handler;
}

function createMetricsHandlers({ clock, sources }: RouteOptions): MetricsHandlers {
  const cache = new RenderCache();
  const renderOptions = (
    request: Parameters<Handler>[0],
    response: Parameters<Handler>[1],
    isList: boolean,
  ): RenderOptions => {
    const { query } = response.locals;
    const representation = negotiateMetrics(request.headers.accept, isList);
    return {
      cache,
      representation: { ...representation, pretty: representation.pretty || wantsPretty(request, query) },
      includeObject: query.get('includeObject') ?? '',
      nowMs: clock.now(),
    };
  };
  return {
    listNodes: async (request, response) => {
      const render = renderOptions(request, response, true);
      const list = listNodeMetrics(sources, readListOptions('nodes', response.locals.query));
      await sendAnswer(request, response, listAnswer('NodeMetrics', list, render));
    },
    getNode: async (request, response) => {
      const render = renderOptions(request, response, false);
      await sendAnswer(request, response, objectAnswer(getNodeMetrics(sources, parameter(request, 'name')), render));
    },
    listPods: async (request, response) => {
      const render = renderOptions(request, response, true);
      const namespace = parameter(request, 'namespace');
      const list = listPodMetrics(sources, namespace, readListOptions('pods', response.locals.query));
      await sendAnswer(request, response, listAnswer('PodMetrics', list, render));
    },
    getPod: async (request, response) => {
      const render = renderOptions(request, response, false);
      const pod = getPodMetrics(sources, parameter(request, 'namespace'), parameter(request, 'name'));
      await sendAnswer(request, response, objectAnswer(pod, render));
    },
  };
}

/** '' when the route has no such parameter. */
function parameter(request: Parameters<Handler>[0], name: string): string {
  const value = request.params[name];
  return typeof value === 'string' ? value : '';
}

/** Throws StatusError 406, in two steps as the reference does: no encoding at all, or none with the change of kind asked for. */
function negotiateMetrics(accept: string | undefined, isList: boolean): Representation {
  const ranges = parseAccept(accept);
  if (!acceptsAny(ranges, encodings)) {
    const streams = isList ? available.map((mediaType) => `${mediaType};stream=watch`) : [];
    throw new StatusError(notAcceptable([...available, ...streams]));
  }
  const found = negotiate(ranges, encodings, objectTransforms);
  if (found === undefined) throw new StatusError(transformNotAcceptable(available));
  return found;
}

function createHealthRoutes(endpoint: HealthEndpoint, health: HealthChecks): Router {
  const router = Router({ caseSensitive: true });
  const checks = health[endpoint];
  const send = async (args: Parameters<Handler>, { code, text }: HealthText, nosniff: boolean): Promise<void> => {
    if (nosniff) args[1].setHeader('X-Content-Type-Options', 'nosniff');
    await sendAnswer(args[0], args[1], { code, contentType: 'text/plain; charset=utf-8', body: Buffer.from(text) });
  };
  router.all(`/${endpoint}`, async (...args: Parameters<Handler>) => {
    await send(args, summarize(endpoint, checks, args[1].locals.query), true);
  });
  for (const check of checks) {
    router.all(`/${endpoint}/${check.name}`, async (...args: Parameters<Handler>) => {
      const outcome = summarizeOne(check);
      await send(args, outcome, outcome.code === 500);
    });
  }
  return router;
}

/** All paths, as JSON: at `/` the answer, everywhere else a 404 that helps. */
function createIndex(health: HealthChecks): Handler {
  const checkPaths = Object.entries(health).flatMap(([endpoint, checks]) => [
    `/${endpoint}`,
    ...checks.map((check) => `/${endpoint}/${check.name}`),
  ]);
  const fixed = ['/apis', `/apis/${metricsGroup}`, root, '/metrics', '/openapi/v2', '/openapi/v3', '/version'];
  const index = JSON.stringify({ paths: [...fixed, ...checkPaths].toSorted() });
  return async (request, response) => {
    await sendAnswer(request, response, jsonText(request.path === '/' ? 200 : 404, index));
  };
}
