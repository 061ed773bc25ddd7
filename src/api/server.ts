// Edge: the HTTPS server of the Metrics API: listens, follows certificates and trust roots, and stops without breaking what it is doing.
import { once } from 'node:events';
import type { RequestListener, ServerResponse } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import express from 'express';
import type { Registry } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { LabelMatcher, NodeLister, PodLister } from '../lib/views.ts';
import type { MetricsReader } from '../metrics/types.ts';
import type { Authentication, Credentials } from './authenticate.ts';
import type { Authorizer } from './authorize.ts';
import type { Locals } from './context.ts';
import { createHealthChecks, type HealthProbes } from './health.ts';
import { createHttp2, forBothProtocols, type Http2 } from './http2.ts';
import { createImpersonator } from './impersonate.ts';
import { InFlightRequests } from './in-flight.ts';
import { createMetricsRouter } from './metrics-routes.ts';
import { createApiMonitor } from './monitor.ts';
import { createPeerReader } from './peer.ts';
import { createRequestListener } from './pipeline.ts';
import { connectionRefuser } from './refused-connection.ts';
import { addRoutes, type VersionInfo } from './routes.ts';
import type { CertificateSource } from './serving-certificate.ts';
import { authentication, authorization, begin, errorToStatus, impersonation, limit } from './steps.ts';
import { createSniCallback, type TlsSettings, tlsOptions } from './tls.ts';
import type { TrustSource } from './trust.ts';

export interface ApiServerSettings extends TlsSettings {
  /** `--bind-address`; 0.0.0.0 listens on IPv6 too. */
  readonly bindAddress: string;
  /** `--secure-port`; 0 takes a free one. */
  readonly securePort: number;
  /** `--disable-http2-serving` */
  readonly disableHttp2: boolean;
  /** `--http2-max-streams-per-connection`: requests at a time. */
  readonly http2MaxStreams: number;
  readonly requestTimeoutMs: number;
  readonly maxReadsInFlight: number;
  readonly maxWritesInFlight: number;
}

export interface ApiServerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly reader: MetricsReader;
  readonly nodes: NodeLister;
  readonly pods: PodLister;
  /** `--node-selector`: nodes that LIST shows. */
  readonly nodeSelector: LabelMatcher;
  readonly authenticate: (credentials: Credentials) => Promise<Authentication>;
  readonly authorize: Authorizer;
  readonly trust: TrustSource;
  readonly certificate: CertificateSource;
  readonly registry: Registry;
  readonly probes: HealthProbes;
  readonly settings: ApiServerSettings;
  readonly versionInfo: VersionInfo;
}

export interface ApiServer {
  /** Throws HeadroomError SERVING when the port cannot be had. */
  listen(): Promise<{ readonly port: number }>;
  /** From now on /readyz fails and connections close behind their answers; requests are still served. */
  beginShutdown(): void;
  /** Stops listening, lets requests finish, and cuts off what is left after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
}

// As the reference: large enough for users with hundreds of groups, small enough for 400 connections.
const maxHeaderBytes = 1_048_576;
const headersTimeoutMs = 32_000;
const keepAliveMs = 90_000;
const handshakeTimeoutMs = 10_000;
/** As Go: as many connections may wait to be accepted as the kernel lets (net.core.somaxconn); Node's 511 loses some of a crowd. */
const backlog = 65_535;
const drainPollMs = 20;

const timeoutBody =
  '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout",' +
  '"reason":"Timeout","details":{},"code":504}\n';

/** Assembles the server; nothing is bound before `listen`. */
export function createApiServer(deps: ApiServerDeps): ApiServer {
  const { clock, logger, settings, trust, certificate } = deps;
  const inFlight = new InFlightRequests(clock, {
    maxReads: settings.maxReadsInFlight,
    maxWrites: settings.maxWritesInFlight,
  });
  const stopped = new AbortController();
  let isStopping = false;
  let port = settings.securePort;
  const parts = { inFlight, isStopping: () => isStopping, port: () => port };
  const onRequest = createListener(deps, parts);
  const tls = { ...tlsOptions(deps), SNICallback: createSniCallback(deps) };
  const server = createServer({ ...serverLimits(settings), ...tls }, onRequest);
  server.maxHeadersCount = 0;
  const http2 = createHttp2(onRequest, { maxStreams: settings.http2MaxStreams, maxHeaderBytes, idleMs: keepAliveMs });
  serveByProtocol(server, http2);
  const reload = (): void => {
    // Connections that exist keep the certificate they began with; trust is asked anew at each of their requests.
    server.setSecureContext(tlsOptions(deps));
  };
  trust.onChange(reload);
  certificate.onChange(reload);
  server.on('clientError', connectionRefuser(clock));
  server.on('tlsClientError', (error) => logger.debug('TLS handshake failed', { error }));

  return {
    listen: async () => {
      await bind(server, settings);
      port = boundPort(server);
      void inFlight.sweep(stopped.signal, cutOff);
      logger.info('serving the Metrics API', { port });
      return { port };
    },
    beginShutdown: () => {
      isStopping = true;
      http2.close();
    },
    stop: async (deadlineMs) => {
      isStopping = true;
      await drain(server, http2, clock, deadlineMs);
      stopped.abort();
    },
  };
}

interface AppParts {
  readonly inFlight: InFlightRequests;
  readonly isStopping: () => boolean;
  readonly port: () => number;
}

/** What every request passes, in this order (docs/metrics-api.md, M-92). */
function createListener(deps: ApiServerDeps, parts: AppParts): RequestListener {
  const { clock, logger, settings } = deps;
  const { inFlight, isStopping } = parts;
  const monitor = createApiMonitor(deps.registry);
  const onServed = (ageMs: number): void => monitor.observeFreshness(ageMs);
  const { nodes, pods, reader, nodeSelector } = deps;
  return createRequestListener({
    steps: [
      begin({ clock, monitor, inFlight, requestTimeoutMs: settings.requestTimeoutMs, isStopping }),
      authentication(deps.authenticate, createPeerReader(), logger),
      impersonation(createImpersonator(deps.authorize)),
      limit(inFlight),
      authorization(deps.authorize),
    ],
    metrics: createMetricsRouter(clock, { nodes, pods, reader, nodeSelector, onServed }),
    others: forBothProtocols(createApp(deps, parts)),
    answerError: errorToStatus(logger),
  });
}

/** The routes that are not asked for all the time. */
function createApp(deps: ApiServerDeps, { isStopping, port }: AppParts): express.Express {
  const { clock, logger, registry } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Should answering an error fail, Express answers, and shows strangers a stack unless this is production.
  app.set('env', 'production');
  app.set('query parser', false);
  // Authorization tells apart what differs in case; so must routes.
  app.enable('case sensitive routing');
  app.enable('strict routing');
  addRoutes(app, {
    clock,
    health: createHealthChecks(deps.probes, isStopping),
    registry,
    versionInfo: deps.versionInfo,
    serverAddress: () => `:${port()}`,
  });
  const answerError = errorToStatus(logger);
  // Express tells error handlers by their four parameters.
  app.use(
    (
      error: unknown,
      request: express.Request,
      response: express.Response<unknown, Locals>,
      _next: express.NextFunction,
    ) => answerError(error, request, response),
  );
  return app;
}

function serverLimits({ requestTimeoutMs, disableHttp2 }: ApiServerSettings): ServerOptions {
  return {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: Math.max(requestTimeoutMs, headersTimeoutMs),
    keepAliveTimeout: keepAliveMs,
    handshakeTimeout: handshakeTimeoutMs,
    ALPNProtocols: disableHttp2 ? ['http/1.1'] : ['h2', 'http/1.1'],
  };
}

/** The HTTPS server would read HTTP/1.1 from every connection; those that chose HTTP/2 go their own way. */
function serveByProtocol(server: Server, http2: Http2): void {
  const readHttp1 = server.listeners('secureConnection');
  server.removeAllListeners('secureConnection');
  server.on('secureConnection', (socket: TLSSocket) => {
    if (socket.alpnProtocol === 'h2') http2.serve(socket);
    else for (const listener of readHttp1) listener.call(server, socket);
  });
}

async function bind(server: Server, { bindAddress, securePort }: ApiServerSettings): Promise<void> {
  const isAny = bindAddress === '0.0.0.0';
  try {
    await listenOn(server, securePort, isAny ? '::' : bindAddress);
  } catch (error) {
    // A machine without IPv6.
    const retry = isAny && error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT';
    if (!retry) throw servingError(securePort, error);
    await listenOn(server, securePort, bindAddress);
  }
}

function boundPort(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('BUG: a TCP server has an address and a port');
  return address.port;
}

async function listenOn(server: Server, port: number, host: string): Promise<void> {
  server.listen({ port, host, backlog });
  await once(server, 'listening');
}

function servingError(port: number, cause: unknown): HeadroomError {
  return new HeadroomError('SERVING', `listening on port ${port}: ${errorMessage(cause)}`, { cause });
}

/** A request that ran out of time: 504 while nothing was said yet, a cut connection otherwise. Slow readers end here too. */
function cutOff(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = 504;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(timeoutBody));
  response.end(timeoutBody);
}

async function drain(server: Server, http2: Http2, clock: Clock, deadlineMs: number): Promise<void> {
  const closed = new AbortController();
  server.close(() => closed.abort());
  const untilMs = clock.monotonic() + deadlineMs;
  while (!closed.signal.aborted && clock.monotonic() < untilMs) {
    // Connections become idle one by one as their last answers end, and some were still shaking hands.
    server.closeIdleConnections();
    http2.close();
    await clock.sleep(drainPollMs, closed.signal);
  }
  server.closeAllConnections();
  http2.destroy();
}
