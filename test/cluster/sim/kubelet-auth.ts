// Edge: who may read a simulated kubelet's metrics, decided as a kubelet decides it.
import type { Clock } from '../../../src/lib/clock.ts';
import type { SimApiClient } from './api-client.ts';

/** A caller as authentication found it. */
export interface Caller {
  readonly username: string;
  readonly groups: readonly string[];
}

/** What a request brings: at most one of the two is looked at, the certificate first. */
export interface Credentials {
  readonly bearerToken: string | undefined;
  readonly certificate: Caller | undefined;
}

export type AccessDecision =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'unauthenticated' }
  | { readonly kind: 'forbidden'; readonly username: string }
  | { readonly kind: 'failed'; readonly username: string };

export interface KubeletAuth {
  /** May this caller `get` the subresource of this node? Never rejects. A synchronous answer costs a scrape no extra turn. */
  decide(nodeName: string, subresource: string, credentials: Credentials): AccessDecision | Promise<AccessDecision>;
}

/** Lets everybody in, or everybody who has the token. */
export function fixedTokenAuth(token: string | undefined): KubeletAuth {
  return {
    decide: (_node, _subresource, { bearerToken }) =>
      token === undefined || bearerToken === token ? { kind: 'allowed' } : { kind: 'unauthenticated' },
  };
}

const tokenTtlMs = 120_000;
const allowedTtlMs = 300_000;
const deniedTtlMs = 30_000;
const maximumEntries = 20_000;

/** Asks the API server by TokenReview and SubjectAccessReview and remembers its answers as long as a kubelet does. */
export class ReviewAuth implements KubeletAuth {
  readonly #api: SimApiClient;
  readonly #clock: Clock;
  readonly #callers: ExpiringMap<Promise<Caller | undefined>>;
  readonly #decisions: ExpiringMap<AccessDecision>;
  readonly #pending = new Map<string, Promise<AccessDecision>>();

  constructor(api: SimApiClient, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
    this.#callers = new ExpiringMap(clock);
    this.#decisions = new ExpiringMap(clock);
  }

  decide(nodeName: string, subresource: string, credentials: Credentials): AccessDecision | Promise<AccessDecision> {
    const who = credentials.certificate?.username ?? credentials.bearerToken;
    if (who === undefined) return { kind: 'unauthenticated' };
    const key = `${credentials.certificate === undefined ? 'token' : 'certificate'} ${who} ${nodeName} ${subresource}`;
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = this.#review(nodeName, subresource, credentials)
        .then((decision) => this.#remember(key, decision))
        .finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    return pending;
  }

  #remember(key: string, decision: AccessDecision): AccessDecision {
    if (decision.kind === 'allowed') this.#decisions.set(key, decision, this.#clock.now() + allowedTtlMs);
    if (decision.kind === 'forbidden') this.#decisions.set(key, decision, this.#clock.now() + deniedTtlMs);
    return decision;
  }

  async #review(nodeName: string, subresource: string, credentials: Credentials): Promise<AccessDecision> {
    const caller = credentials.certificate ?? (await this.#callerOf(credentials.bearerToken ?? ''));
    if (caller === undefined) return { kind: 'unauthenticated' };
    try {
      const review = await this.#api.request<{ status?: { allowed?: boolean } }>({
        method: 'POST',
        path: '/apis/authorization.k8s.io/v1/subjectaccessreviews',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SubjectAccessReview',
          spec: {
            user: caller.username,
            groups: caller.groups,
            resourceAttributes: { verb: 'get', version: 'v1', resource: 'nodes', subresource, name: nodeName },
          },
        },
      });
      return review.status?.allowed === true ? { kind: 'allowed' } : { kind: 'forbidden', username: caller.username };
    } catch {
      return { kind: 'failed', username: caller.username };
    }
  }

  async #callerOf(token: string): Promise<Caller | undefined> {
    const known = this.#callers.get(token);
    if (known !== undefined) return known;
    const asked = this.#authenticate(token);
    this.#callers.set(token, asked, this.#clock.now() + tokenTtlMs);
    const caller = await asked;
    if (caller === undefined) this.#callers.delete(token);
    return caller;
  }

  async #authenticate(token: string): Promise<Caller | undefined> {
    try {
      const review = await this.#api.request<{
        status?: { authenticated?: boolean; user?: { username?: string; groups?: string[] } };
      }>({
        method: 'POST',
        path: '/apis/authentication.k8s.io/v1/tokenreviews',
        body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } },
      });
      const user = review.status?.user;
      if (review.status?.authenticated !== true || user?.username === undefined) return undefined;
      return { username: user.username, groups: user.groups ?? [] };
    } catch {
      return undefined;
    }
  }
}

/** A map whose entries end; bounded, the oldest go first. */
class ExpiringMap<Value> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.untilMs <= this.#clock.now() ? undefined : entry.value;
  }

  set(key: string, value: Value, untilMs: number): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs });
    if (this.#entries.size <= maximumEntries) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
