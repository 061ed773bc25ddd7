// Who may ask what: credentials x paths, on real TLS connections.
import { expect } from 'chai';
import { ApiHarness, type Ask, createPki, fillExampleCluster, nowMs, type Pki } from './api-harness.ts';
import { authority, client } from './certificates.ts';

const nodes = '/apis/metrics.k8s.io/v1beta1/nodes';

describe('api: who may ask what', () => {
  const pki: Pki = createPki();
  const carol = client('carol', pki.clusterCa, { organizations: ['devs', 'ops'] });
  const stranger = client('carol', pki.otherCa, { organizations: ['system:masters'] });
  const expired = client('carol', pki.clusterCa, { notAfterMs: nowMs - 1 });
  const serverOnly = pki.serving;
  const nameless = client('', pki.clusterCa);
  const otherProxy = client('somebody', pki.proxyCa);
  const forgedProxy = client('front-proxy-client', pki.clusterCa);
  let api: ApiHarness;

  beforeEach(async () => {
    api = new ApiHarness(pki);
    fillExampleCluster(api);
    api.client.tokens = { good: { username: 'tom', groups: ['devs'], uid: 'u1', extra: { scope: ['a', 'b'] } } };
    await api.start();
  });
  afterEach(() => api.stop());

  const none = undefined;
  const callers: Record<string, Ask> = {
    'no credential': { as: none },
    'a client certificate': { as: carol },
    'a certificate of an unknown CA': { as: stranger },
    'an expired certificate': { as: expired },
    'a certificate for servers only': { as: serverOnly },
    'a certificate without a name': { as: nameless },
    'a good token': { as: none, headers: { authorization: 'Bearer good' } },
    'a bad token': { as: none, headers: { authorization: 'Bearer bad' } },
    'basic authentication': { as: none, headers: { authorization: 'Basic Z29vZA==' } },
    'a bad certificate and a good token': { as: stranger, headers: { authorization: 'Bearer good' } },
    'the front proxy for a user': {
      as: pki.proxy,
      headers: { 'x-remote-user': 'bob', 'x-remote-group': ['devs', 'qa'] },
    },
    'the front proxy for system:masters': {
      as: pki.proxy,
      headers: { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' },
    },
    'the front proxy for nobody': {
      as: pki.proxy,
      headers: { 'x-remote-user': 'system:anonymous', 'x-remote-group': 'system:unauthenticated' },
    },
    'the front proxy without a user': { as: pki.proxy },
    'a front proxy of another name': {
      as: otherProxy,
      headers: { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' },
    },
    'a front proxy that only the client CA signed': {
      as: forgedProxy,
      headers: { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' },
    },
    'proxy headers without a certificate': {
      as: none,
      headers: { 'x-remote-user': 'root', 'x-remote-group': 'system:masters' },
    },
  };

  /** Everybody may read what the reference's RBAC would let devs read: nodes. */
  function check(
    caller: string,
    expected: { nodes: number; healthz: number; metrics: number; user?: string; groups?: string[] },
  ): void {
    it(`answers ${caller}: nodes ${expected.nodes}, /healthz ${expected.healthz}, /metrics ${expected.metrics}`, async () => {
      let seen: { user: string; groups?: readonly string[] } | undefined;
      api.client.review = (spec) => {
        seen = spec;
        return spec.groups?.includes('devs') === true && spec.resourceAttributes?.resource === 'nodes';
      };
      const ask = callers[caller]!;
      const answers = [await api.ask(nodes, ask), await api.ask('/healthz', ask), await api.ask('/metrics', ask)];
      expect(answers.map(({ code }) => code)).to.deep.equal([expected.nodes, expected.healthz, expected.metrics]);
      if (expected.user !== undefined) expect(seen?.user).to.equal(expected.user);
      if (expected.groups !== undefined) expect(seen?.groups).to.deep.equal(expected.groups);
    });
  }

  describe('everybody gets what the authorizer lets them', () => {
    check('no credential', {
      nodes: 403,
      healthz: 200,
      metrics: 403,
      user: 'system:anonymous',
      groups: ['system:unauthenticated'],
    });
    check('basic authentication', { nodes: 403, healthz: 200, metrics: 403, user: 'system:anonymous' });
    check('a client certificate', {
      nodes: 200,
      healthz: 200,
      metrics: 403,
      user: 'carol',
      groups: ['devs', 'ops', 'system:authenticated'],
    });
    check('a good token', {
      nodes: 200,
      healthz: 200,
      metrics: 403,
      user: 'tom',
      groups: ['devs', 'system:authenticated'],
    });
    check('a bad certificate and a good token', { nodes: 200, healthz: 200, metrics: 403, user: 'tom' });
    check('the front proxy for a user', {
      nodes: 200,
      healthz: 200,
      metrics: 403,
      user: 'bob',
      groups: ['devs', 'qa', 'system:authenticated'],
    });
    check('the front proxy for nobody', { nodes: 403, healthz: 200, metrics: 403, groups: ['system:unauthenticated'] });
    check('the front proxy for system:masters', { nodes: 200, healthz: 200, metrics: 200 });
    check('proxy headers without a certificate', { nodes: 403, healthz: 200, metrics: 403, user: 'system:anonymous' });
    check('a certificate without a name', { nodes: 401, healthz: 401, metrics: 401 });
  });

  describe('a credential that proves nothing is never anonymous', () => {
    check('a certificate of an unknown CA', { nodes: 401, healthz: 401, metrics: 401 });
    check('an expired certificate', { nodes: 401, healthz: 401, metrics: 401 });
    check('a certificate for servers only', { nodes: 401, healthz: 401, metrics: 401 });
    check('a bad token', { nodes: 401, healthz: 401, metrics: 401 });
    check('the front proxy without a user', { nodes: 401, healthz: 401, metrics: 401 });
    check('a front proxy of another name', { nodes: 401, healthz: 401, metrics: 401 });
    it('believes a certificate of the client CA as itself, not as a front proxy', async () => {
      let user = '';
      api.client.review = (spec) => {
        user = spec.user;
        return true;
      };
      const answer = await api.ask(nodes, callers['a front proxy that only the client CA signed']);
      expect([answer.code, user]).to.deep.equal([200, 'front-proxy-client']);
    });
  });

  it('answers 401 in these words, without WWW-Authenticate', async () => {
    const answer = await api.ask(nodes, { as: stranger });
    expect(answer.text).to.equal(
      '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\n',
    );
    expect(answer.headers).to.not.have.any.keys('www-authenticate', 'x-content-type-options');
  });

  function checkForbidden(path: string, reason: string, message: string, details: object, method = 'GET'): void {
    it(`answers 403 to ${method} ${path}: ${message}`, async () => {
      api.client.review = () => ({ allowed: false, reason });
      const answer = await api.ask(path, { as: carol, method });
      const status = {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message,
        reason: 'Forbidden',
        details,
        code: 403,
      };
      expect(answer.text).to.equal(`${JSON.stringify(status)}\n`);
      expect(answer.headers['x-content-type-options']).to.equal('nosniff');
    });
  }
  const group = 'metrics.k8s.io';
  const inGroup = 'in API group "metrics.k8s.io"';
  checkForbidden(
    nodes,
    '',
    `nodes.metrics.k8s.io is forbidden: User "carol" cannot list resource "nodes" ${inGroup} at the cluster scope`,
    {
      group,
      kind: 'nodes',
    },
  );
  checkForbidden(
    `${nodes}?fieldSelector=metadata.name%3Dnode-b`,
    'no RBAC policy matched',
    `nodes.metrics.k8s.io "node-b" is forbidden: User "carol" cannot list resource "nodes" ${inGroup} at the cluster scope: no RBAC policy matched`,
    { name: 'node-b', group, kind: 'nodes' },
  );
  checkForbidden(
    '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods/web-1',
    '',
    `pods.metrics.k8s.io "web-1" is forbidden: User "carol" cannot get resource "pods" ${inGroup} in the namespace "default"`,
    { name: 'web-1', group, kind: 'pods' },
  );
  checkForbidden(
    nodes,
    '',
    `nodes.metrics.k8s.io is forbidden: User "carol" cannot deletecollection resource "nodes" ${inGroup} at the cluster scope`,
    { group, kind: 'nodes' },
    'DELETE',
  );
  checkForbidden(
    `${nodes}?watch=1`,
    '',
    `nodes.metrics.k8s.io is forbidden: User "carol" cannot watch resource "nodes" ${inGroup} at the cluster scope`,
    {
      group,
      kind: 'nodes',
    },
  );
  checkForbidden('/livez/ping', 'because', 'forbidden: User "carol" cannot get path "/livez/ping": because', {});
  checkForbidden('/healthz/', '', 'forbidden: User "carol" cannot get path "/healthz/"', {});

  it('asks for a review exactly as the reference does', async () => {
    api.client.review = () => true;
    const query = 'labelSelector=app%3Dweb%2Ctier+in+(b%2Ca)%2C!old&fieldSelector=metadata.name%3Dx';
    await api.ask(`/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?${query}`, {
      as: pki.proxy,
      headers: { 'x-remote-user': 'carol', 'x-remote-group': 'devs', 'x-remote-extra-scopes%2fA': ['v1', 'v2'] },
    });
    const { path, body } = api.client.requests.at(-1)!;
    expect(path).to.equal('/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s');
    expect(JSON.stringify(body)).to.equal(
      '{"kind":"SubjectAccessReview","apiVersion":"authorization.k8s.io/v1","metadata":{},"spec":{"resourceAttributes":{"namespace":"default","verb":"list","group":"metrics.k8s.io","version":"v1beta1","resource":"pods","name":"x","fieldSelector":{"requirements":[{"key":"metadata.name","operator":"In","values":["x"]}]},"labelSelector":{"requirements":[{"key":"app","operator":"In","values":["web"]},{"key":"old","operator":"DoesNotExist"},{"key":"tier","operator":"In","values":["a","b"]}]}},"user":"carol","groups":["devs","system:authenticated"],"extra":{"scopes/a":["v1","v2"]}},"status":{"allowed":false}}',
    );
  });

  it('leaves out of a review what it cannot say: a field selector without a field', async () => {
    api.client.review = () => false;
    const answer = await api.ask(`${nodes}?fieldSelector=%3Dx%2Cmetadata.name!%3Da`, { as: carol });
    expect(answer.code).to.equal(403);
    expect(JSON.stringify(api.client.requests.at(-1)?.body)).to.contain(
      '"fieldSelector":{"requirements":[{"key":"metadata.name","operator":"NotIn","values":["a"]}]}',
    );
  });

  it('tells the authorizer which certificate a user showed', async () => {
    let extra: Record<string, readonly string[]> | undefined;
    api.client.review = (spec) => {
      extra = spec.extra;
      return true;
    };
    await api.ask(nodes, { as: carol });
    expect(extra?.['authentication.kubernetes.io/credential-id']?.[0]).to.match(/^X509SHA256=[0-9a-f]{64}$/);
  });

  it('reviews a token once for many requests at the same time and after', async () => {
    api.client.review = () => true;
    const ask = callers['a good token'];
    await Promise.all(Array.from({ length: 8 }, () => api.ask(nodes, ask)));
    await api.ask(nodes, ask);
    expect(api.client.count('tokenreviews')).to.equal(1);
    expect(api.client.count('subjectaccessreviews')).to.equal(1);
  });

  it('fails closed while the API server does not answer: 401 for tokens, 500 for others, and recovers', async () => {
    api.client.review = () => true;
    api.client.failure = new Error('connection refused');
    expect((await api.ask(nodes, callers['a good token'])).code).to.equal(401);
    const undecided = await api.ask(nodes, { as: carol });
    expect(undecided.text).to.equal(`Internal Server Error: "${nodes}": access could not be reviewed\n`);
    expect([undecided.code, undecided.headers['content-type']]).to.deep.equal([500, 'text/plain; charset=utf-8']);
    expect(undecided.headers['x-content-type-options']).to.equal('nosniff');
    expect((await api.ask(nodes)).code, 'system:masters').to.equal(200);
    expect((await api.ask('/healthz', { as: none })).code).to.equal(200);
    api.client.failure = undefined;
    expect((await api.ask(nodes, callers['a good token'])).code).to.equal(200);
    expect((await api.ask(nodes, { as: carol })).code).to.equal(200);
  });

  it('believes what it was told for its time while the API server does not answer, and no longer', async () => {
    api.client.review = () => true;
    const asked = [callers['a good token'], { as: carol }];
    for (const ask of asked) expect((await api.ask(nodes, ask)).code).to.equal(200);
    api.client.failure = new Error('connection refused');
    for (const ask of asked) expect((await api.ask(nodes, ask)).code).to.equal(200);
    api.clock.advance(10_000);
    const later = await Promise.all(asked.map((ask) => api.ask(nodes, ask)));
    expect(later.map(({ code }) => code)).to.deep.equal([401, 500]);
  });

  it('warns who writes two blanks before a token, which is then ignored', async () => {
    const answer = await api.ask(nodes, { as: none, headers: { authorization: 'Bearer  good' } });
    expect(answer.text).to.include('User \\"system:anonymous\\"');
    expect(answer.headers['warning']).to.equal(
      '299 - "the provided Authorization header contains extra space before the bearer token, and is ignored"',
    );
  });

  it('believes for ten seconds that a certificate proves nothing, and looks again then', async () => {
    api.client.review = () => true;
    const early = client('carol', pki.clusterCa, { notBeforeMs: nowMs + 5_000 });
    const ask: Ask = { agent: api.agent(early) };
    expect((await api.ask(nodes, ask)).code).to.equal(401);
    api.clock.advance(10_000);
    expect((await api.ask(nodes, ask)).code, 'valid by now').to.equal(401);
    api.clock.advance(1);
    expect((await api.ask(nodes, ask)).code).to.equal(200);
  });

  it('takes a chain over intermediates that the client sends', async () => {
    api.client.review = () => true;
    const intermediate = authority('intermediate', pki.clusterCa);
    const leaf = client('dave', intermediate);
    const chain = { ...leaf, certificatePem: leaf.certificatePem + intermediate.certificatePem };
    expect((await api.ask(nodes, { as: chain })).code).to.equal(200);
    expect((await api.ask(nodes, { as: leaf })).code).to.equal(401);
  });

  it('reads user names as UTF-8', async () => {
    let user = '';
    api.client.review = (spec) => {
      user = spec.user;
      return true;
    };
    const onTheWire = Buffer.from('jörg').toString('latin1');
    await api.ask(nodes, { as: pki.proxy, headers: { 'x-remote-user': onTheWire } });
    expect(user).to.equal('jörg');
  });
});
