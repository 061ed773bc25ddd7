// Flow: what is answered at which path, but for nodes and pods (metrics-routes.ts). Read addRoutes from top to bottom; the first match answers.
import type { Express } from 'express';
import type { Registry } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import { mediaTypes, plainMediaTypes } from './accept.ts';
import { sendAnswer } from './answer.ts';
import type { Handler } from './context.ts';
import { groupDocument, resourceListDocument } from './discovery.ts';
import { documentHandler, groupListHandler } from './discovery-routes.ts';
import { indentJson } from './go-json.ts';
import type { HealthChecks } from './health.ts';
import { createHealthRoutes, healthPaths } from './health-routes.ts';
import { refuseUnlessReadable } from './metrics-routes.ts';
import { createOpenApiV2, createOpenApiV3 } from './openapi-routes.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';
import { routeNotFound, StatusError } from './status.ts';
import { createStatusz } from './statusz.ts';

export type VersionInfo = Readonly<Record<string, string>>;

export interface RouteOptions {
  readonly clock: Clock;
  readonly health: HealthChecks;
  readonly registry: Registry;
  readonly versionInfo: VersionInfo;
  /** Host and port as clients should use them, for discovery: `:443`. */
  readonly serverAddress: () => string;
}

const root = `/apis/${metricsGroup}/${metricsVersion}`;

/** Adds all routes to `app`, which routes strictly and by case. */
export function addRoutes(app: Express, options: RouteOptions): void {
  const { clock, health } = options;

  read(app, root, plainMediaTypes, documentHandler(resourceListDocument));
  read(app, `/apis/${metricsGroup}`, plainMediaTypes, documentHandler(groupDocument));
  read(app, '/apis', plainMediaTypes, groupListHandler(options.serverAddress));
  read(app, '/version', [mediaTypes.json], jsonHandler(200, JSON.stringify(options.versionInfo)));
  app.use([`/apis/${metricsGroup}`, '/version'], refuseRoute);

  const version = options.versionInfo['gitVersion'] ?? '';
  app.all('/openapi/v2', createOpenApiV2(version));
  app.all(['/openapi/v3', '/openapi/v3/{*document}'], createOpenApiV3(version));
  app.use(createHealthRoutes(health));
  app.all('/statusz', createStatusz(clock, 'headroom', version));
  app.all('/metrics', createSelfMetrics(options.registry));
  const index = createIndex(health);
  app.all('/', jsonHandler(200, index));
  app.use(jsonHandler(404, index));
}

function read(app: Express, path: string, available: readonly string[], handler: Handler): void {
  app.all(path, (request, response: Parameters<Handler>[1]) => {
    refuseUnlessReadable(request, available);
    return handler(request, response);
  });
}

const refuseRoute: Handler = () => {
  throw new StatusError(routeNotFound);
};

function createSelfMetrics(registry: Registry): Handler {
  return async (request, response) => {
    const body = Buffer.from(await registry.metrics());
    await sendAnswer(request, response, { code: 200, contentType: registry.contentType, body });
  };
}

/** Always the same, for people to read. */
function jsonHandler(code: number, json: string): Handler {
  const body = Buffer.from(indentJson(json));
  return async (request, response) => {
    await sendAnswer(request, response, { code, contentType: mediaTypes.json, body });
  };
}

/** All paths: at `/` the answer, wherever nothing is a 404 that helps. */
function createIndex(health: HealthChecks): string {
  const fixed = [
    '/apis',
    `/apis/${metricsGroup}`,
    root,
    '/metrics',
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/',
    '/version',
  ];
  return JSON.stringify({ paths: [...fixed, ...healthPaths(health)].toSorted() });
}
