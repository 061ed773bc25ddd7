// One GET over real sockets: what is sent, what comes back, and everything a kubelet can do wrong.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, expect } from 'chai';
import { DeadlineExceeded, systemClock } from '../../src/lib/clock.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { BodyBuffers } from '../../src/metrics/body-buffers.ts';
import { Cancellation } from '../../src/metrics/cancellation.ts';
import type { KubeletTarget } from '../../src/metrics/kubelet-address.ts';
import { createKubeletClient, type FetchExposition } from '../../src/metrics/kubelet-client.ts';
import { KubeletConnections } from '../../src/metrics/kubelet-connections.ts';
import { KubeletTls, type KubeletTlsSettings } from '../../src/metrics/kubelet-tls.ts';
import { createAuthority } from '../cluster/pki.ts';
import { expositionText } from '../support/exposition-text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import {
  createServing,
  drip,
  dropConnection,
  FakeKubelet,
  hangBeforeHeaders,
  hangInBody,
  respond,
  respondGzipped,
  sendForEver,
  truncate,
} from '../support/fake-kubelet.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const { authority, serving } = createServing();
const trusting: KubeletTlsSettings = {
  ca: { pem: authority.certificatePem },
  clientCertificate: undefined,
  clientKey: undefined,
  insecureSkipVerify: false,
};
const maxBodyBytes = 256 * 1024;
const idleConnectionMs = 60_000;
const never = new AbortController().signal;

interface Client extends Disposable {
  readonly get: (target: KubeletTarget, signal?: AbortSignal) => Promise<string>;
  readonly buffers: BodyBuffers;
  readonly clock: FakeClock;
  readonly logger: RecordingLogger;
  token: string | undefined;
}

function createClient(tls: KubeletTlsSettings = trusting, acceptGzip = false): Client {
  const clock = new FakeClock();
  const logger = new RecordingLogger();
  const buffers = new BodyBuffers({ maxBodyBytes, maxBufferedBytes: 4 * maxBodyBytes });
  const connections = new KubeletConnections(clock, new KubeletTls(clock, logger, tls), idleConnectionMs);
  const fetch: FetchExposition = createKubeletClient({
    connections,
    buffers,
    token: () => Promise.resolve(client.token),
    settings: { userAgent: 'headroom/test', acceptGzip, maxBodyBytes },
  });
  const client: Client = {
    get: (target, signal = never) => fetch(target, cancelledWith(signal), (body) => new TextDecoder().decode(body)),
    buffers,
    clock,
    logger,
    token: undefined,
    [Symbol.dispose]: () => connections.close(),
  };
  return client;
}

function cancelledWith(signal: AbortSignal): Cancellation {
  const cancellation = new Cancellation();
  const follow = (): void => cancellation.cancel(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow);
  return cancellation;
}

async function failureOf(promise: Promise<unknown>): Promise<HeadroomError> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ('error' in outcome && outcome.error instanceof HeadroomError) return outcome.error;
  throw new Error(`expected a HeadroomError, got ${JSON.stringify(outcome)}`);
}

describe('createKubeletClient', () => {
  it('gets the body over verified TLS and sends nothing but what it must', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    client.token = 'first';
    expect(await client.get(kubelet.target)).to.equal(expositionText());
    const [request] = kubelet.requests;
    expect(request?.url).to.equal('/metrics/resource');
    expect(request?.headers).to.deep.equal({
      host: `127.0.0.1:${kubelet.port}`,
      'user-agent': 'headroom/test',
      authorization: 'Bearer first',
    });
  });

  it('asks for the token each time, so that a rotated one is used', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    for (const token of ['first', 'second', undefined]) {
      client.token = token;
      await client.get(kubelet.target);
    }
    const sent = kubelet.requests.map(({ headers }) => headers.authorization);
    expect(sent).to.deep.equal(['Bearer first', 'Bearer second', undefined]);
  });

  it('keeps one connection per node', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    for (let i = 0; i < 5; i++) await client.get(kubelet.target);
    expect(kubelet.connections).to.equal(1);
  });

  it('keeps one connection of those that were needed at once', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    await Promise.all([client.get(kubelet.target), client.get(kubelet.target)]);
    expect(kubelet.connections).to.equal(2);
    for (let i = 0; i < 3; i++) await client.get(kubelet.target);
    expect(kubelet.connections).to.equal(2);
  });

  it('ends connections that nobody used for a minute, when the next scrape ends', async () => {
    await using old = await FakeKubelet.start({ serving });
    await using other = await FakeKubelet.start({ serving });
    using client = createClient();
    await client.get(old.target);
    await client.clock.advance(idleConnectionMs);
    await client.get(other.target);
    await client.get(old.target);
    expect([old.connections, other.connections]).to.deep.equal([2, 1]);
  });

  describe('over a kept connection that the kubelet just closed', () => {
    it('asks again, over a new one', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient();
      await client.get(kubelet.target);
      kubelet.behaviour = (response) => {
        kubelet.behaviour = respond();
        response.destroy();
      };
      expect(await client.get(kubelet.target)).to.equal(expositionText());
      expect(kubelet.connections).to.equal(2);
    });

    it('does not ask a third time', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient();
      await client.get(kubelet.target);
      kubelet.behaviour = dropConnection;
      expect((await failureOf(client.get(kubelet.target))).message).to.match(/closed|reset/);
      expect(kubelet.requests.length).to.equal(3);
    });

    it('does not ask again when a part of the answer came', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient();
      await client.get(kubelet.target);
      kubelet.behaviour = truncate;
      await failureOf(client.get(kubelet.target));
      expect(kubelet.requests.length).to.equal(2);
    });
  });

  it('does not take what follows an answer for the next one', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst';
    kubelet.behaviour = (response) => response.socket?.write(answer + answer.replace('first', 'other'));
    expect(await client.get(kubelet.target)).to.equal('first');
    kubelet.behaviour = respond();
    expect(await client.get(kubelet.target)).to.equal(expositionText());
    expect(kubelet.connections).to.equal(2);
  });

  it('ends a connection on which the kubelet speaks unasked', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    const closed = Promise.withResolvers<void>();
    kubelet.behaviour = (response) => {
      const { socket } = response;
      socket?.once('close', () => closed.resolve());
      response.end('first', () => setTimeout(() => socket?.write('HTTP/1.1 200 OK\r\n'), 10));
    };
    expect(await client.get(kubelet.target)).to.equal('first');
    await closed.promise;
    kubelet.behaviour = respond();
    expect(await client.get(kubelet.target)).to.equal(expositionText());
  });

  it('sends no token that would bring headers of its own', async () => {
    await using kubelet = await FakeKubelet.start({ serving });
    using client = createClient();
    client.token = 'first\r\nX-Evil: 1';
    expect((await failureOf(client.get(kubelet.target))).message).to.equal('the token holds what no header may hold');
    expect(kubelet.requests).to.deep.equal([]);
  });

  it('sends no credentials over plain http', async () => {
    await using kubelet = await FakeKubelet.start();
    using client = createClient();
    client.token = 'secret';
    expect(await client.get(kubelet.target)).to.equal(expositionText());
    expect(kubelet.requests[0]?.headers.authorization).to.equal(undefined);
  });

  it('presents its client certificate', async () => {
    const clients = createAuthority('client-ca');
    const mine = clients.issue({ commonName: 'headroom', usage: 'client' });
    await using kubelet = await FakeKubelet.start({ serving, clientAuthority: clients });
    using client = createClient({
      ...trusting,
      clientCertificate: { pem: mine.certificatePem },
      clientKey: { pem: mine.keyPem },
    });
    await client.get(kubelet.target);
    expect(kubelet.requests[0]?.clientName).to.equal('headroom');
  });

  describe('understands gzip', () => {
    for (const acceptGzip of [true, false]) {
      it(`when it ${acceptGzip ? 'asked' : 'did not ask'} for it`, async () => {
        await using kubelet = await FakeKubelet.start({ serving, behaviour: respondGzipped(expositionText()) });
        using client = createClient(trusting, acceptGzip);
        expect(await client.get(kubelet.target)).to.equal(expositionText());
        expect(kubelet.requests[0]?.headers['accept-encoding']).to.equal(acceptGzip ? 'gzip' : undefined);
      });
    }
  });

  it('reads a body as large as the limit', async () => {
    const body = 'x'.repeat(maxBodyBytes);
    await using kubelet = await FakeKubelet.start({ serving, behaviour: respond(body) });
    using client = createClient();
    expect(await client.get(kubelet.target)).to.equal(body);
    expect(client.buffers.grownBytes).to.equal(0);
  });

  describe('fails when the kubelet', () => {
    const timedOut = 'deadline of 200 ms exceeded';
    const check = (
      what: string,
      behaviour: FakeKubelet['behaviour'],
      code: HeadroomError['code'],
      message: string | RegExp,
    ): void => {
      it(what, async () => {
        await using kubelet = await FakeKubelet.start({ serving, behaviour });
        using client = createClient();
        // Whoever does not hang gets the time that a busy machine takes.
        const signal = systemClock.deadline(message === timedOut ? 200 : 10_000);
        const error = await failureOf(client.get(kubelet.target, signal));
        expect(error.code).to.equal(code);
        if (typeof message === 'string') expect(error.message).to.equal(message);
        else expect(error.message).to.match(message);
        expect(client.buffers.grownBytes).to.equal(0);
        // The next scrape is not the worse for it.
        kubelet.behaviour = respond();
        expect(await client.get(kubelet.target)).to.equal(expositionText());
      });
    };
    check(
      'refuses the token',
      respond('Unauthorized', 401),
      'KUBELET_REQUEST',
      'request failed, status: "401 Unauthorized"',
    );
    check('forbids', respond('no', 403), 'KUBELET_REQUEST', 'request failed, status: "403 Forbidden"');
    check('errs', respond('oops', 500), 'KUBELET_REQUEST', 'request failed, status: "500 Internal Server Error"');
    check(
      'redirects: the token follows nowhere',
      (response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end(),
      'KUBELET_REQUEST',
      'request failed, status: "302 Found"',
    );
    check(
      'answers 204',
      (response) => response.writeHead(204).end(),
      'KUBELET_REQUEST',
      'request failed, status: "204 No Content"',
    );
    check('hangs before the headers', hangBeforeHeaders, 'KUBELET_REQUEST', timedOut);
    check('hangs in the body', hangInBody, 'KUBELET_REQUEST', timedOut);
    check('drips', drip, 'KUBELET_REQUEST', timedOut);
    check('drops the connection', dropConnection, 'KUBELET_REQUEST', /closed|reset|hang up/);
    check('truncates the body', truncate, 'KUBELET_REQUEST', /closed|reset|aborted|terminated/);
    check('never ends', sendForEver, 'KUBELET_BODY', `body exceeds ${maxBodyBytes} bytes`);
    check(
      'sends too much',
      respond('x'.repeat(maxBodyBytes + 1)),
      'KUBELET_BODY',
      `body exceeds ${maxBodyBytes} bytes`,
    );
    const bomb = respondGzipped(new Uint8Array(64 * 1024 * 1024));
    check('sends a gzip bomb', bomb, 'KUBELET_BODY', `body exceeds ${maxBodyBytes} bytes`);
    check(
      'sends broken gzip',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('not gzip'),
      'KUBELET_BODY',
      /^decompressing the body: /,
    );
    check(
      'encodes as nobody asked',
      (response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'),
      'KUBELET_BODY',
      'content encoding br was not asked for',
    );
  });

  it('answers informational responses with patience', async () => {
    await using kubelet = await FakeKubelet.start({
      serving,
      behaviour: (response) => {
        response.writeProcessing();
        response.end('ok');
      },
    });
    using client = createClient();
    expect(await client.get(kubelet.target)).to.equal('ok');
  });

  it('fails at once when nobody listens', async () => {
    const gone = await FakeKubelet.start({ serving });
    const { target } = gone;
    await gone[Symbol.asyncDispose]();
    using client = createClient();
    expect((await failureOf(client.get(target))).message).to.match(/ECONNREFUSED/);
  });

  it('takes the address out of the brackets of an IPv6 origin', async () => {
    using client = createClient();
    const error = await failureOf(client.get({ origin: 'https://[::1]:1', path: '/' }));
    expect(error.message).to.include('::1:1');
  });

  it('passes on why the caller gave up', async () => {
    await using kubelet = await FakeKubelet.start({ serving, behaviour: hangBeforeHeaders });
    using client = createClient();
    const deadline = await failureOf(client.get(kubelet.target, systemClock.deadline(50)));
    assert.instanceOf(deadline.cause, DeadlineExceeded);
    const aborted = await failureOf(client.get(kubelet.target, AbortSignal.abort(new Error('leaving'))));
    expect(aborted.message).to.equal('leaving');
  });

  describe('does not trust', () => {
    const check = (what: string, hosts: readonly string[], tls: KubeletTlsSettings, message: RegExp): void => {
      it(what, async () => {
        const certificate = authority.issue({ commonName: 'node', usage: 'server', hosts });
        await using kubelet = await FakeKubelet.start({ serving: certificate });
        using client = createClient(tls);
        client.token = 'secret';
        expect((await failureOf(client.get(kubelet.target))).message).to.match(message);
        expect(kubelet.requests).to.deep.equal([]);
      });
    };
    const stranger = createAuthority('stranger');
    check(
      'a certificate of an unknown authority',
      ['127.0.0.1'],
      { ...trusting, ca: { pem: stranger.certificatePem } },
      /certificate/,
    );
    check('a certificate for another address', ['127.0.0.2'], trusting, /altnames|does not match/i);
    check('any private authority without a CA', ['127.0.0.1'], { ...trusting, ca: undefined }, /certificate/);
  });

  it('trusts anything when told to, and still sends its token', async () => {
    const foreign = createServing(['10.0.0.1']);
    await using kubelet = await FakeKubelet.start({ serving: foreign.serving });
    using client = createClient({ ...trusting, insecureSkipVerify: true });
    client.token = 'first';
    expect(await client.get(kubelet.target)).to.equal(expositionText());
    expect(kubelet.requests[0]?.headers.authorization).to.equal('Bearer first');
  });

  describe('with TLS files', () => {
    let directory = '';
    let caFile = '';
    beforeEach(async () => {
      directory = await mkdtemp(join(tmpdir(), 'headroom-tls-'));
      caFile = join(directory, 'ca.crt');
      await writeFile(caFile, authority.certificatePem);
    });
    afterEach(() => rm(directory, { recursive: true }));

    it('uses a changed CA file within 30 s, over new connections', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient({ ...trusting, ca: { file: caFile } });
      await client.get(kubelet.target);
      const rotated = createServing();
      await writeFile(caFile, rotated.authority.certificatePem);
      kubelet.setServing(rotated.serving);
      await client.get(kubelet.target);
      expect(kubelet.connections).to.equal(1);
      await client.clock.advance(30_000);
      await client.get(kubelet.target);
      expect(kubelet.connections).to.equal(2);
      expect(client.logger.lines.map(({ message }) => message)).to.deep.equal([
        'TLS files for kubelets changed; new connections use them',
      ]);
    });

    it('keeps the connection when the file did not change', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient({ ...trusting, ca: { file: caFile } });
      await client.get(kubelet.target);
      await client.clock.advance(30_000);
      await client.get(kubelet.target);
      expect(kubelet.connections).to.equal(1);
    });

    it('keeps the last good file when it cannot be read or parsed again', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient({ ...trusting, ca: { file: caFile } });
      await client.get(kubelet.target);
      for (const broken of [() => writeFile(caFile, 'no PEM at all'), () => rm(caFile)]) {
        await broken();
        await client.clock.advance(30_000);
        expect(await client.get(kubelet.target)).to.equal(expositionText());
      }
      expect(kubelet.connections).to.equal(1);
      expect(client.logger.lines.map(({ level }) => level)).to.deep.equal(['warn', 'warn']);
    });

    it('fails while the file has never been read, and tries again for the next request', async () => {
      await using kubelet = await FakeKubelet.start({ serving });
      using client = createClient({ ...trusting, ca: { file: join(directory, 'later.crt') } });
      expect((await failureOf(client.get(kubelet.target))).message).to.match(
        /^reading the TLS files for kubelets: ENOENT/,
      );
      await writeFile(join(directory, 'later.crt'), authority.certificatePem);
      expect(await client.get(kubelet.target)).to.equal(expositionText());
    });
  });
});
