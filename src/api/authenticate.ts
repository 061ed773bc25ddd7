// Flow: who calls? Every way to prove it is tried in order; an attempt that failed is never turned into an anonymous caller.
import type { UserInfo } from '../kube/user.ts';
import type { Peer } from './peer.ts';

/** What of a request can prove who sent it. */
export interface Credentials {
  /** Values of each header, in order of arrival; names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  /** undefined when the client showed no certificate. */
  readonly peer: Peer | undefined;
}

/** `absent`: nothing here for this authenticator. `refused`: something was, and it proves nothing. */
export type Authentication = (
  | { readonly kind: 'user'; readonly user: UserInfo }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly reason: string }
) & {
  /** What the caller should be told, however it ends. */
  readonly warning?: string | undefined;
};

export type Authenticator = (credentials: Credentials) => Authentication | Promise<Authentication>;

export const absent: Authentication = { kind: 'absent' };

const anonymousName = 'system:anonymous';
const unauthenticatedGroup = 'system:unauthenticated';
const authenticatedGroup = 'system:authenticated';

const anonymous: Authentication = {
  kind: 'user',
  user: { name: anonymousName, uid: '', groups: [unauthenticatedGroup], extra: {} },
};

/**
 * The first of `authenticators` that knows the caller decides. When none does, a caller with a credential that was refused stays refused, and
 * one without any is system:anonymous (docs/metrics-api.md, M-93). Never throws: an authenticator that throws has refused.
 */
export function createAuthenticator(
  authenticators: readonly Authenticator[],
): (credentials: Credentials) => Promise<Authentication> {
  return async (credentials) => {
    const reasons: string[] = [];
    let warning: string | undefined;
    for (const authenticator of authenticators) {
      const outcome = attempt(authenticator, credentials);
      const result = outcome instanceof Promise ? await outcome : outcome;
      warning ??= result.warning;
      if (result.kind === 'user') return { kind: 'user', user: withAuthenticatedGroup(result.user), warning };
      if (result.kind === 'refused') reasons.push(result.reason);
    }
    return { ...(reasons.length === 0 ? anonymous : { kind: 'refused', reason: reasons.join('; ') }), warning };
  };
}

/** Nobody in particular, also when a proxy says so. */
export function isUnauthenticated({ name, groups }: UserInfo): boolean {
  return name === anonymousName || groups.includes(unauthenticatedGroup);
}

/** At once where the authenticator knows at once. */
function attempt(authenticator: Authenticator, credentials: Credentials): ReturnType<Authenticator> {
  try {
    const outcome = authenticator(credentials);
    return outcome instanceof Promise ? outcome.catch(refusal) : outcome;
  } catch (error) {
    return refusal(error);
  }
}

function refusal(error: unknown): Authentication {
  return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
}

/** The same object each time for a user that is remembered, as those of tokens are: what is known of a user is kept by identity. */
const authenticatedUsers = new WeakMap<UserInfo, UserInfo>();

/** A proxy may pass on an anonymous caller; that one stays anonymous. */
function withAuthenticatedGroup(user: UserInfo): UserInfo {
  if (isUnauthenticated(user) || user.groups.includes(authenticatedGroup)) return user;
  let authenticated = authenticatedUsers.get(user);
  if (authenticated === undefined) {
    authenticated = { ...user, groups: [...user.groups, authenticatedGroup] };
    authenticatedUsers.set(user, authenticated);
  }
  return authenticated;
}
