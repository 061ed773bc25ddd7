// Edge: a server of admission webhooks for real API servers: one refuses everything, one lets everything pass, but changes the object meanwhile, so
// that whoever writes it meets a conflict.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createAuthority } from '../cluster/pki.ts';
import type { SimApiClient } from '../cluster/sim/api-client.ts';

export interface AdmissionWebhooks extends AsyncDisposable {
  readonly caPem: string;
  readonly refusingUrl: string;
  /** The webhook that changes the object through this client first. */
  contendingUrl(api: SimApiClient): string;
}

const refusingPath = '/refuse';

interface Review {
  readonly request: {
    readonly uid: string;
    readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
    readonly namespace: string;
    readonly name: string;
  };
}

interface Verdict {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
}

export async function startAdmissionWebhooks(): Promise<AdmissionWebhooks> {
  const authority = createAuthority('webhooks');
  const { certificatePem: cert, keyPem: key } = authority.issue({
    commonName: 'webhook',
    usage: 'server',
    hosts: ['127.0.0.1'],
  });
  const contenders: SimApiClient[] = [];
  let changes = 0;

  const judge = async (path: string, review: Review): Promise<Verdict> => {
    const api = contenders[Number(path.slice(1))];
    if (path === refusingPath || api === undefined) return { allowed: false, status: { message: 'not tonight' } };
    const { resource, namespace, name } = review.request;
    changes += 1;
    await api.request({
      method: 'PATCH',
      path: `/apis/${resource.group}/${resource.version}/namespaces/${namespace}/${resource.resource}/${name}`,
      contentType: 'application/merge-patch+json',
      body: { metadata: { annotations: { changes: String(changes) } } },
    });
    return { allowed: true };
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sent by an API server
    const review = (await json(request)) as Review;
    // The API server adds its time-out as a query.
    const { pathname } = new URL(request.url ?? '', 'https://webhook');
    const verdict = await judge(pathname, review);
    response.setHeader('content-type', 'application/json');
    const body = { ...verdict, uid: review.request.uid };
    response.end(JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: body }));
  };
  const server = createServer({ cert, key }, (request, response) => {
    // An answer that fails is none; the API server says that the webhook failed.
    answer(request, response).catch(() => response.destroy());
  });
  // A connection that is closed while a review is sent would be one more event.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    caPem: authority.certificatePem,
    refusingUrl: `${origin}${refusingPath}`,
    contendingUrl: (api) => `${origin}/${contenders.push(api) - 1}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
