// Flow: may a caller be taken for somebody else? In one of five modes, of which the old one has always been there and the others are bound to what is
// then done (KEP-5284, docs/metrics-api.md, M-88).
import { createHash } from 'node:crypto';
import { LruMap } from '../kube/lru-map.ts';
import type { AccessAttributes, ResourceAttributes } from '../kube/subject-access-review.ts';
import type { UserInfo } from '../kube/user.ts';
import { errorMessage } from '../lib/errors.ts';
import { type Authorizer, resourceAttributes } from './authorize.ts';
import { invalidExtra } from './impersonated-extra.ts';
import { type ImpersonationMode, modesFor } from './impersonation-modes.ts';
import { forbidden, StatusError } from './status.ts';
import { nodeOf, serviceAccountGroups, serviceAccountOf } from './user-names.ts';

/** Resolves to the user that the request goes on as. Throws StatusError 403. */
export type Impersonator = (requestor: UserInfo, wanted: UserInfo, request: AccessAttributes) => Promise<UserInfo>;

interface Attempt {
  readonly mode: ImpersonationMode;
  readonly requestor: UserInfo;
  readonly wanted: UserInfo;
  readonly request: AccessAttributes;
  readonly authorize: Authorizer;
}

const rememberedCallers = 10_000;
/** From so many groups or extras on, a right to all of them is asked for before each. */
const many = 4;
const authentication = { group: 'authentication.k8s.io', version: 'v1' };

export function createImpersonator(authorize: Authorizer): Impersonator {
  const lastModes = new LruMap<ImpersonationMode>(rememberedCallers);
  return async (requestor, wanted, request) => {
    // A name may be long; what is remembered of it must not be.
    const caller = createHash('sha256').update(requestor.name).digest('base64');
    let firstRefusal: unknown;
    for (const mode of modesFor(requestor, wanted, lastModes.get(caller))) {
      try {
        const user = await impersonate({ mode, requestor, wanted, request, authorize });
        lastModes.set(caller, mode);
        return user;
      } catch (error) {
        firstRefusal ??= error;
      }
    }
    throw firstRefusal;
  };
}

async function impersonate(attempt: Attempt): Promise<UserInfo> {
  const { mode, wanted, request } = attempt;
  if (mode !== 'legacy') await mayDo(attempt, onBehalf(request, mode));
  await mayDo(attempt, nameAttributes(attempt));
  if (wanted.uid !== '')
    await mayDo(attempt, asking(attempt, { ...authentication, resource: 'uids', name: wanted.uid }));
  await mayTakeGroups(attempt);
  await mayTakeExtra(attempt);
  const groups = fixedGroups(attempt) ?? wanted.groups;
  return { ...wanted, groups: withBasicGroup(wanted.name, groups) };
}

/** The request itself, as something that is done for somebody else. */
function onBehalf(request: AccessAttributes, mode: ImpersonationMode): AccessAttributes {
  const verbOf = (verb: string): string => `impersonate-on:${mode}:${verb}`;
  return 'resource' in request
    ? { resource: { ...request.resource, verb: verbOf(request.resource.verb) } }
    : { nonResource: { ...request.nonResource, verb: verbOf(request.nonResource.verb) } };
}

function asking({ mode }: Attempt, attributes: Partial<ResourceAttributes>): AccessAttributes {
  const verb = mode === 'legacy' ? 'impersonate' : `impersonate:${mode}`;
  return { resource: resourceAttributes({ ...attributes, verb }) };
}

/** Where names and groups belong: the old mode knows them as core resources. */
function homeOf({ mode }: Attempt): { readonly group: string; readonly version: string } {
  return mode === 'legacy' ? { group: '', version: 'v1' } : authentication;
}

function nameAttributes(attempt: Attempt): AccessAttributes {
  const { mode, wanted } = attempt;
  const home = homeOf(attempt);
  const node = mode === 'legacy' ? undefined : nodeOf(wanted.name);
  // Whoever may act for the node that it runs on may do so on every node.
  if (node !== undefined) {
    return asking(attempt, { ...home, resource: 'nodes', name: mode === 'associated-node' ? '*' : node });
  }
  const account = serviceAccountOf(wanted.name);
  if (account !== undefined) return asking(attempt, { ...home, resource: 'serviceaccounts', ...account });
  return asking(attempt, { ...home, resource: 'users', name: wanted.name });
}

/** Groups that follow from the name. */
function fixedGroups({ mode, wanted }: Attempt): readonly string[] | undefined {
  if (mode !== 'legacy' && nodeOf(wanted.name) !== undefined) return ['system:nodes'];
  const account = serviceAccountOf(wanted.name);
  return account === undefined || wanted.groups.length > 0 ? undefined : serviceAccountGroups(account);
}

async function mayTakeGroups(attempt: Attempt): Promise<void> {
  const { mode, wanted } = attempt;
  const groupNamed = (name: string): AccessAttributes =>
    asking(attempt, { ...homeOf(attempt), resource: 'groups', name });
  if (mode !== 'legacy') {
    if (wanted.groups.includes(''))
      refuse(attempt, groupNamed(''), 'impersonating the empty string group is not allowed');
    if (wanted.groups.includes('system:masters')) {
      refuse(attempt, groupNamed('system:masters'), 'impersonating the system:masters group is not allowed');
    }
    if (wanted.groups.length >= many && (await isAllowed(attempt, groupNamed('*')))) return;
  }
  for (const group of wanted.groups) await mayDo(attempt, groupNamed(group));
}

async function mayTakeExtra(attempt: Attempt): Promise<void> {
  const { mode, wanted } = attempt;
  const extraNamed = (subresource: string, name: string): AccessAttributes =>
    asking(attempt, { ...authentication, resource: 'userextras', subresource, name });
  const entries = Object.entries(wanted.extra).flatMap(([key, values]) => values.map((value) => [key, value] as const));
  if (mode !== 'legacy') {
    const problem = invalidExtra(wanted.extra);
    if (problem !== undefined) refuse(attempt, extraNamed('', ''), problem);
    if (entries.length >= many && (await isAllowed(attempt, extraNamed('*', '*')))) return;
  }
  for (const [key, value] of entries) await mayDo(attempt, extraNamed(key, value));
}

async function isAllowed(attempt: Attempt, attributes: AccessAttributes): Promise<boolean> {
  try {
    await mayDo(attempt, attributes);
    return true;
  } catch {
    return false;
  }
}

/** Throws StatusError 403 unless the caller has this right. What could not be decided is refused. */
async function mayDo(attempt: Attempt, attributes: AccessAttributes): Promise<void> {
  const user = askedAs(attempt);
  const { allowed, reason } = await attempt
    .authorize(user, attributes)
    .catch((error: unknown) => ({ allowed: false, reason: errorMessage(error) }));
  if (!allowed) refuse(attempt, attributes, reason);
}

/** A service account acting for its own node is asked about as the same one on every node. */
function askedAs({ mode, requestor }: Attempt): UserInfo {
  if (mode !== 'associated-node') return requestor;
  const keys = Object.keys(requestor.extra).toSorted();
  return { ...requestor, extra: { 'authentication.kubernetes.io/associated-node-keys': keys } };
}

function refuse({ requestor }: Attempt, attributes: AccessAttributes, reason: string): never {
  throw new StatusError(forbidden(requestor.name, attributes, reason));
}

function withBasicGroup(name: string, groups: readonly string[]): readonly string[] {
  if (name !== 'system:anonymous' && groups.includes('system:unauthenticated')) return groups;
  const basic = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  return groups.includes(basic) ? groups : [...groups, basic];
}
