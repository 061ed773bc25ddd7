// Against a small API server on real sockets.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { Contact } from '../../src/kube/contact.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import type { ApiRequest } from '../../src/kube/types.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { createAuthority } from '../cluster/pki.ts';
import { failureOf } from '../support/failure-of.ts';
import { FakeApiServer, send, startFakeApiServer, status } from '../support/fake-apiserver.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { rawThing, things } from './objects.ts';
import { waitFor } from './wait-for.ts';

/** Real time, but pauses of seconds take a hundredth; remembers them. */
function hurriedClock(): Clock & { readonly pausesMs: number[] } {
  const pausesMs: number[] = [];
  return {
    ...systemClock,
    pausesMs,
    sleep: (ms, signal) => {
      pausesMs.push(ms);
      return systemClock.sleep(ms / 100, signal);
    },
  };
}

describe('the API client', () => {
  let server: FakeApiServer;
  let client: ClosableApiClient;
  let clock: ReturnType<typeof hurriedClock>;
  let logger: RecordingLogger;
  const get: ApiRequest = { method: 'GET', path: `${things}/a` };

  beforeEach(async () => {
    server = await startFakeApiServer();
    clock = hurriedClock();
    logger = new RecordingLogger();
    client = newClient();
  });

  afterEach(async () => {
    await client.close();
    await server.close();
  });

  function newClient(kubeConfig = server.kubeConfig({ token: 'secret' }), contact?: Contact): ClosableApiClient {
    return createApiClient({ kubeConfig, clock, logger, userAgent: 'headroom/test', qps: 1000, burst: 1000, contact });
  }

  it('sends who it is, what it takes and the query, and parses the answer', async () => {
    server.intercept = (_request, response) => {
      send(response, 200, { ok: true });
      return true;
    };
    const query = { labelSelector: 'a=b,c in (d)', limit: 5, watch: undefined, empty: '' };
    expect(await client.request({ method: 'GET', path: things, query })).to.deep.equal({ ok: true });
    const [request] = server.requests;
    expect(request?.headers).to.include({
      authorization: 'Bearer secret',
      'user-agent': 'headroom/test',
      accept: 'application/json',
    });
    expect([...(request?.query ?? [])]).to.deep.equal([
      ['labelSelector', 'a=b,c in (d)'],
      ['limit', '5'],
    ]);
  });

  it('sends bodies as JSON, patches with their type', async () => {
    server.put(things, rawThing('a', 1));
    await client.request({
      method: 'PATCH',
      path: '/api/v1/namespaces/default/things/a',
      contentType: 'application/merge-patch+json',
      body: { value: 2 },
    });
    expect(server.requests[0]?.headers['content-type']).to.equal('application/merge-patch+json');
    expect(server.get(things, 'default/a')?.['value']).to.equal(2);
  });

  it('throws the Status of a failure', async () => {
    const error = await failureOf(client.request(get));
    expect(error).to.be.instanceOf(ApiStatusError);
    expect(error).to.include({ httpStatus: 404, reason: 'NotFound', message: 'things "a" not found' });
    expect(clock.pausesMs).to.deep.equal([]);
  });

  it('gives up in time while a connection is being made', async () => {
    const silent = createServer();
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as AddressInfo;
    const kubeConfig = server.kubeConfig();
    kubeConfig.clusters = kubeConfig.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${port}` }));
    const early = newClient(kubeConfig);
    const startMs = performance.now();
    const error = await failureOf(early.request({ ...get, deadlineMs: 50 }));
    expect(String(error)).to.include('deadline of 50 ms exceeded');
    expect(performance.now() - startMs).to.be.lessThan(2_000);
    await early.close();
    silent.close();
  });

  it('takes no token for a request that is paid for', async () => {
    const slow = createApiClient({
      kubeConfig: server.kubeConfig({}),
      clock,
      logger,
      userAgent: 't',
      qps: 50,
      burst: 2,
    });
    server.put(things, rawThing('a', 1));
    const path = '/api/v1/namespaces/default/things/a';
    expect(slow.budget.tryAcquire(2)).to.equal(true);
    await slow.request({ method: 'GET', path, isPrepaid: true });
    expect(clock.pausesMs).to.deep.equal([]);
    await slow.request({ method: 'GET', path });
    expect(clock.pausesMs).not.to.deep.equal([]);
    await slow.close();
  });

  it('waits as long as Retry-After says, and tries again: at 429 and at any 5xx', async () => {
    let answers = 0;
    server.put(things, rawThing('a', 1));
    server.intercept = (_request, response) => {
      answers += 1;
      if (answers > 2) return false;
      response.setHeader('retry-after', '3');
      send(response, answers === 1 ? 429 : 500, status(answers === 1 ? 429 : 500, '', 'later'));
      return true;
    };
    await client.request({ method: 'GET', path: '/api/v1/namespaces/default/things/a' });
    expect(clock.pausesMs).to.deep.equal([3_000, 3_000]);
  });

  it('does not try again without Retry-After', async () => {
    server.intercept = (_request, response) => {
      send(response, 503, status(503, 'ServiceUnavailable', 'down'));
      return true;
    };
    expect(await failureOf(client.request(get))).to.include({ message: 'down', httpStatus: 503 });
    expect(server.requests).to.have.length(1);
  });

  it('gives up after ten further attempts', async () => {
    server.intercept = (_request, response) => {
      response.setHeader('retry-after', '1');
      send(response, 429, status(429, 'TooManyRequests', 'later'));
      return true;
    };
    expect(await failureOf(client.request(get))).to.include({ retryAfterSeconds: 1 });
    expect(server.requests).to.have.length(11);
  });

  it('sends a GET again when its connection is cut, but not a write', async () => {
    let cuts = 0;
    server.intercept = (_request, response) => {
      cuts += 1;
      if (cuts === 2) send(response, 200, {});
      else response.destroy();
      return true;
    };
    await client.request(get);
    expect(cuts).to.equal(2);
    const error = await failureOf(client.request({ method: 'PUT', path: get.path, body: {} }));
    expect(error).to.be.instanceOf(HeadroomError).and.include({ code: 'API_REQUEST_FAILED', retryable: true });
    expect(cuts).to.equal(3);
  });

  it('gives up a server that does not answer within the deadline', async () => {
    server.intercept = () => true;
    const error = await failureOf(client.request({ ...get, deadlineMs: 50 }));
    expect(error).to.include({ code: 'API_REQUEST_FAILED', message: `GET ${get.path}: deadline of 50 ms exceeded` });
  });

  it('gives up an answer that stops in the middle', async () => {
    server.intercept = (_request, response) => {
      response.writeHead(200).write('{"half":');
      return true;
    };
    expect(await failureOf(client.request({ ...get, deadlineMs: 50 }))).to.include({ code: 'API_REQUEST_FAILED' });
  });

  it('refuses an answer that is not JSON', async () => {
    server.intercept = (_request, response) => {
      response.writeHead(200).end('<html>');
      return true;
    };
    expect(String(await failureOf(client.request(get)))).to.contain('the answer is not JSON');
  });

  it('ends when its caller gives up, and blames nobody', async () => {
    server.intercept = () => true;
    const stop = new AbortController();
    const failures = [1, 2, 3].map(() => failureOf(client.request({ ...get, signal: stop.signal })));
    await waitFor('they arrived', () => server.requests.length === 3);
    stop.abort();
    for (const error of await Promise.all(failures)) expect(error).to.include({ code: 'API_REQUEST_FAILED' });
    expect(logger.lines).to.deep.equal([]);
  });

  it('logs one line when the API server goes away and one when it is back', async () => {
    const { port } = server;
    await server.close();
    for (let attempt = 0; attempt < 5; attempt++) {
      expect(String(await failureOf(client.request({ ...get, method: 'DELETE' })))).to.contain('ECONNREFUSED');
    }
    server = await new FakeApiServer().listen(port);
    await failureOf(client.request(get));
    await failureOf(client.request(get));
    expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
      'warn API server does not answer',
      'info API server answers again',
    ]);
  });

  it('logs that the API server went away once for all clients that share the contact', async () => {
    const contact = new Contact(clock, logger);
    const clients = [1, 2].map(() => newClient(server.kubeConfig({ token: 'secret' }), contact));
    await server.close();
    for (const each of [...clients, ...clients]) await failureOf(each.request({ ...get, method: 'DELETE' }));
    expect(logger.lines.map(({ message }) => message)).to.deep.equal(['API server does not answer']);
    for (const each of clients) await each.close();
  });

  it('streams a body as it arrives, and lets go of it when the reader stops', async () => {
    let open = false;
    server.intercept = (_request, response) => {
      open = true;
      response.on('close', () => {
        open = false;
      });
      response.writeHead(200).write('one');
      return true;
    };
    for await (const chunk of await client.stream(get)) {
      expect(Buffer.from(chunk).toString()).to.equal('one');
      break;
    }
    await waitFor('the server sees it closed', () => !open);
  });

  it('throws the Status of a stream that is refused', async () => {
    expect(await failureOf(client.stream(get))).to.include({ httpStatus: 404 });
  });

  it('takes tokenFile of a kubeconfig, without the line end', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'headroom-'));
    try {
      await writeFile(join(directory, 'token'), 'first\n');
      const kubeConfigText = `{clusters: [{name: c, cluster: {server: "http://127.0.0.1:${server.port}"}}], users: [{name: u, user: {tokenFile: token}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x}`;
      await writeFile(join(directory, 'config'), kubeConfigText);
      client = newClient(loadKubeConfig(join(directory, 'config')));
      await failureOf(client.request(get));
      expect(server.requests[0]?.headers.authorization).to.equal('Bearer first');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('the API client over TLS', () => {
  it('trusts a CA file, and trusts another one once the file has changed', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'headroom-'));
    const [old, renewed] = [createAuthority('old'), createAuthority('renewed')];
    const tlsOf = (authority: typeof old): ServerOptions => {
      const { certificatePem, keyPem } = authority.issue({
        commonName: 'server',
        usage: 'server',
        hosts: ['127.0.0.1'],
      });
      return { cert: certificatePem, key: keyPem };
    };
    const caFile = join(directory, 'ca.crt');
    await writeFile(caFile, old.certificatePem);
    const server = await startFakeApiServer(tlsOf(old));
    const { port } = server;
    let nowMs = 0;
    const client = createApiClient({
      kubeConfig: server.kubeConfig({ caFile }, 'https'),
      clock: { ...systemClock, monotonic: () => nowMs },
      logger: new RecordingLogger(),
      userAgent: 'test',
      qps: -1,
      burst: 1,
    });
    const get: ApiRequest = { method: 'GET', path: things };
    let second: FakeApiServer | undefined;
    try {
      await client.request(get);
      await server.close();
      second = await new FakeApiServer(tlsOf(renewed)).listen(port);
      expect(String(await failureOf(client.request(get)))).to.match(/certificate|signed|socket|closed/);
      await writeFile(caFile, renewed.certificatePem);
      nowMs += 60_000;
      await client.request(get);
      expect(second.requests).to.have.length(1);
    } finally {
      await client.close();
      await second?.close();
      await rm(directory, { recursive: true });
    }
  });
});
