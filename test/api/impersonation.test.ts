// Impersonation over real TLS connections. The words are what metrics-server v0.9.0 answered to the same callers.
import { expect } from 'chai';
import { type ApiAnswer, ApiHarness, type Ask, createPki, fillExampleCluster, type Pki } from './api-harness.ts';
import { client } from './certificates.ts';

const nodes = '/apis/metrics.k8s.io/v1beta1/nodes';

/** `VERB RESOURCE[/SUBRESOURCE] [NAME]` of a review, or `VERB PATH`. */
type Right = string;

describe('api: impersonation', () => {
  const pki: Pki = createPki();
  const ian = client('ian', pki.clusterCa);
  let api: ApiHarness;
  let asked: Right[];
  let acting: { user: string; groups?: readonly string[]; uid?: string; extra?: object } | undefined;

  beforeEach(async () => {
    api = new ApiHarness(pki);
    fillExampleCluster(api);
    await api.start();
    asked = [];
    acting = undefined;
  });
  afterEach(() => api.stop());

  /** The caller has these rights; whoever is impersonated may do everything. */
  function grant(...rights: Right[]): void {
    api.client.review = (spec) => {
      const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
      if (!(resource?.verb ?? path?.verb ?? '').startsWith('impersonate')) {
        acting = spec;
        return true;
      }
      const kind = [resource?.resource, resource?.subresource].filter((part) => part !== undefined).join('/');
      const right =
        resource === undefined
          ? `${path?.verb} ${path?.path}`
          : [resource.verb, kind, resource.name].filter((part) => part !== undefined).join(' ');
      asked.push(right);
      return rights.includes(right);
    };
  }

  const as = (wanted: Record<string, string | string[]>): Ask => ({
    as: ian,
    headers: Object.fromEntries(Object.entries(wanted).map(([name, value]) => [`impersonate-${name}`, value])),
  });

  function expectRefused(answer: ApiAnswer, message: string, details: object): void {
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
    expect(acting).to.equal(undefined);
  }

  function check(
    title: string,
    wanted: Record<string, string | string[]>,
    rights: Right[],
    expected: Partial<NonNullable<typeof acting>>,
  ): void {
    it(`lets a caller act as ${title}`, async () => {
      grant(...rights);
      expect((await api.ask(nodes, as(wanted))).code).to.equal(200);
      expect(acting).to.deep.include(expected);
      expect(asked).to.include.members(rights);
    });
  }

  describe('of the old kind', () => {
    check('a user, who is then authenticated', { user: 'bob' }, ['impersonate users bob'], {
      user: 'bob',
      groups: ['system:authenticated'],
    });
    check(
      'a user with groups, UID and extras, each of which it may take',
      { user: 'bob', group: ['devs', 'qa'], uid: 'u1', 'extra-a%2fb': ['x', 'y'] },
      [
        'impersonate users bob',
        'impersonate uids u1',
        'impersonate groups devs',
        'impersonate groups qa',
        'impersonate userextras/a/b x',
        'impersonate userextras/a/b y',
      ],
      { user: 'bob', groups: ['devs', 'qa', 'system:authenticated'], uid: 'u1', extra: { 'a/b': ['x', 'y'] } },
    );
    check(
      'a service account, with its groups',
      { user: 'system:serviceaccount:ns:robot' },
      ['impersonate serviceaccounts robot'],
      {
        user: 'system:serviceaccount:ns:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
      },
    );
    check('nobody', { user: 'system:anonymous' }, ['impersonate users system:anonymous'], {
      user: 'system:anonymous',
      groups: ['system:unauthenticated'],
    });
    it('asks nobody about members of system:masters', async () => {
      grant();
      expect((await api.ask(nodes, { headers: { 'impersonate-user': 'bob' } })).code).to.equal(200);
      expect(asked).to.deep.equal([]);
      expect(acting?.user).to.equal('bob');
    });
    it('serves members of system:masters as who they want to be, not as themselves', async () => {
      api.client.review = () => false;
      const answer = await api.ask(nodes, { headers: { 'impersonate-user': 'bob' } });
      expect(answer.text).to.include('User \\"bob\\" cannot list resource \\"nodes\\"');
    });
    it('is refused for one group that the caller may not take', async () => {
      grant('impersonate users bob', 'impersonate groups devs');
      await api.ask(nodes, as({ user: 'bob' }));
      acting = undefined;
      expectRefused(
        await api.ask(nodes, as({ user: 'bob', group: ['devs', 'system:masters'] })),
        'groups "system:masters" is forbidden: User "ian" cannot impersonate resource "groups" in API group "" at the cluster scope',
        { name: 'system:masters', kind: 'groups' },
      );
    });
  });

  describe('bound to a request', () => {
    check(
      'a user for what it may do as one',
      { user: 'bob', group: 'devs' },
      ['impersonate-on:user-info:list nodes', 'impersonate:user-info users bob', 'impersonate:user-info groups devs'],
      { user: 'bob', groups: ['devs', 'system:authenticated'] },
    );
    check(
      'a user in many groups, when it may take all there are',
      { user: 'bob', group: ['a', 'b', 'c', 'd'] },
      ['impersonate-on:user-info:list nodes', 'impersonate:user-info users bob', 'impersonate:user-info groups *'],
      { groups: ['a', 'b', 'c', 'd', 'system:authenticated'] },
    );
    check(
      'a node, with the groups of nodes',
      { user: 'system:node:n1' },
      ['impersonate-on:arbitrary-node:list nodes', 'impersonate:arbitrary-node nodes n1'],
      { user: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] },
    );
    check(
      'a service account',
      { user: 'system:serviceaccount:ns:robot' },
      ['impersonate-on:serviceaccount:list nodes', 'impersonate:serviceaccount serviceaccounts robot'],
      { groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'] },
    );
    it('lets a service account act as the node that it runs on, and no other', async () => {
      const extra = {
        'authentication.kubernetes.io/node-name': ['n1'],
        'authentication.kubernetes.io/pod-name': ['p'],
      };
      api.client.tokens = { agent: { username: 'system:serviceaccount:ns:agent', extra } };
      grant('impersonate-on:associated-node:list nodes', 'impersonate:associated-node nodes *');
      const ask = (node: string): Ask => ({
        as: undefined,
        headers: { authorization: 'Bearer agent', 'impersonate-user': `system:node:${node}` },
      });
      expect((await api.ask(nodes, ask('n1'))).code).to.equal(200);
      expect(acting?.user).to.equal('system:node:n1');
      expect((await api.ask(nodes, ask('n2'))).code).to.equal(403);
    });
    it('never gives the rights of system:masters away', async () => {
      grant(
        'impersonate-on:user-info:list nodes',
        'impersonate:user-info users bob',
        'impersonate:user-info groups system:masters',
      );
      expectRefused(
        await api.ask(nodes, as({ user: 'bob', group: 'system:masters' })),
        'groups.authentication.k8s.io "system:masters" is forbidden: User "ian" cannot impersonate:user-info resource "groups" ' +
          'in API group "authentication.k8s.io" at the cluster scope: impersonating the system:masters group is not allowed',
        { name: 'system:masters', group: 'authentication.k8s.io', kind: 'groups' },
      );
    });
    it('is refused in the words of the first kind that was tried', async () => {
      grant();
      expectRefused(
        await api.ask(`${nodes}/node-a`, as({ user: 'bob' })),
        'nodes.metrics.k8s.io "node-a" is forbidden: User "ian" cannot impersonate-on:user-info:get resource "nodes" ' +
          'in API group "metrics.k8s.io" at the cluster scope',
        { name: 'node-a', group: 'metrics.k8s.io', kind: 'nodes' },
      );
    });
    it('is refused also where the path itself is open to all', async () => {
      grant();
      expectRefused(
        await api.ask('/healthz', as({ user: 'bob' })),
        'users.authentication.k8s.io "bob" is forbidden: User "ian" cannot impersonate:user-info resource "users" ' +
          'in API group "authentication.k8s.io" at the cluster scope',
        { name: 'bob', group: 'authentication.k8s.io', kind: 'users' },
      );
    });
    function checkExtra(key: string, values: string[], problem: string): void {
      it(`takes no extra ${key}=${values.join(',')}`, async () => {
        grant('impersonate-on:user-info:list nodes', 'impersonate:user-info users bob');
        const answer = await api.ask(nodes, as({ user: 'bob', [`extra-${encodeURIComponent(key)}`]: values }));
        expect((JSON.parse(answer.text) as { message: string }).message).to.include(problem);
      });
    }
    checkExtra(
      'scopes',
      ['a'],
      'extra.key: Invalid value: "scopes": must be a domain-prefixed path (such as "acme.io/foo")',
    );
    checkExtra('acme.io/foo', [''], 'impersonating the empty string value in extra is not allowed');
  });

  function checkHalf(wanted: Record<string, string>, shown: string): void {
    it(`answers 400 to ${JSON.stringify(wanted)} without a user`, async () => {
      const answer = await api.ask(nodes, as(wanted));
      const { message, code } = JSON.parse(answer.text) as { message: string; code: number };
      expect([message, code]).to.deep.equal([
        `requested &user.DefaultInfo{Name:"", ${shown}} without impersonating a user name`,
        400,
      ]);
      expect(answer.headers['x-content-type-options']).to.equal('nosniff');
    });
  }
  checkHalf({ group: 'devs' }, 'UID:"", Groups:[]string{"devs"}, Extra:map[string][]string(nil)');
  checkHalf({ uid: 'u' }, 'UID:"u", Groups:[]string(nil), Extra:map[string][]string(nil)');
  checkHalf(
    { user: '', 'extra-scopes': 'a' },
    'UID:"", Groups:[]string(nil), Extra:map[string][]string{"scopes":[]string{"a"}}',
  );

  it('takes an empty name and headers that mean nothing for no wish at all', async () => {
    grant();
    await api.ask(nodes, as({ user: '', foo: 'x' }));
    expect(acting?.user).to.equal('ian');
  });

  it('is refused while nobody can say whether it is allowed, without telling why', async () => {
    api.client.failure = new Error('dial tcp 10.0.0.1:443');
    const answer = await api.ask(nodes, as({ user: 'bob' }));
    expect(answer.code).to.equal(403);
    expect(answer.text).to.include(': access could not be reviewed').and.not.include('10.0.0.1');
  });
});
