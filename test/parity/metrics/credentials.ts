// Pure but for the clock of certificates: who asks. Every way of saying who one is, right and wrong.
import { type Authority, createAuthority, type KeyPairPem } from '../../cluster/pki.ts';
import type { ClientIdentity } from './ask.ts';

export interface Credential extends ClientIdentity {
  readonly name: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface Authorities {
  readonly clusterCa: Authority;
  readonly frontProxyCa: Authority;
}

/** Of service accounts: one that may read metrics, one that may nothing, and one for another audience. */
export interface Tokens {
  readonly reader: string;
  readonly stranger: string;
  readonly otherAudience: string;
}

/** The namespace that `tenant` may read, and the pod and node that `picky` may. */
export const tenantNamespace = 'team-a';

const dayMs = 86_400_000;

/** Rights of the users that the credentials below name. */
export function accessObjects(picked: { readonly node: string; readonly pod: string }): readonly object[] {
  const metrics = { apiGroups: ['metrics.k8s.io'], verbs: ['get', 'list', 'watch'] };
  const role = (kind: string, name: string, rules: readonly object[]): object => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name, ...(kind === 'Role' ? { namespace: tenantNamespace } : {}) },
    rules,
  });
  const binding = (kind: string, name: string, subjects: readonly object[]): object => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: `${kind}Binding`,
    metadata: { name, ...(kind === 'Role' ? { namespace: tenantNamespace } : {}) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name },
    subjects: subjects.map((subject) => ({ ...('namespace' in subject ? {} : { apiGroup: rbac }), ...subject })),
  });
  const account = { kind: 'ServiceAccount', namespace: 'parity', name: 'reader' };
  return [
    role('ClusterRole', 'parity-reader', [{ ...metrics, resources: ['pods', 'nodes'] }]),
    binding('ClusterRole', 'parity-reader', [
      { kind: 'User', name: 'reader' },
      { kind: 'Group', name: 'readers' },
      account,
    ]),
    role('ClusterRole', 'parity-monitor', [{ nonResourceURLs: ['/metrics', '/readyz/*', '/livez/*'], verbs: ['get'] }]),
    binding('ClusterRole', 'parity-monitor', [{ kind: 'User', name: 'monitor' }]),
    role('ClusterRole', 'parity-impersonator', [
      { apiGroups: [''], resources: ['users', 'groups'], verbs: ['impersonate'] },
    ]),
    binding('ClusterRole', 'parity-impersonator', [{ kind: 'User', name: 'impersonator' }]),
    role('Role', 'parity-tenant', [{ ...metrics, resources: ['pods'] }]),
    binding('Role', 'parity-tenant', [{ kind: 'User', name: 'tenant' }]),
    role('ClusterRole', 'parity-picky', [
      { ...metrics, verbs: ['get'], resources: ['pods'], resourceNames: [picked.pod] },
      { ...metrics, resources: ['nodes'], resourceNames: [picked.node] },
    ]),
    binding('ClusterRole', 'parity-picky', [{ kind: 'User', name: 'picky' }]),
  ];
}

const rbac = 'rbac.authorization.k8s.io';

export function makeCredentials({ clusterCa, frontProxyCa }: Authorities, tokens: Tokens): readonly Credential[] {
  return [
    { name: 'nobody', headers: {} },
    ...certificateHolders(clusterCa),
    ...tokenBearers(tokens, clusterCa),
    ...proxies(frontProxyCa, clusterCa),
    ...impersonators(clusterCa, frontProxyCa),
  ];
}

/** A client certificate of the cluster's authority for a user, with groups. */
function userCertificate(clusterCa: Authority, commonName: string, ...organizations: string[]): ClientIdentity {
  return identity(clusterCa.issue({ commonName, organizations, usage: 'client' }));
}

function identity({ certificatePem, keyPem }: KeyPairPem): ClientIdentity {
  return { cert: certificatePem, key: keyPem };
}

function certificateHolders(clusterCa: Authority): readonly Credential[] {
  const user = (name: string, ...groups: string[]): Credential => ({
    name: `certificate of ${[name, ...groups].join(' in ')}`,
    headers: {},
    ...userCertificate(clusterCa, name, ...groups),
  });
  const now = Date.now();
  const odd = (name: string, pair: KeyPairPem): Credential => ({ name, headers: {}, ...identity(pair) });
  const foreign = createAuthority('kubernetes');
  return [
    user('kubernetes-admin', 'system:masters'),
    user('reader'),
    user('someone', 'readers'),
    user('monitor'),
    user('tenant'),
    user('picky'),
    user('stranger'),
    odd(
      'expired certificate',
      clusterCa.issue({ commonName: 'reader', usage: 'client', notAfter: new Date(now - dayMs / 2) }),
    ),
    odd(
      'certificate of tomorrow',
      clusterCa.issue({ commonName: 'reader', usage: 'client', notBefore: new Date(now + dayMs) }),
    ),
    odd('server certificate', clusterCa.issue({ commonName: 'reader', usage: 'server', hosts: ['localhost'] })),
    odd('certificate of an unknown authority', foreign.issue({ commonName: 'reader', usage: 'client' })),
  ];
}

function tokenBearers(tokens: Tokens, clusterCa: Authority): readonly Credential[] {
  const bearer = (name: string, authorization: string | readonly string[], more: ClientIdentity = {}): Credential => ({
    name,
    headers: { authorization },
    ...more,
  });
  const [head = '', payload = ''] = tokens.reader.split('.');
  const foreign = createAuthority('kubernetes').issue({ commonName: 'reader', usage: 'client' });
  return [
    bearer('token of reader', `Bearer ${tokens.reader}`),
    bearer('token of stranger', `Bearer ${tokens.stranger}`),
    bearer('token for another audience', `Bearer ${tokens.otherAudience}`),
    bearer('token with a wrong signature', `Bearer ${head}.${payload}.AAAA`),
    bearer('token that is none', 'Bearer nonsense'),
    bearer('token with a blank in it', 'Bearer two words'),
    bearer('empty token', 'Bearer '),
    bearer('token without a scheme', tokens.reader),
    bearer('token with a scheme in lower case', `bearer ${tokens.reader}`),
    bearer('token after two blanks', `Bearer  ${tokens.reader}`),
    bearer('name and password', `Basic ${Buffer.from('reader:secret').toString('base64')}`),
    bearer(
      'certificate of stranger, token of reader',
      `Bearer ${tokens.reader}`,
      userCertificate(clusterCa, 'stranger'),
    ),
    bearer('certificate of reader, token that is none', 'Bearer nonsense', userCertificate(clusterCa, 'reader')),
    bearer('certificate of an unknown authority, token of reader', `Bearer ${tokens.reader}`, identity(foreign)),
  ];
}

function proxies(frontProxyCa: Authority, clusterCa: Authority): readonly Credential[] {
  const proxy = identity(frontProxyCa.issue({ commonName: 'front-proxy-client', usage: 'client' }));
  const other = identity(frontProxyCa.issue({ commonName: 'other', usage: 'client' }));
  const by = (name: string, headers: Credential['headers'], who: ClientIdentity = proxy): Credential => ({
    name: `front proxy: ${name}`,
    headers,
    ...who,
  });
  return [
    by('reader', { 'x-remote-user': 'reader' }),
    by('a group', { 'x-remote-user': 'someone', 'x-remote-group': ['others', 'readers'] }),
    by('system:masters', { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' }),
    by('stranger', { 'x-remote-user': 'stranger', 'x-remote-group': 'strangers' }),
    by('extras', { 'x-remote-user': 'reader', 'x-remote-extra-scopes%2fA': 'x', 'x-remote-extra-b': ['1', '2'] }),
    by('the anonymous user', { 'x-remote-user': 'system:anonymous', 'x-remote-group': 'system:unauthenticated' }),
    by('no user', {}),
    by('an empty user', { 'x-remote-user': '' }),
    by('an empty user, then one', { 'x-remote-user': ['', 'reader'] }),
    by('two users', { 'x-remote-user': ['stranger', 'reader'] }),
    by('a user of blanks', { 'x-remote-user': '  ' }),
    by('an uid', { 'x-remote-user': 'reader', 'x-remote-uid': '42' }),
    by('a name that is not allowed', { 'x-remote-user': 'reader' }, other),
    by('with a certificate of the cluster', { 'x-remote-user': 'reader' }, userCertificate(clusterCa, 'stranger')),
    by('without a certificate', { 'x-remote-user': 'reader', 'x-remote-group': 'system:masters' }, {}),
    by('no user but a token', { authorization: 'Bearer nonsense' }),
  ];
}

function impersonators(clusterCa: Authority, frontProxyCa: Authority): readonly Credential[] {
  const admin = userCertificate(clusterCa, 'kubernetes-admin', 'system:masters');
  const allowed = userCertificate(clusterCa, 'impersonator');
  const proxy = identity(frontProxyCa.issue({ commonName: 'front-proxy-client', usage: 'client' }));
  return [
    { name: 'impersonation of reader by an administrator', headers: { 'impersonate-user': 'reader' }, ...admin },
    { name: 'impersonation of stranger by an administrator', headers: { 'impersonate-user': 'stranger' }, ...admin },
    { name: 'impersonation of a group only', headers: { 'impersonate-group': 'readers' }, ...admin },
    { name: 'impersonation of reader by one who may', headers: { 'impersonate-user': 'reader' }, ...allowed },
    {
      name: 'impersonation of reader by one who may not',
      headers: { 'impersonate-user': 'reader' },
      ...userCertificate(clusterCa, 'stranger'),
    },
    {
      name: 'impersonation through the front proxy',
      headers: { 'x-remote-user': 'stranger', 'impersonate-user': 'reader' },
      ...proxy,
    },
  ];
}
