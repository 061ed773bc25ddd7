// Edge: HTTP as a kubelet speaks it: /metrics/resource and /healthz behind authentication and authorization.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Clock } from '../../../src/lib/clock.ts';
import { expositionContentType } from './exposition.ts';
import { answerWithFault, isAnswerFault, requestPath } from './fault-answer.ts';
import type { AccessDecision, Credentials, KubeletAuth } from './kubelet-auth.ts';
import type { SimulatedNode } from './simulated-node.ts';

const metricsPath = '/metrics/resource';
/** Every answer with metrics carries it. */
const startedSeconds = String(Math.floor(performance.timeOrigin / 1000));
const plainText = { 'content-type': 'text/plain; charset=utf-8' };

export class KubeletHandler {
  readonly #auth: KubeletAuth;
  readonly #clock: Clock;
  /** Requests for /metrics/resource so far, of all nodes, answered or not. */
  scrapes = 0;

  constructor(auth: KubeletAuth, clock: Clock) {
    this.#auth = auth;
    this.#clock = clock;
  }

  answer(node: SimulatedNode, request: IncomingMessage, response: ServerResponse): void {
    const path = requestPath(request);
    if (path === metricsPath) {
      this.scrapes++;
      if (isAnswerFault(node.fault)) {
        const body = Buffer.from(node.body.identity(node.fault), 'latin1');
        answerWithFault(node.fault, body, response, this.#clock);
        return;
      }
    }
    const subresource = subresourceOf(path);
    const decision = this.#auth.decide(node.name, subresource, credentialsOf(request));
    if (decision instanceof Promise) {
      void decision.then((decided) => answerDecided(decided, subresource, { node, path, request, response }));
    } else {
      answerDecided(decision, subresource, { node, path, request, response });
    }
  }
}

interface Exchange {
  readonly node: SimulatedNode;
  readonly path: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

function answerDecided(decision: AccessDecision, subresource: string, exchange: Exchange): void {
  const { response } = exchange;
  switch (decision.kind) {
    case 'unauthenticated':
      response.writeHead(401, plainText);
      response.end('Unauthorized');
      return;
    case 'forbidden': {
      const what = `user=${decision.username}, verb=get, resource=nodes, subresource(s)=[${subresource}]`;
      response.writeHead(403, plainText);
      response.end(`Forbidden (${what})\n`);
      return;
    }
    case 'failed': {
      const what = `user=${decision.username}, verb=get, resource=nodes, subresource=${subresource}`;
      response.writeHead(500, plainText);
      response.end(`Authorization error (${what})`);
      return;
    }
    case 'allowed':
      answerAllowed(exchange);
  }
}

function answerAllowed({ node, path, request, response }: Exchange): void {
  if (path === '/healthz') {
    response.writeHead(200, plainText);
    response.end('ok');
    return;
  }
  if (path !== metricsPath) {
    response.writeHead(404, plainText);
    response.end('404 page not found\n');
    return;
  }
  const gzip = acceptsGzip(request.headers['accept-encoding']);
  response.writeHead(200, {
    'content-type': expositionContentType,
    'process-start-time-unix': startedSeconds,
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    // A kubelet does not know the length when it begins to answer.
    ...(request.httpVersionMajor === 1 ? { 'transfer-encoding': 'chunked' } : {}),
  });
  if (gzip) response.end(node.body.gzip(node.fault));
  else response.end(node.body.identity(node.fault), 'latin1');
}

/** How a kubelet names what a path gives access to; the rest counts as proxying. */
function subresourceOf(path: string): string {
  if (path === '/metrics' || path.startsWith('/metrics/')) return 'metrics';
  return path === '/healthz' || path.startsWith('/healthz/') ? 'healthz' : 'proxy';
}

function credentialsOf(request: IncomingMessage): Credentials {
  const header = request.headers.authorization;
  const bearerToken = header !== undefined && /^bearer /i.test(header) ? header.slice(7).trim() : undefined;
  return { bearerToken: bearerToken === '' ? undefined : bearerToken, certificate: certificateOf(request) };
}

/** The subject of a client certificate that chains to the client CA: CN is the user, O are the groups. */
function certificateOf(request: IncomingMessage): Credentials['certificate'] {
  const socket = request.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const subject: Readonly<Record<string, string | string[] | undefined>> = { ...socket.getPeerCertificate().subject };
  const [username] = [subject['CN']].flat();
  if (username === undefined) return undefined;
  return { username, groups: [subject['O']].flat().filter((group) => group !== undefined) };
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  if (header === undefined) return false;
  return String(header)
    .split(',')
    .some((coding) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding));
}
