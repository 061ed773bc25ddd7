// HTTP/2 on real TLS connections: the same answers as over HTTP/1.1, for the same callers, and an end to what floods.
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import type { ApiRequest } from '../../src/kube/types.ts';
import { podUsage, podView } from '../support/metrics-reader-fake.ts';
import { ApiHarness, createPki, eventually, fillExampleCluster, nowText, type Pki } from './api-harness.ts';
import { client, type Identity } from './certificates.ts';

const root = '/apis/metrics.k8s.io/v1beta1';

interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe('api: HTTP/2', () => {
  const pki: Pki = createPki();
  const sessions: ClientHttp2Session[] = [];
  let api: ApiHarness;
  beforeEach(() => {
    api = new ApiHarness(pki);
    fillExampleCluster(api);
  });
  afterEach(async () => {
    for (const session of sessions.splice(0)) session.destroy();
    await api.stop();
  });

  async function open(as: Pick<Identity, 'certificatePem' | 'keyPem'> | null = pki.admin): Promise<ClientHttp2Session> {
    const credentials = as === null ? {} : { cert: as.certificatePem, key: as.keyPem };
    const session = connect(`https://127.0.0.1:${api.port}`, { rejectUnauthorized: false, ...credentials });
    session.on('error', () => {});
    sessions.push(session);
    await once(session, 'connect');
    return session;
  }

  async function read(stream: ClientHttp2Stream): Promise<Answer> {
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return { code: Number(headers[':status']), headers, body: Buffer.concat(chunks) };
  }

  const ask = (session: ClientHttp2Session, path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> =>
    read(session.request({ ':path': path, ...headers }));

  /** Reviews of access wait until the returned function is called. */
  function holdReviews(): () => void {
    const request = api.client.request.bind(api.client);
    const { promise, resolve } = Promise.withResolvers<void>();
    api.client.request = async <T>(asked: ApiRequest): Promise<T> => {
      const answer = await request<T>(asked);
      await promise;
      return answer;
    };
    return resolve;
  }

  it('gives the answers of HTTP/1.1, many at a time', async () => {
    await api.start();
    const session = await open();
    expect(session.alpnProtocol).to.equal('h2');
    const paths = [
      `${root}/nodes`,
      `${root}/pods?labelSelector=app%3Dweb`,
      `${root}/nodes/nope`,
      '/healthz',
      '/version/',
      '/nothing',
    ];
    const accepts = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
    const asked = paths.flatMap((path) => accepts.map((accept) => ({ path, accept })));
    const agent = api.agent(pki.admin);
    const answers = await Promise.all(asked.map(({ path, accept }) => ask(session, path, { accept })));
    for (const [index, { path, accept }] of asked.entries()) {
      const expected = await api.ask(path, { agent, headers: { accept } });
      const answer = answers[index];
      expect([answer?.code, answer?.body.toString('latin1')], path).to.deep.equal([
        expected.code,
        expected.body.toString('latin1'),
      ]);
      expect(answer?.headers['content-type'], path).to.equal(expected.headers['content-type']);
      expect(answer?.headers['cache-control'], path).to.equal('no-cache, private');
    }
    expect(answers[0]?.body.toString()).to.include(nowText);
  });

  it('sends long lists in parts, gzipped when it may be', async () => {
    for (let index = 0; index < 2_000; index++) {
      api.pods.pods.set(`big/p${index}`, podView({ namespace: 'big', name: `p${index}` }));
      api.reader.podUsages.set(`big/p${index}`, podUsage({ name: 'c', cpuNanoCores: 1, memoryBytes: 1 }));
    }
    await api.start();
    const session = await open();
    const plain = await ask(session, `${root}/pods`);
    expect((JSON.parse(plain.body.toString()) as { items: unknown[] }).items).to.have.length(2_004);
    expect(plain.headers).to.not.have.any.keys('content-length', 'transfer-encoding');
    const zipped = await ask(session, `${root}/pods`, { 'accept-encoding': 'gzip' });
    expect(zipped.headers['content-encoding']).to.equal('gzip');
    expect(gunzipSync(zipped.body).equals(plain.body)).to.equal(true);
  });

  it('knows who calls by certificate, by front proxy and by token', async () => {
    api.client.tokens = { good: { username: 'tom' } };
    const users: string[] = [];
    api.client.review = ({ user, groups }) => {
      users.push(`${user} ${groups?.length}`);
      return true;
    };
    await api.start();
    const carol = await open(client('carol', pki.clusterCa, { organizations: ['devs'] }));
    expect((await ask(carol, `${root}/nodes`)).code).to.equal(200);
    const groups = Array.from({ length: 300 }, (_, index) => `g${index}`);
    const proxied = await ask(await open(pki.proxy), `${root}/nodes`, {
      'x-remote-user': 'bob',
      'x-remote-group': groups,
    });
    expect(proxied.code).to.equal(200);
    expect((await ask(await open(null), `${root}/nodes`, { authorization: 'Bearer good' })).code).to.equal(200);
    expect(users).to.deep.equal(['carol 2', 'bob 301', 'tom 1']);
    expect((await ask(await open(client('x', pki.otherCa)), `${root}/nodes`)).code).to.equal(401);
  });

  it('refuses other methods, with a body or without', async () => {
    await api.start();
    const session = await open();
    const stream = session.request({ ':path': `${root}/nodes`, ':method': 'POST' });
    stream.end('{}');
    expect((await read(stream)).code).to.equal(405);
    const head = session.request({ ':path': `${root}/nodes`, ':method': 'HEAD' });
    expect((await read(head)).code).to.equal(405);
  });

  for (const name of ['constructor', '__proto__']) {
    it(`takes a header that is named ${name} for a header like any other`, async () => {
      api.client.review = ({ user }) => user === 'bob';
      await api.start();
      // Not a literal: there, __proto__ would not be a name.
      const headers = Object.fromEntries([[name, 'x']]);
      const answer = await ask(await open(pki.proxy), `${root}/nodes`, { ...headers, 'x-remote-user': 'bob' });
      expect(answer.code).to.equal(200);
    });
  }

  it('answers 504 to what takes too long', async () => {
    await api.start();
    holdReviews();
    const session = await open(client('carol', pki.clusterCa));
    const slow = ask(session, `${root}/nodes?timeout=1s`);
    await eventually('the request is under way', () => api.client.count('subjectaccessreviews') === 1);
    api.clock.advance(2_000);
    expect((await slow).code).to.equal(504);
  });

  it('ends a connection behind its requests when the server stops', async () => {
    api.client.review = () => true;
    await api.start();
    const release = holdReviews();
    const session = await open(client('carol', pki.clusterCa));
    const idle = await open();
    await ask(idle, '/healthz');
    const answer = ask(session, `${root}/nodes`);
    await eventually('the request is under way', () => api.client.count('subjectaccessreviews') === 1);
    const stopped = api.server.stop(10_000);
    await once(idle, 'close');
    release();
    expect((await answer).code).to.equal(200);
    await stopped;
    expect(session.closed).to.equal(true);
  });

  it('sends its clients elsewhere when the end is announced, and serves those that come back', async () => {
    await api.start();
    const session = await open();
    // The client is done with the handshake before the server is.
    await ask(session, '/healthz');
    const closed = once(session, 'close');
    api.server.beginShutdown();
    await closed;
    expect((await ask(await open(), `${root}/nodes`)).code).to.equal(200);
  });

  it('gives the place of a request back that was cancelled before it was let in', async () => {
    const as = client('carol', pki.clusterCa);
    await api.start({ maxReadsInFlight: 1 });
    api.client.review = () => true;
    const release = holdReviews();
    const session = await open(as);
    // Impersonation is decided before a place is taken, and this wish waits for its review.
    const stream = session.request({ ':path': `${root}/nodes`, 'impersonate-user': 'bob' });
    stream.on('error', () => {});
    await eventually('the request is under way', () => api.client.count('subjectaccessreviews') === 1);
    stream.close(constants.NGHTTP2_CANCEL);
    const http1 = api.agent(as);
    const aborted = api.ask(`${root}/pods`, { agent: http1, as, headers: { 'impersonate-user': 'eve' } });
    const ended = aborted.catch((error: unknown) => error);
    await eventually('the other one too', () => api.client.count('subjectaccessreviews') === 2);
    http1.destroy();
    await ended;
    release();
    await eventually('both were let impersonate', () => api.client.count('subjectaccessreviews') === 4);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await ask(session, `${root}/nodes`)).code).to.equal(200);
  });

  /** A connection of somebody who reads heads only. */
  async function openUnread(as: Identity): Promise<(path: string) => Promise<ClientHttp2Stream>> {
    const session = connect(`https://127.0.0.1:${api.port}`, {
      rejectUnauthorized: false,
      cert: as.certificatePem,
      key: as.keyPem,
      settings: { initialWindowSize: 0 },
    });
    sessions.push(session);
    session.on('error', () => {});
    await once(session, 'connect');
    return async (path) => {
      const stream = session.request({ ':path': path });
      stream.on('error', () => {});
      await once(stream, 'response');
      return stream;
    };
  }

  it('keeps no place for small answers that a client never reads', async () => {
    const carol = client('carol', pki.clusterCa);
    await api.start({ maxReadsInFlight: 2 });
    const askUnread = await openUnread(carol);
    for (const path of [`${root}/nodes`, '/nothing', '/version']) await askUnread(path);
    expect((await ask(await open(carol), `${root}/nodes`)).code).to.equal(403);
  });

  it('cuts off answers that a client never reads, also those to what nobody can read', async () => {
    await api.start();
    const askUnread = await openUnread(pki.admin);
    for (const path of [`${root}/nodes`, `${root}/nodes?timeout=soon`, '/%zz']) {
      const stream = await askUnread(path);
      const closed = once(stream, 'close');
      api.clock.advance(61_000);
      await closed;
    }
  });

  it('lets the connections of strangers end behind their requests, and no others', async () => {
    await api.start();
    const strangers: [Identity | null, OutgoingHttpHeaders, number][] = [
      [null, {}, 200],
      [null, { authorization: 'Bearer invented' }, 401],
      [client('x', pki.otherCa), {}, 401],
      [pki.proxy, { 'x-remote-user': 'system:anonymous' }, 200],
    ];
    for (const [as, headers, code] of strangers) {
      const session = await open(as);
      const closed = new Promise((resolve) => session.once('close', resolve));
      // All that came together are answered.
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(session, '/healthz', headers)));
      expect(new Set(answers.map((answer) => answer.code))).to.deep.equal(new Set([code]));
      await closed;
    }
    const known = await open(client('carol', pki.clusterCa));
    for (const path of ['/healthz', '/healthz']) expect((await ask(known, path)).code).to.equal(200);
  });

  it('refuses more requests of one connection at a time than 250', async () => {
    await api.start();
    const session = await open();
    await eventually('settings arrive', () => session.remoteSettings.maxConcurrentStreams === 250);
  });

  it('cuts a connection that resets its requests as fast as it sends them, and serves the others', async () => {
    await api.start();
    const flood = await open();
    const ended = new Promise((resolve) => flood.once('close', resolve));
    let sent = 0;
    while (!flood.destroyed && !flood.closed && sent < 50_000) {
      for (let index = 0; index < 200 && !flood.destroyed && !flood.closed; index++) {
        const stream = flood.request({ ':path': '/healthz' });
        stream.on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
        sent += 1;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ended;
    expect(sent).to.be.lessThan(50_000);
    expect((await ask(await open(), '/healthz')).code).to.equal(200);
  });

  it('takes no headers beyond a megabyte', async () => {
    await api.start();
    const session = await open();
    const stream = session.request({ ':path': '/healthz', 'x-long': 'a'.repeat(2_000_000) });
    const [error] = (await once(stream, 'error')) as [Error];
    expect(error.message).to.match(/stream|session|frame/i);
    expect((await ask(await open(), '/healthz')).code).to.equal(200);
  });
});
