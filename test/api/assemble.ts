// Puts the Metrics API together for tests, as the program does: trust roots and certificate first, then who may ask, then the server.

import { createAuthenticator } from '../../src/api/authenticate.ts';
import { createAuthorizer } from '../../src/api/authorize.ts';
import { bearerTokenAuthenticator } from '../../src/api/bearer-token.ts';
import { clientCertificateAuthenticator } from '../../src/api/client-certificate.ts';
import { frontProxyAuthenticator } from '../../src/api/front-proxy.ts';
import { type ApiServer, type ApiServerDeps, createApiServer } from '../../src/api/server.ts';
import { type CertificateSettings, loadServingCertificate } from '../../src/api/serving-certificate.ts';
import { loadTrust, type TrustSettings } from '../../src/api/trust.ts';
import { readAuthenticationConfig } from '../../src/kube/authentication-config.ts';
import { createAccessReviewer } from '../../src/kube/subject-access-review.ts';
import { createTokenReviewer } from '../../src/kube/token-review.ts';
import type { ApiClient } from '../../src/kube/types.ts';

export interface AccessSettings {
  /** `--authentication-token-webhook-cache-ttl` */
  readonly tokenTtlMs: number;
  /** `--authorization-webhook-cache-authorized-ttl` and `-unauthorized-ttl` */
  readonly allowedTtlMs: number;
  readonly deniedTtlMs: number;
  /** `--authorization-always-allow-paths` */
  readonly alwaysAllowPaths: readonly string[];
}

type Made = 'authenticate' | 'authorize' | 'trust' | 'certificate';

export interface MetricsApiDeps extends Omit<ApiServerDeps, Made> {
  /**
   * For the ConfigMap and TokenReviews; SubjectAccessReviews go through `authorizationClient`. Give them rate limits of their own (the reference
   * has 200 a second, 400 at once): callers wait for these requests.
   */
  readonly authenticationClient: ApiClient;
  readonly authorizationClient: ApiClient;
  readonly trustSettings: TrustSettings;
  readonly certificateSettings: CertificateSettings;
  readonly accessSettings: AccessSettings;
  /** Ends following certificates and trust roots. */
  readonly signal: AbortSignal;
}

/** Everything but listening. Throws HeadroomError SERVING when certificate or trust roots cannot be had. */
export async function createMetricsApi(deps: MetricsApiDeps): Promise<ApiServer> {
  const { clock, logger, signal, accessSettings } = deps;
  const [trust, certificate] = await Promise.all([
    loadTrust({
      clock,
      logger,
      signal,
      settings: deps.trustSettings,
      readConfig: (deadline) => readAuthenticationConfig(deps.authenticationClient, deadline),
    }),
    loadServingCertificate({ clock, logger, signal, settings: deps.certificateSettings }),
  ]);
  const currentTrust = () => trust.current;
  const now = () => clock.now();
  const reviewToken = createTokenReviewer({
    client: deps.authenticationClient,
    clock,
    cacheTtlMs: accessSettings.tokenTtlMs,
  });
  const reviewAccess = createAccessReviewer({
    client: deps.authorizationClient,
    clock,
    allowedTtlMs: accessSettings.allowedTtlMs,
    deniedTtlMs: accessSettings.deniedTtlMs,
  });
  return createApiServer({
    ...deps,
    trust,
    certificate,
    authenticate: createAuthenticator([
      frontProxyAuthenticator(currentTrust, now),
      clientCertificateAuthenticator(currentTrust, now),
      bearerTokenAuthenticator(reviewToken),
    ]),
    authorize: createAuthorizer({ alwaysAllowPaths: accessSettings.alwaysAllowPaths, review: reviewAccess, logger }),
  });
}
