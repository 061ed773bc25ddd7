// Edge: who a bearer token belongs to, asked of the API server (authentication.k8s.io/v1 TokenReview) and remembered for a while.
import { hash, randomBytes } from 'node:crypto';
import { ExpiringCache } from './expiring-cache.ts';
import { postReview, type ReviewCall } from './review-call.ts';
import type { UserInfo } from './user.ts';

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
const capacity = 4096;

type TokenReviewOutcome =
  | { readonly authenticated: true; readonly user: UserInfo }
  /** `error` is '' when the token simply belongs to nobody. */
  | { readonly authenticated: false; readonly error: string };

/** Throws what the ApiClient throws when the API server could not decide: the caller must then refuse. */
export type ReviewToken = (token: string) => Promise<TokenReviewOutcome>;

interface TokenReview {
  readonly status?: {
    readonly authenticated?: boolean;
    readonly error?: string;
    readonly user?: {
      readonly username?: string;
      readonly uid?: string;
      readonly groups?: readonly string[];
      readonly extra?: Readonly<Record<string, readonly string[]>>;
    };
  };
}

/**
 * Reviews tokens: a yes, and a no without an error, are believed for `cacheTtlMs`, failures are not kept, and callers that ask about one token at the same
 * time share one request (docs/metrics-api.md, M-97). Tokens are never keys: the cache holds keyed digests of them.
 */
export function createTokenReviewer(options: ReviewCall & { readonly cacheTtlMs: number }): ReviewToken {
  const cache = new ExpiringCache<TokenReviewOutcome>(options.clock, capacity);
  const running = new Map<string, Promise<TokenReviewOutcome>>();
  const secret = randomBytes(32).toString('base64');

  async function ask(token: string, key: string): Promise<TokenReviewOutcome> {
    try {
      const outcome = toOutcome(await postReview<TokenReview>(options, path, reviewBody(token)));
      // A review that says what went wrong may go better the next time.
      if (outcome.authenticated || outcome.error === '') cache.set(key, outcome, options.cacheTtlMs);
      return outcome;
    } finally {
      running.delete(key);
    }
  }

  return async (token) => {
    // Nobody sees these digests, so the secret in front is as good as an HMAC, which takes three times as long.
    const key = hash('sha256', secret + token, 'base64');
    const known = cache.get(key);
    if (known !== undefined) return known;
    const asked = running.get(key) ?? ask(token, key);
    running.set(key, asked);
    return await asked;
  };
}

function reviewBody(token: string): unknown {
  return {
    kind: 'TokenReview',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: {},
    spec: { token },
    status: { user: {} },
  };
}

function toOutcome({ status }: TokenReview): TokenReviewOutcome {
  if (status?.authenticated !== true) return { authenticated: false, error: status?.error ?? '' };
  const { username = '', uid = '', groups = [], extra = {} } = status.user ?? {};
  return { authenticated: true, user: { name: username, uid, groups, extra } };
}
