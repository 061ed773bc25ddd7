// The server itself on real sockets: certificates and trust that change, long lists, slow readers, limits, stopping.
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { HeadroomError } from '../../src/lib/errors.ts';
import { nodeUsage, nodeView, podUsage, podView } from '../support/metrics-reader-fake.ts';
import { ApiHarness, createPki, eventually, proxyConfig, trustByLookup } from './api-harness.ts';
import { authority, client, servingIdentity } from './certificates.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const pki = createPki();

function fillNode(api: ApiHarness): void {
  api.nodes.nodes.set('node-a', nodeView());
  api.reader.nodeUsages.set('node-a', nodeUsage());
}

function fillPods(api: ApiHarness, count: number): void {
  for (let index = 0; index < count; index++) {
    const name = `pod-${String(index).padStart(5, '0')}`;
    const namespace = `ns-${index % 7}`;
    api.pods.pods.set(
      `${namespace}/${name}`,
      podView({ namespace, name, labels: { app: 'web', index: String(index) } }),
    );
    api.reader.podUsages.set(
      `${namespace}/${name}`,
      podUsage({ name: 'a', cpuNanoCores: index * 1_000_000, memoryBytes: index * 1_048_576 }),
    );
  }
}

describe('api: server', () => {
  let api: ApiHarness;
  beforeEach(() => {
    api = new ApiHarness(pki);
    fillNode(api);
  });
  afterEach(() => api.stop());

  describe('certificates', () => {
    async function shownTo(): Promise<string> {
      const socket = await api.connect();
      const name = socket.getPeerX509Certificate()?.subject ?? '';
      socket.destroy();
      return name;
    }

    it('serves a new certificate to new connections, while old ones go on', async () => {
      await api.start();
      const agent = api.agent(pki.admin);
      expect((await api.ask(`${root}/nodes`, { agent })).code).to.equal(200);
      await api.writeServing(servingIdentity('renewed', pki.clusterCa));
      await eventually('new certificate', async () => {
        api.clock.advance(10_000);
        return (await shownTo()) === 'CN=renewed';
      });
      const [before] = Object.values(agent.freeSockets)[0] ?? [];
      expect((await api.ask(`${root}/nodes`, { agent })).code).to.equal(200);
      expect(Object.values(agent.freeSockets)[0]?.[0]).to.equal(before);
    });

    function checkKept(title: string, write: () => Promise<void>): void {
      it(`keeps the certificate it has when ${title}`, async () => {
        await api.start();
        await write();
        await eventually('a warning', () => {
          api.clock.advance(10_000);
          return api.logger.lines.some(
            ({ level, message }) => level === 'warn' && message.startsWith('reading again failed'),
          );
        });
        expect(await shownTo()).to.equal('CN=headroom');
        expect(api.logger.lines.filter(({ level }) => level === 'warn')).to.have.length(1);
      });
    }
    checkKept('files do not belong together', () =>
      writeFile(join(api.directory, 'tls.crt'), servingIdentity('half', pki.clusterCa).certificatePem),
    );
    checkKept('its successor is half written', () => {
      const next = servingIdentity('next', pki.clusterCa);
      return api.writeServing({ ...next, certificatePem: next.certificatePem + next.certificatePem.slice(0, 200) });
    });

    it('makes a certificate when none is given, keeps it, and finds it again', async () => {
      await api.start();
      const settings = {
        certificateFile: '',
        keyFile: '',
        certificateDir: join(api.directory, 'new'),
        bindAddress: '127.0.0.9',
        named: [],
      };
      const second = new ApiHarness(pki);
      await second.start({}, { certificateSettings: settings });
      const file = join(settings.certificateDir, 'apiserver.crt');
      const made = new X509Certificate(await readFile(file));
      expect(made.subject).to.match(/^CN=localhost@\d+$/);
      expect(made.subjectAltName).to.equal('DNS:localhost, IP Address:127.0.0.1, IP Address:127.0.0.9');
      expect((await stat(join(settings.certificateDir, 'apiserver.key'))).mode & 0o777).to.equal(0o600);
      expect(await readFile(join(settings.certificateDir, 'apiserver.key'), 'utf8')).to.match(
        /^-----BEGIN RSA PRIVATE KEY-----/,
      );
      expect((await second.ask('/healthz', { as: undefined })).code).to.equal(200);
      const third = new ApiHarness(pki);
      await third.start({}, { certificateSettings: settings });
      expect(new X509Certificate(await readFile(file)).fingerprint256).to.equal(made.fingerprint256);
      await third.stop();
      await second.stop();
    });

    it('refuses to start with a certificate and a key that do not belong together', async () => {
      const other = servingIdentity('other', pki.clusterCa);
      api.writeServing = () => ApiHarness.prototype.writeServing.call(api, { ...pki.serving, keyPem: other.keyPem });
      const error = await api.start().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'SERVING' });
    });

    it('refuses to start with a certificate that cannot be served', async () => {
      const { certificatePem, keyPem } = servingIdentity('half', pki.clusterCa);
      const half = certificatePem + certificatePem.slice(0, 200);
      api.writeServing = () => ApiHarness.prototype.writeServing.call(api, { certificatePem: half, keyPem });
      const error = await api.start().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'SERVING' });
    });

    it('speaks HTTP/2 with clients that prefer it, and HTTP/1.1 with all others', async () => {
      await api.start();
      const spoken = async (ALPNProtocols?: string[]): Promise<string | false | null> => {
        const options = { host: '127.0.0.1', port: api.port, rejectUnauthorized: false };
        const socket = connect(ALPNProtocols === undefined ? options : { ...options, ALPNProtocols });
        await once(socket, 'secureConnect');
        socket.destroy();
        return socket.alpnProtocol;
      };
      expect(await spoken(['h2', 'http/1.1'])).to.equal('h2');
      expect(await spoken(['http/1.1'])).to.equal('http/1.1');
      expect(await spoken()).to.equal(false);
      expect((await api.ask('/healthz')).code).to.equal(200);
    });

    it('refuses requests whose target and headers are beyond a megabyte, and what is no HTTP, in words', async () => {
      await api.start();
      const say = async (request: string): Promise<string> => {
        const socket = connect({ host: '127.0.0.1', port: api.port, rejectUnauthorized: false });
        await once(socket, 'secureConnect');
        socket.on('error', () => {});
        socket.write(request);
        const chunks: Buffer[] = [];
        socket.on('data', (chunk: Buffer) => chunks.push(chunk));
        await new Promise((resolve) => socket.once('close', resolve));
        return Buffer.concat(chunks).toString();
      };
      const long = 'a'.repeat(1_100_000);
      for (const request of [`GET /${long} HTTP/1.1\r\n`, `GET / HTTP/1.1\r\nHost: x\r\nX: ${long}\r\n`]) {
        expect(await say(request)).to.match(/^HTTP\/1\.1 431 [^]+\r\n\r\n431 Request Header Fields Too Large$/);
      }
      expect(await say('NONSENSE\r\n\r\n')).to.match(/^HTTP\/1\.1 400 Bad Request\r\n[^]+\r\n\r\n400 Bad Request$/);
    });

    it('speaks HTTP/1.1 only with --disable-http2-serving', async () => {
      await api.start({ disableHttp2: true });
      const ALPNProtocols = ['h2', 'http/1.1'];
      const socket = connect({ host: '127.0.0.1', port: api.port, rejectUnauthorized: false, ALPNProtocols });
      await once(socket, 'secureConnect');
      socket.destroy();
      expect(socket.alpnProtocol).to.equal('http/1.1');
    });
  });

  describe('trust', () => {
    it('follows the ConfigMap without dropping connections', async () => {
      await api.start();
      const newCa = authority('new-ca');
      const newUser = client('dora', newCa, { organizations: ['system:masters'] });
      const oldAgent = api.agent(pki.admin);
      const newAgent = api.agent(newUser);
      expect((await api.ask(`${root}/nodes`, { agent: oldAgent })).code).to.equal(200);
      expect((await api.ask(`${root}/nodes`, { agent: newAgent, as: newUser })).code).to.equal(401);
      const [connection] = Object.values(oldAgent.freeSockets)[0] ?? [];
      api.client.config = { ...proxyConfig(pki), 'client-ca-file': newCa.certificatePem };
      await eventually('new trust', async () => {
        api.clock.advance(30_000);
        return (await api.ask(`${root}/nodes`, { agent: newAgent, as: newUser })).code === 200;
      });
      expect((await api.ask(`${root}/nodes`, { agent: oldAgent })).code, 'a user of the old CA').to.equal(401);
      expect(Object.values(oldAgent.freeSockets)[0]?.[0]).to.equal(connection);
    });

    it('keeps what it trusts while the ConfigMap cannot be read', async () => {
      await api.start();
      api.client.failure = new Error('connection refused');
      const before = api.client.count('configmaps');
      await eventually('another look', () => {
        api.clock.advance(30_000);
        return api.client.count('configmaps') > before;
      });
      expect((await api.ask(`${root}/nodes`)).code).to.equal(200);
    });

    it('does not start without trust roots, unless told to tolerate that', async () => {
      api.client.failure = new Error('connection refused');
      const error = await api.start().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'SERVING' });
      const requestHeader = {
        allowedNames: [],
        usernameHeaders: [],
        uidHeaders: [],
        groupHeaders: [],
        extraHeaderPrefixes: [],
      };
      const settings = {
        clientCaFile: '',
        requestHeaderClientCaFile: '',
        requestHeader,
        skipLookup: false,
        tolerateLookupFailure: true,
      };
      await api.start({}, { trustSettings: settings });
      expect((await api.ask(`${root}/nodes`)).code, 'a certificate that nobody vouches for').to.equal(500);
      api.client.failure = undefined;
      await eventually('trust once it can be read', async () => {
        api.clock.advance(30_000);
        return (await api.ask(`${root}/nodes`)).code === 200;
      });
    });

    it('takes CAs and headers from files and flags when they are given, and asks no ConfigMap then', async () => {
      const requestHeader = {
        allowedNames: [],
        usernameHeaders: ['x-me'],
        uidHeaders: [],
        groupHeaders: ['x-us'],
        extraHeaderPrefixes: [],
      };
      await api.start();
      await writeFile(join(api.directory, 'client-ca.pem'), pki.otherCa.certificatePem);
      await writeFile(join(api.directory, 'proxy-ca.pem'), pki.proxyCa.certificatePem);
      const trustSettings = {
        clientCaFile: join(api.directory, 'client-ca.pem'),
        requestHeaderClientCaFile: join(api.directory, 'proxy-ca.pem'),
        requestHeader,
        skipLookup: false,
        tolerateLookupFailure: false,
      };
      const second = new ApiHarness(pki);
      fillNode(second);
      await second.start({}, { trustSettings });
      const boss = client('boss', pki.otherCa, { organizations: ['system:masters'] });
      expect((await second.ask(`${root}/nodes`, { as: boss })).code).to.equal(200);
      expect((await second.ask(`${root}/nodes`)).code).to.equal(401);
      const headers = { 'x-me': 'root', 'x-us': 'system:masters' };
      expect((await second.ask(`${root}/nodes`, { as: pki.proxy, headers })).code).to.equal(200);
      expect(second.client.count('configmaps')).to.equal(0);
      await second.stop();
    });

    it('keeps what it trusts while a file of CAs is empty, and does not start with one', async () => {
      await api.prepare();
      const clientCaFile = join(api.directory, 'client-ca.pem');
      const trustSettings = { ...trustByLookup, clientCaFile, skipLookup: true };
      await writeFile(clientCaFile, '');
      const error = await api.start({}, { trustSettings }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'SERVING' });
      await writeFile(clientCaFile, pki.clusterCa.certificatePem);
      await api.start({}, { trustSettings });
      await writeFile(clientCaFile, '\n');
      await eventually('another look', () => {
        api.clock.advance(30_000);
        return api.logger.lines.some(({ message }) => message.startsWith('reading again failed'));
      });
      expect((await api.ask(`${root}/nodes`)).code).to.equal(200);
    });
  });

  describe('long lists', () => {
    it('streams 2,000 pods in order, each once', async () => {
      fillPods(api, 2_000);
      await api.start();
      const answer = await api.ask(`${root}/pods`);
      const list = JSON.parse(answer.text) as {
        items: { metadata: { namespace: string; name: string; creationTimestamp: string } }[];
      };
      const keys = list.items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
      expect(keys).to.deep.equal([...api.pods.pods.keys()].toSorted());
      expect(new Set(list.items.map(({ metadata }) => metadata.creationTimestamp))).to.deep.equal(
        new Set(['2026-11-21T11:29:44Z']),
      );
      expect(answer.text.endsWith(']}\n')).to.equal(true);
      expect(answer.headers['transfer-encoding']).to.equal('chunked');
      const again = await api.ask(`${root}/pods`);
      expect(again.text).to.equal(answer.text);
    });

    it('indents a streamed list as JSON.stringify does', async () => {
      fillPods(api, 1_000);
      await api.start();
      const [plain, pretty] = [await api.ask(`${root}/pods`), await api.ask(`${root}/pods?pretty=1`)];
      expect(pretty.text).to.equal(JSON.stringify(JSON.parse(plain.text), null, 2));
    });

    it('gzips above 128 KiB for clients that name gzip, never below, and never for others', async () => {
      fillPods(api, 2_000);
      await api.start();
      const plain = await api.ask(`${root}/pods`);
      const zipped = await api.ask(`${root}/pods`, { headers: { 'accept-encoding': 'deflate, gzip' } });
      expect(zipped.headers).to.include({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
      expect(gunzipSync(zipped.body).equals(plain.body)).to.equal(true);
      for (const [path, encoding] of [
        [`${root}/pods`, 'gzip;q=1.0'],
        [`${root}/pods`, '*'],
        [`${root}/namespaces/ns-1/pods`, 'gzip'],
      ] as const) {
        const { headers } = await api.ask(path, { headers: { 'accept-encoding': encoding } });
        expect(headers, encoding).to.not.have.any.keys('content-encoding', 'vary');
      }
    });

    it('gzips protobuf and Tables too', async () => {
      fillPods(api, 2_000);
      await api.start();
      for (const accept of ['application/vnd.kubernetes.protobuf', 'application/json;as=Table;v=v1;g=meta.k8s.io']) {
        const plain = await api.ask(`${root}/pods`, { headers: { accept } });
        const zipped = await api.ask(`${root}/pods`, { headers: { accept, 'accept-encoding': 'gzip' } });
        expect(zipped.headers['content-encoding']).to.equal('gzip');
        expect(gunzipSync(zipped.body).equals(plain.body)).to.equal(true);
      }
    });
  });

  describe('clients that are slow or too many', () => {
    it('cuts off who does not read the answer within the deadline, and nobody else', async () => {
      fillPods(api, 50_000);
      await api.start();
      const { certificatePem: cert, keyPem: key } = pki.admin;
      const options = {
        host: '127.0.0.1',
        port: api.port,
        path: `${root}/pods`,
        rejectUnauthorized: false,
        cert,
        key,
        agent: false,
      };
      const [response] = (await once(get(options), 'response')) as [IncomingMessage];
      response.pause();
      expect((await api.ask(`${root}/nodes`)).code).to.equal(200);
      api.clock.advance(61_000);
      expect((await api.ask(`${root}/nodes`)).code).to.equal(200);
      // Only now does the client read on, and finds the answer cut short.
      const ended = once(response.resume(), 'end').catch((error: unknown) => error);
      expect(await ended).to.include({ code: 'ECONNRESET' });
      expect(response.complete).to.equal(false);
    });

    it('answers 504 when nothing could be said within the deadline', async () => {
      await api.start();
      const user = client('carol', pki.clusterCa);
      api.client.request = () => new Promise(() => undefined);
      let isAnswered = false;
      const asked = api.ask(`${root}/nodes?timeout=5s`, { as: user }).finally(() => {
        isAnswered = true;
      });
      await eventually('an answer', () => {
        api.clock.advance(6_000);
        return isAnswered;
      });
      const answer = await asked;
      expect(answer.code).to.equal(504);
      expect(answer.headers['content-type']).to.equal('text/plain; charset=utf-8');
      expect(answer.text).to.equal(
        '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}\n',
      );
    });

    it('leaves the 504 alone when what was still to be looked up fails later', async () => {
      await api.start();
      const late = Promise.withResolvers<never>();
      api.client.request = () => late.promise;
      const agent = api.agent(client('carol', pki.clusterCa));
      let isAnswered = false;
      const asked = api.ask(`${root}/nodes?timeout=1s`, { agent }).finally(() => {
        isAnswered = true;
      });
      await eventually('an answer', () => {
        api.clock.advance(2_000);
        return isAnswered;
      });
      expect((await asked).code).to.equal(504);
      late.reject(new Error('connection refused'));
      await eventually('the review failed', () => api.logger.lines.some(({ level }) => level === 'warn'));
      expect((await api.ask('/healthz', { agent })).code).to.equal(200);
      expect(api.logger.lines.map(({ message }) => message)).to.not.include('answer broke off');
    });

    it('answers 429 above the limit, except to system:masters and probes', async () => {
      await api.start({ maxReadsInFlight: 1 });
      const user = client('carol', pki.clusterCa);
      const answerReview: (() => void)[] = [];
      const request = api.client.request.bind(api.client);
      api.client.review = () => true;
      api.client.request = async <T>(asked: Parameters<typeof request>[0]): Promise<T> => {
        await new Promise<void>((resolve) => answerReview.push(resolve));
        return await request<T>(asked);
      };
      const first = api.ask(`${root}/nodes`, { as: user });
      await eventually('a review', () => answerReview.length === 1);
      const second = await api.ask(`${root}/nodes`, { as: user });
      expect([second.code, second.text]).to.deep.equal([429, 'Too many requests, please try again later.\n']);
      expect(second.headers).to.include({ 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' });
      expect((await api.ask(`${root}/nodes`)).code).to.equal(200);
      for (const path of ['/livez', '/readyz', '/healthz']) {
        expect((await api.ask(path, { as: undefined })).code, `a probe of ${path}`).to.equal(200);
      }
      expect((await api.ask('/livez/ping', { as: user })).code, 'what waits for a review is no probe').to.equal(429);
      answerReview[0]?.();
      expect((await first).code).to.equal(200);
      expect((await api.ask(`${root}/nodes`, { as: user })).code, 'the place is free again').to.equal(200);
    });

    it('takes users with hundreds of groups', async () => {
      await api.start();
      const groups = Array.from({ length: 3_000 }, (_none, index) => `group-with-a-rather-long-name-${index}`);
      const headers = { 'x-remote-user': 'bob', 'x-remote-group': [...groups, 'system:masters'] };
      expect((await api.ask(`${root}/nodes`, { as: pki.proxy, headers })).code).to.equal(200);
    });

    it('ends a connection whose request has a head without end', async () => {
      await api.start();
      const socket = await api.connect();
      const closed = new Promise((resolve) => socket.once('close', resolve));
      // The 431 may be lost: the server does not read what comes behind its limit.
      socket.on('error', () => undefined);
      socket.resume();
      socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(1_100_000)}`);
      await closed;
      expect((await api.ask('/healthz')).code).to.equal(200);
    });

    it('closes the connection behind a request with a body, which nobody reads', async () => {
      await api.start();
      const answer = await api.ask(`${root}/nodes`, { method: 'POST', body: '{}', headers: { 'content-length': '2' } });
      expect(answer.code).to.equal(405);
      expect(answer.headers.connection).to.equal('close');
    });

    it('answers 400 to a path that cannot be decoded', async () => {
      await api.start();
      expect((await api.ask('/apis/%zz')).code).to.equal(400);
    });
  });

  describe('stopping', () => {
    it('fails readiness first, answers what it was asked, then closes', async () => {
      await api.start();
      const user = client('carol', pki.clusterCa);
      const reviews: (() => void)[] = [];
      const request = api.client.request.bind(api.client);
      api.client.review = () => true;
      api.client.request = async <T>(asked: Parameters<typeof request>[0]): Promise<T> => {
        await new Promise<void>((resolve) => reviews.push(resolve));
        return await request<T>(asked);
      };
      api.server.beginShutdown();
      const readiness = await api.ask('/readyz', { agent: api.agent(pki.admin) });
      expect(readiness.text).to.include('[-]shutdown failed: reason withheld');
      expect(readiness.headers.connection).to.equal('close');
      const asked = api.ask(`${root}/nodes`, { as: user });
      await eventually('a review', () => reviews.length === 1);
      const stopped = api.server.stop(2_000);
      reviews[0]?.();
      expect((await asked).code).to.equal(200);
      await stopped;
      const error = await api.ask('/healthz').catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: 'ECONNREFUSED' });
    });

    it('does not wait for idle connections, nor longer than its deadline for busy ones', async () => {
      fillPods(api, 50_000);
      await api.start();
      await api.ask('/healthz', { agent: api.agent(pki.admin) });
      const socket = await api.connect();
      socket.on('error', () => undefined);
      socket.write(`GET ${root}/pods HTTP/1.1\r\nHost: x\r\n\r\n`);
      await once(socket, 'readable');
      await api.server.stop(50);
      expect((await api.ask('/healthz').catch((thrown: unknown) => thrown)) as object).to.include({
        code: 'ECONNREFUSED',
      });
      socket.destroy();
    });

    it('says when the port cannot be had', async () => {
      await api.start();
      const second = new ApiHarness(pki);
      const error = await second.start({ securePort: api.port }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'SERVING' });
      await second.stop();
    });
  });
});
