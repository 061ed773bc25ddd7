// Flow: discovery in the encoding asked for.
import { mediaTypes, negotiate, type Offer, plainOffer } from './accept.ts';
import { sendAnswer } from './answer.ts';
import { acceptOf, type Handler, wantsPretty } from './context.ts';
import { aggregatedDocument, aggregatedParameters, aggregatedTag, groupListDocument } from './discovery.ts';
import { type ApiDocument, documentAnswer } from './document.ts';
import { StatusError, transformNotAcceptable } from './status.ts';

/** Answers a document that never changes. */
export function documentHandler(document: ApiDocument): Handler {
  return async (request, response) => {
    const found = negotiate(acceptOf(request), plainOffer);
    if (found === undefined) throw new StatusError(transformNotAcceptable(plainOffer));
    const pretty = found.pretty || wantsPretty(request, response.locals.query);
    await sendAnswer(request, response, documentAnswer(document, { ...found, pretty }));
  };
}

/** Nothing but the aggregated document. */
const aggregatedOffer: Offer = {
  encodings: plainOffer.encodings,
  allowsTransform: (_encoding, transform) =>
    transform?.kind === 'APIGroupDiscoveryList' &&
    transform.group === 'apidiscovery.k8s.io' &&
    transform.version === 'v2',
};

/** `/apis`: the aggregated document for clients that know it, however much they want it; the old one for all others. */
export function groupListHandler(serverAddress: () => string): Handler {
  return (request, response) => {
    const found = negotiate(acceptOf(request), aggregatedOffer);
    if (found?.transform === undefined) {
      return documentHandler(groupListDocument(serverAddress()))(request, response);
    }
    response.setHeader('Cache-Control', 'public');
    response.setHeader('Vary', 'Accept');
    response.setHeader('ETag', aggregatedTag);
    if (request.headers['if-none-match'] === aggregatedTag) {
      response.statusCode = 304;
      response.end();
      return;
    }
    const pretty = found.pretty || wantsPretty(request, response.locals.query);
    const contentType = `${mediaTypes[found.encoding]};${aggregatedParameters}`;
    return sendAnswer(request, response, documentAnswer(aggregatedDocument, { ...found, pretty }, 200, contentType));
  };
}
