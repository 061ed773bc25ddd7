// Flow: the Metrics API with its trust roots, its certificate and those who decide who may ask.
import type { Registry } from 'prom-client';
import { createAuthenticator } from '../api/authenticate.ts';
import { createAuthorizer } from '../api/authorize.ts';
import { bearerTokenAuthenticator } from '../api/bearer-token.ts';
import { clientCertificateAuthenticator } from '../api/client-certificate.ts';
import { frontProxyAuthenticator } from '../api/front-proxy.ts';
import type { HealthProbes } from '../api/health.ts';
import { type ApiServer, createApiServer } from '../api/server.ts';
import { loadServingCertificate } from '../api/serving-certificate.ts';
import { loadTrust } from '../api/trust.ts';
import { readAuthenticationConfig } from '../kube/authentication-config.ts';
import { createAccessReviewer } from '../kube/subject-access-review.ts';
import { createTokenReviewer } from '../kube/token-review.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { Options } from '../options.ts';
import { versionInfo } from '../version.ts';
import type { ApiAccess } from './api-access.ts';
import type { Caches } from './caches.ts';
import { untilGranted } from './first-contact.ts';
import type { Kubelets } from './kubelets.ts';

export interface ServingDeps {
  readonly options: Options;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly access: ApiAccess;
  readonly caches: Caches;
  readonly kubelets: Kubelets;
  /** Ends what follows files and the cluster's configuration. */
  readonly signal: AbortSignal;
}

// As the reference's --max-mutating-requests-inflight.
const maxWritesInFlight = 200;
/** As the reference: a scrape that is overdue by more than this share of the resolution makes /livez fail. */
const overdueShare = 1.5;

/** Loads trust roots and certificate, then assembles the server. Throws HeadroomError SERVING when either cannot be had. */
export async function createServing(deps: ServingDeps): Promise<ApiServer> {
  const { options, clock, logger, registry, access, caches, kubelets, signal } = deps;
  const { serving, authentication, authorization } = options;
  const trust = await loadTrust({
    clock,
    logger,
    signal,
    settings: trustSettings(authentication),
    readConfig: createConfigReader(deps),
  });
  const certificate = await loadServingCertificate({
    clock,
    logger,
    signal,
    settings: {
      certificateFile: serving.tlsCertFile,
      keyFile: serving.tlsKeyFile,
      certificateDir: serving.certDir,
      bindAddress: serving.bindAddress,
      named: serving.namedCertificates,
    },
  });
  const now = (): number => clock.now();
  const reviewToken = createTokenReviewer({
    client: access.authentication,
    clock,
    cacheTtlMs: authentication.tokenCacheTtlMs,
  });
  const reviewAccess = createAccessReviewer({ client: access.authorization, clock, ...authorization });
  return createApiServer({
    clock,
    logger,
    reader: kubelets.engine.reader,
    nodes: caches.nodes,
    pods: caches.pods,
    nodeSelector: kubelets.nodeSelector,
    authenticate: createAuthenticator([
      frontProxyAuthenticator(() => trust.current, now),
      clientCertificateAuthenticator(() => trust.current, now),
      bearerTokenAuthenticator(reviewToken),
    ]),
    authorize: createAuthorizer({ alwaysAllowPaths: authorization.alwaysAllowPaths, review: reviewAccess, logger }),
    trust,
    certificate,
    registry,
    probes: healthProbes(deps),
    settings: {
      bindAddress: serving.bindAddress,
      securePort: serving.port,
      tlsMinVersion: serving.tlsMinVersion,
      tlsCipherSuites: serving.tlsCipherSuites,
      disableHttp2: serving.disableHttp2,
      http2MaxStreams: serving.http2MaxStreams,
      requestTimeoutMs: serving.requestTimeoutMs,
      maxReadsInFlight: serving.maxRequestsInFlight,
      maxWritesInFlight,
    },
    versionInfo,
  });
}

/** Patient at the start only: later, what was read before counts until the next look. */
function createConfigReader({
  access,
  clock,
  logger,
}: ServingDeps): (deadline: AbortSignal) => ReturnType<typeof readAuthenticationConfig> {
  let isStart = true;
  return async (deadline) => {
    const read = (): ReturnType<typeof readAuthenticationConfig> =>
      readAuthenticationConfig(access.authentication, deadline);
    if (!isStart) return await read();
    isStart = false;
    return await untilGranted(read, { clock, logger }, deadline);
  };
}

function healthProbes({ options, clock, caches, kubelets }: ServingDeps): HealthProbes {
  return {
    hasUsages: () => kubelets.engine.reader.hasUsages(),
    nodesSynced: () => caches.nodes.hasSynced,
    podsSynced: () => caches.pods.hasSynced,
    isCollectionTimely: () => {
      const startedAtMs = kubelets.engine.lastCycleStartedAtMs;
      return startedAtMs === undefined || clock.now() - startedAtMs <= overdueShare * options.kubelet.resolutionMs;
    },
  };
}

function trustSettings({
  clientCaFile,
  requestHeader,
  ...lookup
}: Options['authentication']): Parameters<typeof loadTrust>[0]['settings'] {
  const { clientCaFile: requestHeaderClientCaFile, ...headers } = requestHeader;
  return { clientCaFile, requestHeaderClientCaFile, requestHeader: headers, ...lookup };
}
