import { expect } from 'chai';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { readAuthenticationConfig } from '../../src/kube/authentication-config.ts';
import { ExpiringCache } from '../../src/kube/expiring-cache.ts';
import { createAccessReviewer, type ResourceAttributes } from '../../src/kube/subject-access-review.ts';
import { createTokenReviewer } from '../../src/kube/token-review.ts';
import type { ApiClient, ApiRequest } from '../../src/kube/types.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Answers each request with what `answer` gives for it, later. */
class ScriptedClient implements ApiClient {
  readonly requests: ApiRequest[] = [];
  answer: (request: ApiRequest) => unknown = () => ({});

  async request<T>(request: ApiRequest): Promise<T> {
    this.requests.push(request);
    await new Promise((resolve) => setImmediate(resolve));
    return this.answer(request) as T;
  }

  stream(): Promise<AsyncIterable<Uint8Array>> {
    throw new Error('not used');
  }
}

const alice = { name: 'alice', uid: 'u', groups: ['devs'], extra: {} };
const listNodes: ResourceAttributes = {
  namespace: '',
  verb: 'list',
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  resource: 'nodes',
  subresource: '',
  name: '',
  fieldSelector: [],
  labelSelector: [],
};

describe('kube: reviews of tokens', () => {
  let clock: FakeClock;
  let client: ScriptedClient;
  let review: ReturnType<typeof createTokenReviewer>;
  beforeEach(() => {
    clock = new FakeClock();
    client = new ScriptedClient();
    review = createTokenReviewer({ client, clock, cacheTtlMs: 10_000 });
  });

  const accepted = { status: { authenticated: true, user: { username: 'alice', uid: 'u', groups: ['devs'] } } };

  it('posts the token without audiences and reads the user', async () => {
    client.answer = () => accepted;
    expect(await review('secret')).to.deep.equal({ authenticated: true, user: alice });
    const [{ method, path, body }] = client.requests as [ApiRequest];
    expect([method, path]).to.deep.equal(['POST', '/apis/authentication.k8s.io/v1/tokenreviews']);
    expect(JSON.stringify(body)).to.equal(
      '{"kind":"TokenReview","apiVersion":"authentication.k8s.io/v1","metadata":{},"spec":{"token":"secret"},"status":{"user":{}}}',
    );
  });
  it('believes a yes for ten seconds', async () => {
    client.answer = () => accepted;
    await review('secret');
    await clock.advance(9_999);
    await review('secret');
    expect(client.requests).to.have.length(1);
    await clock.advance(1);
    await review('secret');
    expect(client.requests).to.have.length(2);
  });
  it('believes a no for ten seconds', async () => {
    client.answer = () => ({ status: { authenticated: false } });
    expect(await review('unknown')).to.deep.equal({ authenticated: false, error: '' });
    await review('unknown');
    expect(client.requests).to.have.length(1);
  });
  it('asks again after a no with an error, which may pass', async () => {
    client.answer = () => ({ status: { error: 'token expired' } });
    expect(await review('old')).to.deep.equal({ authenticated: false, error: 'token expired' });
    await review('old');
    expect(client.requests).to.have.length(2);
  });
  it('asks once for callers that come together, apart for other tokens', async () => {
    client.answer = () => accepted;
    await Promise.all([review('a'), review('a'), review('b'), review('a')]);
    expect(client.requests).to.have.length(2);
  });
  it('forgets failures', async () => {
    client.answer = () => {
      throw new HeadroomError('API_REQUEST_FAILED', 'connection refused');
    };
    const failures = await Promise.allSettled([review('a'), review('a')]);
    expect(failures.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
    expect(client.requests).to.have.length(1);
    client.answer = () => accepted;
    expect((await review('a')).authenticated).to.equal(true);
  });
  it('tries again when the API server is too busy, with growing pauses, five times in all', async () => {
    client.answer = () => {
      throw new ApiStatusError({ code: 429, reason: 'TooManyRequests', message: 'busy' });
    };
    const asked = review('a').catch((error: unknown) => error);
    await clock.advance(499);
    expect(client.requests).to.have.length(1);
    await clock.advance(1);
    expect(client.requests).to.have.length(2);
    await clock.advance(750 + 1_125 + 1_688);
    expect(client.requests).to.have.length(5);
    expect(await asked).to.be.instanceOf(ApiStatusError);
  });
  it('tries again after a connection that was cut, not after a refusal', async () => {
    let calls = 0;
    client.answer = () => {
      calls += 1;
      if (calls > 1) return accepted;
      const cause = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
      throw new HeadroomError('API_REQUEST_FAILED', 'connection lost', { cause });
    };
    const asked = review('a');
    await clock.advance(500);
    expect((await asked).authenticated).to.equal(true);
    client.answer = () => {
      throw new ApiStatusError({ code: 403, reason: 'Forbidden', message: 'no' });
    };
    const error = await review('b').catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ApiStatusError);
    expect(client.requests).to.have.length(3);
  });
});

describe('kube: reviews of access', () => {
  let clock: FakeClock;
  let client: ScriptedClient;
  let review: ReturnType<typeof createAccessReviewer>;
  beforeEach(() => {
    clock = new FakeClock();
    client = new ScriptedClient();
    client.answer = () => ({ status: { allowed: true, reason: 'RBAC' } });
    review = createAccessReviewer({ client, clock, allowedTtlMs: 10_000, deniedTtlMs: 3_000 });
  });

  it('leaves out what is empty', async () => {
    expect(await review({ ...alice, uid: '', groups: [] }, { resource: listNodes })).to.deep.equal({
      allowed: true,
      reason: 'RBAC',
    });
    await review(alice, { nonResource: { path: '/metrics', verb: 'get' } });
    const specs = client.requests.map(({ body }) => JSON.stringify((body as { spec: object }).spec));
    expect(specs).to.deep.equal([
      '{"resourceAttributes":{"verb":"list","group":"metrics.k8s.io","version":"v1beta1","resource":"nodes"},"user":"alice"}',
      '{"nonResourceAttributes":{"path":"/metrics","verb":"get"},"user":"alice","groups":["devs"],"uid":"u"}',
    ]);
  });
  it('believes yes and no for times of their own', async () => {
    await review(alice, { resource: listNodes });
    await clock.advance(9_999);
    await review(alice, { resource: listNodes });
    expect(client.requests).to.have.length(1);
    client.answer = () => ({ status: { allowed: false } });
    await review(alice, { resource: { ...listNodes, verb: 'get' } });
    await clock.advance(2_999);
    await review(alice, { resource: { ...listNodes, verb: 'get' } });
    expect(client.requests).to.have.length(2);
    await clock.advance(1);
    await review(alice, { resource: { ...listNodes, verb: 'get' } });
    expect(client.requests).to.have.length(3);
  });
  it('tells apart users, groups and extras', async () => {
    for (const user of [
      alice,
      { ...alice, groups: ['ops'] },
      { ...alice, extra: { a: ['b'] } },
      { ...alice, uid: '' },
    ]) {
      await review(user, { resource: listNodes });
    }
    expect(client.requests).to.have.length(4);
  });
  it('does not keep answers about attributes that the caller made very long', async () => {
    const resource = { ...listNodes, name: 'x'.repeat(10_001) };
    await review(alice, { resource });
    await review(alice, { resource });
    expect(client.requests).to.have.length(2);
  });
  it('takes allowed and denied at once for no, and no status too', async () => {
    client.answer = () => ({ status: { allowed: true, denied: true } });
    expect((await review(alice, { resource: listNodes })).allowed).to.equal(false);
    client.answer = () => ({});
    expect((await review({ ...alice, name: 'bob' }, { resource: listNodes })).allowed).to.equal(false);
  });
});

describe('kube: the cache of reviews', () => {
  it('makes room by forgetting what was not used for longest', () => {
    const cache = new ExpiringCache<number>(new FakeClock(), 2);
    cache.set('a', 1, 10);
    cache.set('b', 2, 10);
    cache.get('a');
    cache.set('c', 3, 10);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).to.deep.equal([1, undefined, 3, 2]);
  });
  it('keeps nothing for no time', () => {
    const cache = new ExpiringCache<number>(new FakeClock(), 2);
    cache.set('a', 1, 0);
    expect(cache.size).to.equal(0);
  });
});

describe('kube: the authentication ConfigMap', () => {
  async function read(data: Record<string, string>): Promise<Awaited<ReturnType<typeof readAuthenticationConfig>>> {
    const client = new ScriptedClient();
    client.answer = () => ({ data });
    const config = await readAuthenticationConfig(client);
    expect(client.requests[0]?.path).to.equal(
      '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication',
    );
    return config;
  }

  it('is read with all its keys', async () => {
    const config = await read({
      'client-ca-file': 'CA',
      'requestheader-client-ca-file': 'PROXY',
      'requestheader-allowed-names': '["a","b"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    });
    expect(config).to.deep.equal({
      clientCaPem: 'CA',
      requestHeaderCaPem: 'PROXY',
      requestHeader: {
        allowedNames: ['a', 'b'],
        usernameHeaders: ['X-Remote-User'],
        uidHeaders: ['X-Remote-Uid'],
        groupHeaders: ['X-Remote-Group'],
        extraHeaderPrefixes: ['X-Remote-Extra-'],
      },
    });
  });
  it('may lack everything', async () => {
    const config = await read({});
    expect(config.clientCaPem + config.requestHeaderCaPem).to.equal('');
    expect(config.requestHeader.usernameHeaders).to.deep.equal([]);
  });
  for (const text of ['{', '"a"', '[1]']) {
    it(`is refused with ${text} for a list`, async () => {
      const error = await read({ 'requestheader-allowed-names': text }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'OBJECT_INVALID' });
    });
  }
});
