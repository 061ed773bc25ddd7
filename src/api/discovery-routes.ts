// Flow: discovery and OpenAPI at their paths, in the encoding asked for.
import { type RequestHandler, Router } from 'express';
import { type Encoding, mediaTypes, negotiate, noTransform, parseAccept, type Transform } from './accept.ts';
import { sendAnswer } from './answer.ts';
import { type Handler, wantsPretty } from './context.ts';
import {
  aggregatedDocument,
  aggregatedMediaType,
  aggregatedTag,
  type DiscoveryDocument,
  entityTag,
  groupDocument,
  groupListDocument,
  resourceListDocument,
} from './discovery.ts';
import { indentJson } from './go-json.ts';
import { openApiDocuments } from './openapi.ts';
import { metricsGroup, metricsVersion } from './request-info.ts';
import { notAcceptable, StatusError } from './status.ts';

const encodings: readonly Encoding[] = ['json', 'protobuf'];

/** Discovery goes through `read`, which refuses other methods; the OpenAPI routes are returned. */
export function createDiscoveryRoutes(
  read: (path: string, handler: Handler) => void,
  serverAddress: () => string,
  versionInfo: Readonly<Record<string, string>>,
): Router {
  read(
    `/apis/${metricsGroup}/${metricsVersion}`,
    document(() => resourceListDocument),
  );
  read(
    `/apis/${metricsGroup}`,
    document(() => groupDocument),
  );
  const groupList = document(() => groupListDocument(serverAddress()));
  read('/apis', (request, response, next) =>
    wantsAggregated(request.headers.accept)
      ? sendAggregated(request, response, next)
      : groupList(request, response, next),
  );
  return createOpenApiRoutes(versionInfo['gitVersion'] ?? '');
}

function document(find: () => DiscoveryDocument): Handler {
  return async (request, response) => {
    const found = negotiate(parseAccept(request.headers.accept), encodings, noTransform);
    if (found === undefined) throw new StatusError(notAcceptable(encodings.map((encoding) => mediaTypes[encoding])));
    const { json, protobuf } = find();
    if (found.encoding === 'protobuf') {
      await sendAnswer(request, response, { code: 200, contentType: mediaTypes.protobuf, body: protobuf });
      return;
    }
    const pretty = found.pretty || wantsPretty(request, response.locals.query);
    const body = Buffer.from(pretty ? indentJson(json) : `${json}\n`);
    await sendAnswer(request, response, { code: 200, contentType: mediaTypes.json, body });
  };
}

/** Does the client want the aggregated document more than the old one? */
function wantsAggregated(accept: string | undefined): boolean {
  const found = negotiate(
    parseAccept(accept),
    encodings,
    (encoding, transform) => transform === undefined || (encoding === 'json' && isAggregated(transform)),
  );
  return found?.transform !== undefined;
}

function isAggregated({ kind, group, version }: Transform): boolean {
  return kind === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io' && version === 'v2';
}

const sendAggregated: Handler = async (request, response) => {
  response.setHeader('Cache-Control', 'public');
  response.setHeader('Vary', 'Accept');
  response.setHeader('ETag', aggregatedTag);
  if (request.headers['if-none-match'] === aggregatedTag) {
    response.statusCode = 304;
    response.end();
    return;
  }
  const body = wantsPretty(request, response.locals.query) ? indentJson(aggregatedDocument) : `${aggregatedDocument}\n`;
  await sendAnswer(request, response, { code: 200, contentType: aggregatedMediaType, body: Buffer.from(body) });
};

/** Documents do not change while we run; their hash is their tag (docs/metrics-api.md, M-64, M-67). */
function createOpenApiRoutes(version: string): Router {
  const router = Router({ caseSensitive: true });
  const documents = openApiDocuments(version);
  router.get('/openapi/v2', taggedJson(documents.v2));
  const tags = Object.entries(documents.v3).map(([path, text]) => [path, entityTag(text).slice(1, -1)] as const);
  const paths = tags.map(([path, hash]) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }] as const);
  router.get('/openapi/v3', taggedJson(JSON.stringify({ paths: Object.fromEntries(paths) })));
  for (const [path, text] of Object.entries(documents.v3)) router.get(`/openapi/v3/${path}`, taggedJson(text));
  return router;
}

function taggedJson(text: string): RequestHandler {
  const body = Buffer.from(text);
  const tag = entityTag(text);
  return async (request, response) => {
    response.setHeader('ETag', tag);
    response.setHeader('Vary', 'Accept');
    const isKnown = request.headers['if-none-match'] === tag;
    const isReadable = negotiate(parseAccept(request.headers.accept), ['json'], noTransform) !== undefined;
    if (isKnown || !isReadable) {
      response.statusCode = isKnown ? 304 : 406;
      response.end();
      return;
    }
    await sendAnswer(request, response, { code: 200, contentType: mediaTypes.json, body });
  };
}
