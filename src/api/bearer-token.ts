// Flow: the user of a bearer token, as the API server says.
import type { ReviewToken } from '../kube/token-review.ts';
import { type Authenticator, absent } from './authenticate.ts';

const bearer = /^bearer ([^ ]*)( |$)/i;
const extraSpace = 'the provided Authorization header contains extra space before the bearer token, and is ignored';

/** Authenticates by `Authorization: Bearer …`; a token that could not be reviewed is refused (docs/metrics-api.md, M-97). */
export function bearerTokenAuthenticator(review: ReviewToken): Authenticator {
  return async ({ headers }) => {
    const token = bearer.exec(headers['authorization']?.[0]?.trim() ?? '')?.[1];
    if (token === undefined) return absent;
    if (token === '') return { kind: 'absent', warning: extraSpace };
    const outcome = await review(token);
    return outcome.authenticated
      ? { kind: 'user', user: outcome.user }
      : { kind: 'refused', reason: `bearer token: ${outcome.error || 'belongs to nobody'}` };
  };
}
