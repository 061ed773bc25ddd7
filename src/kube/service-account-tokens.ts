// Edge: tokens of another ServiceAccount than our own, asked of the API server (authentication.k8s.io/v1 TokenRequest) and renewed while they last.
import type { Clock } from '../lib/clock.ts';
import { errorMessage, HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { ApiClient } from './types.ts';

export interface ServiceAccountTokenDeps {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly namespace: string;
  readonly name: string;
}

const lifetimeSeconds = 3_600;
/** Well before the end: an API server that is away for most of an hour blinds nobody, and an account that was made anew is noticed soon. */
const renewAfterMs = 600_000;
/** No token is used in its last minute: clocks differ. */
const marginMs = 60_000;
const retryMs = 5_000;
const deadlineMs = 10_000;

interface Token {
  readonly text: string;
  readonly requestedAtMs: number;
  readonly usableUntilMs: number;
}

interface TokenRequest {
  readonly spec?: { readonly expirationSeconds?: number };
  readonly status?: { readonly token?: string };
}

/**
 * Returns what gives a valid token. It is renewed after ten minutes, while the old one serves on; one that cannot be renewed serves until its end.
 * Throws HeadroomError API_REQUEST_FAILED or API_STATUS, with the ServiceAccount's name, when there is none; the API server is then asked again
 * after five seconds at the earliest.
 */
export function createServiceAccountTokens(deps: ServiceAccountTokenDeps): () => Promise<string> {
  const { clock, logger, namespace, name } = deps;
  const account = `${namespace}/${name}`;
  let token: Token | undefined;
  let failure: { readonly error: HeadroomError; readonly atMs: number } | undefined;
  let running: Promise<Token> | undefined;

  async function renew(): Promise<Token> {
    const requestedAtMs = clock.monotonic();
    try {
      token = await requestToken(deps, requestedAtMs);
      if (failure !== undefined) logger.info('token for kubelets renewed again', { serviceAccount: account });
      failure = undefined;
      return token;
    } catch (cause) {
      const error = unavailable(account, cause);
      if (failure === undefined) {
        logger.warn('token for kubelets not renewed; the last one serves while it is valid', {
          serviceAccount: account,
          error,
        });
      }
      failure = { error, atMs: clock.monotonic() };
      throw error;
    } finally {
      running = undefined;
    }
  }

  return async () => {
    const nowMs = clock.monotonic();
    const usable = token !== undefined && nowMs < token.usableUntilMs ? token : undefined;
    if (usable !== undefined && nowMs - usable.requestedAtMs < renewAfterMs) return usable.text;
    if (failure !== undefined && nowMs - failure.atMs < retryMs) {
      if (usable === undefined) throw failure.error;
      return usable.text;
    }
    running ??= renew();
    if (usable === undefined) return (await running).text;
    // Whoever asks next gets the new one; a failure was told by renew().
    running.catch(() => undefined);
    return usable.text;
  };
}

async function requestToken({ api, namespace, name }: ServiceAccountTokenDeps, nowMs: number): Promise<Token> {
  const answer = await api.request<TokenRequest>({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: lifetimeSeconds },
    },
    deadlineMs,
  });
  const text = answer.status?.token ?? '';
  if (text === '') throw new HeadroomError('API_STATUS', 'the API server answered without a token');
  // API servers may grant less, or more, than was asked for.
  const grantedMs = (answer.spec?.expirationSeconds ?? lifetimeSeconds) * 1_000;
  return { text, requestedAtMs: nowMs, usableUntilMs: nowMs + grantedMs - marginMs };
}

function unavailable(account: string, cause: unknown): HeadroomError {
  const message = `no token of ServiceAccount ${account} for kubelets: ${errorMessage(cause)}`;
  const code = cause instanceof HeadroomError ? cause.code : 'API_REQUEST_FAILED';
  return new HeadroomError(code, message, { cause });
}
