// Edge: whether a user may do something, asked of the API server (authorization.k8s.io/v1 SubjectAccessReview) and remembered for a while.
import { ExpiringCache } from './expiring-cache.ts';
import { postReview, type ReviewCall } from './review-call.ts';
import type { UserInfo } from './user.ts';

const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s';
const capacity = 8192;
/** Attributes longer than this are chosen by the caller to be long; they would only push others out of the cache. */
const longestCachedAttributes = 10_000;

export interface SelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** '' and undefined are left out of the review. */
export interface ResourceAttributes {
  readonly namespace: string;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  readonly fieldSelector: readonly SelectorRequirement[];
  readonly labelSelector: readonly SelectorRequirement[];
}

interface NonResourceAttributes {
  readonly path: string;
  readonly verb: string;
}

export type AccessAttributes =
  | { readonly resource: ResourceAttributes }
  | { readonly nonResource: NonResourceAttributes };

export interface AccessDecision {
  readonly allowed: boolean;
  /** What the authorizer says about it; '' when nothing. */
  readonly reason: string;
}

/** Throws what the ApiClient throws when the API server could not decide: the caller must then refuse. */
export type ReviewAccess = (user: UserInfo, attributes: AccessAttributes) => Promise<AccessDecision>;

interface SubjectAccessReview {
  readonly status?: { readonly allowed?: boolean; readonly denied?: boolean; readonly reason?: string };
}

export interface AccessReviewerOptions extends ReviewCall {
  readonly allowedTtlMs: number;
  readonly deniedTtlMs: number;
}

/** Reviews access; answers are believed for their time, failures are not kept, equal questions at the same time share one request. */
export function createAccessReviewer(options: AccessReviewerOptions): ReviewAccess {
  const cache = new ExpiringCache<AccessDecision>(options.clock, capacity);
  const running = new Map<string, Promise<AccessDecision>>();

  async function ask(spec: unknown, key: string): Promise<AccessDecision> {
    try {
      const decision = toDecision(await postReview<SubjectAccessReview>(options, path, reviewBody(spec)));
      cache.set(key, decision, decision.allowed ? options.allowedTtlMs : options.deniedTtlMs);
      return decision;
    } finally {
      running.delete(key);
    }
  }

  return async (user, attributes) => {
    const attributesKey = keyOf(attributes);
    if (attributesKey.length > longestCachedAttributes) {
      return toDecision(await postReview<SubjectAccessReview>(options, path, reviewBody(reviewSpec(user, attributes))));
    }
    const key = userKey(user) + attributesKey;
    const known = cache.get(key);
    if (known !== undefined) return known;
    const asked = running.get(key) ?? ask(reviewSpec(user, attributes), key);
    running.set(key, asked);
    return await asked;
  };
}

const attributesKeys = new WeakMap<AccessAttributes, string>();

/** The same for attributes that are the same. Rendered once for those that are remembered. */
function keyOf(attributes: AccessAttributes): string {
  let key = attributesKeys.get(attributes);
  if (key === undefined) {
    key = JSON.stringify(attributes);
    attributesKeys.set(attributes, key);
  }
  return key;
}

const userKeys = new WeakMap<UserInfo, string>();

/** The same for users who are the same. Rendered once per user that is remembered, not per request. */
function userKey(user: UserInfo): string {
  let key = userKeys.get(user);
  if (key === undefined) {
    const { name, uid, groups, extra } = user;
    key = JSON.stringify([name, uid, groups, extra]);
    userKeys.set(user, key);
  }
  return key;
}

function reviewBody(spec: unknown): unknown {
  return {
    kind: 'SubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    metadata: {},
    spec,
    status: { allowed: false },
  };
}

function reviewSpec(user: UserInfo, attributes: AccessAttributes): object {
  return {
    ...('resource' in attributes
      ? { resourceAttributes: resourceSpec(attributes.resource) }
      : { nonResourceAttributes: attributes.nonResource }),
    user: user.name,
    groups: user.groups.length === 0 ? undefined : user.groups,
    extra: Object.keys(user.extra).length === 0 ? undefined : user.extra,
    uid: present(user.uid),
  };
}

function resourceSpec(attributes: ResourceAttributes): object {
  return {
    namespace: present(attributes.namespace),
    verb: present(attributes.verb),
    group: present(attributes.group),
    version: present(attributes.version),
    resource: present(attributes.resource),
    subresource: present(attributes.subresource),
    name: present(attributes.name),
    fieldSelector: requirements(attributes.fieldSelector),
    labelSelector: requirements(attributes.labelSelector),
  };
}

function present(text: string): string | undefined {
  return text === '' ? undefined : text;
}

function requirements(list: readonly SelectorRequirement[]): object | undefined {
  return list.length === 0 ? undefined : { requirements: list };
}

/** Allowed and denied at once is nonsense, and nonsense is no. */
function toDecision({ status }: SubjectAccessReview): AccessDecision {
  return { allowed: status?.allowed === true && status.denied !== true, reason: status?.reason ?? '' };
}
