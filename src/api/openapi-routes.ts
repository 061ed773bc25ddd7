// Flow: the OpenAPI documents at their paths (docs/metrics-api.md, M-64, M-67). Any method is answered.

import { gzipSync } from 'node:zlib';
import type { Response } from 'express';
import { mediaTypes, negotiate, type Offer } from './accept.ts';
import { sendAnswer } from './answer.ts';
import { acceptOf, type Handler } from './context.ts';
import { entityTag } from './discovery.ts';
import { openApiDocuments } from './openapi.ts';

const jsonOffer: Offer = { encodings: ['json'], allowsTransform: () => true };

/** `/openapi/v2` */
export function createOpenApiV2(version: string): Handler {
  const document = tagged(openApiDocuments(version).v2);
  const zipped = gzipSync(document.body);
  return async (request, response) => {
    response.setHeader('Vary', ['Accept-Encoding', 'Accept']);
    if (!isReadable(request)) {
      sendEmpty(response, 406);
      return;
    }
    response.setHeader('ETag', document.tag);
    if (isKnown(request, document)) {
      sendEmpty(response, 304);
      return;
    }
    const isZipped = wantsGzip(request.headers['accept-encoding'] ?? '');
    if (isZipped) response.setHeader('Content-Encoding', 'gzip');
    const body = isZipped ? zipped : document.body;
    await sendAnswer(request, response, { code: 200, contentType: mediaTypes.json, body, sized: true });
  };
}

/** `/openapi/v3` and everything below; `/openapi/v3/` and what is not there are empty. */
export function createOpenApiV3(version: string): Handler {
  const documents = new Map(
    Object.entries(openApiDocuments(version).v3).map(([path, text]) => [`/openapi/v3/${path}`, tagged(text)]),
  );
  const index = tagged(indexOf(documents));
  return async (request, response) => {
    const isIndex = request.path === '/openapi/v3';
    const document = isIndex ? index : documents.get(request.path);
    if (document === undefined) {
      sendEmpty(response, 200);
      return;
    }
    if (!isIndex) response.setHeader('Vary', 'Accept');
    if (!isIndex && !isReadable(request)) {
      sendEmpty(response, 406);
      return;
    }
    response.setHeader('ETag', document.tag);
    const asked = response.locals.query.get('hash') ?? '';
    if (!isIndex && asked !== '' && asked !== document.hash) {
      response.setHeader('Location', `${request.path}?hash=${document.hash}`);
      sendEmpty(response, 301);
      return;
    }
    if (isKnown(request, document)) {
      sendEmpty(response, 304);
      return;
    }
    await sendAnswer(request, response, { code: 200, contentType: mediaTypes.json, body: document.body, sized: true });
  };
}

interface TaggedDocument {
  readonly body: Buffer;
  readonly tag: string;
  /** The tag without quotes, for URLs that never change their meaning. */
  readonly hash: string;
}

/** Documents do not change while we run; their hash is their tag. */
function tagged(text: string): TaggedDocument {
  const tag = entityTag(text);
  return { body: Buffer.from(text), tag, hash: tag.slice(1, -1) };
}

function indexOf(documents: ReadonlyMap<string, TaggedDocument>): string {
  const paths = Array.from(documents, ([path, { hash }]) => [
    path.slice('/openapi/v3/'.length),
    { serverRelativeURL: `${path}?hash=${hash}` },
  ]);
  return JSON.stringify({ paths: Object.fromEntries(paths) });
}

type Request = Parameters<Handler>[0];

function isReadable(request: Request): boolean {
  return negotiate(acceptOf(request), jsonOffer) !== undefined;
}

function isKnown(request: Request, { tag }: TaggedDocument): boolean {
  const known = request.headers['if-none-match'];
  return known === tag || known === '*';
}

function wantsGzip(header: string): boolean {
  return header.split(',').some((token) => /^ *gzip *(?:;(?! *q=0(?:\.0*)? *$)|$)/.test(token));
}

function sendEmpty(response: Response, code: number): void {
  response.statusCode = code;
  response.end();
}
