// What does not come from an HTTP library: bytes on a TLS socket, and headers that other servers act upon.

import { once } from 'node:events';
import { expect } from 'chai';
import { podUsage, podView } from '../support/metrics-reader-fake.ts';
import { ApiHarness, createPki, fillExampleCluster } from './api-harness.ts';

const root = '/apis/metrics.k8s.io/v1beta1';

describe('api: on the wire', () => {
  let api: ApiHarness;
  before(async () => {
    api = new ApiHarness(createPki());
    fillExampleCluster(api);
    await api.start();
  });
  after(() => api.stop());

  /** Everything that comes back until Headroom closes the connection. */
  async function exchange(requestLine: string): Promise<string> {
    const socket = await api.connect();
    socket.write(`${requestLine}\r\nHost: h\r\nConnection: close\r\n\r\n`);
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    await once(socket, 'close');
    return text;
  }

  const cases: readonly (readonly [line: string, firstLine: string])[] = [
    ['OPTIONS * HTTP/1.1', 'HTTP/1.1 404 Not Found'],
    ['CONNECT h:443 HTTP/1.1', ''],
    ['FROB / HTTP/1.1', 'HTTP/1.1 400 Bad Request'],
    ['get / HTTP/1.1', 'HTTP/1.1 400 Bad Request'],
    ['GET / HTTP/9.9', 'HTTP/1.1 400 Bad Request'],
    ['GET / HTTP/1.1 extra', 'HTTP/1.1 400 Bad Request'],
    [' / HTTP/1.1', 'HTTP/1.1 400 Bad Request'],
    ['GET\t/\tHTTP/1.1', 'HTTP/1.1 400 Bad Request'],
    ['GET   / HTTP/1.1', 'HTTP/1.1 200 OK'],
  ];
  for (const [line, firstLine] of cases) {
    it(`answers ${JSON.stringify(line)} with ${firstLine === '' ? 'the end of the connection' : firstLine}`, async () => {
      expect((await exchange(line)).split('\r\n')[0]).to.equal(firstLine);
    });
  }

  it('sends no chunks to clients of HTTP/1.0, who could not read them', async () => {
    const [head = '', body = ''] = (await exchange('GET /metrics HTTP/1.0')).split('\r\n\r\n');
    expect(head)
      .to.match(/^HTTP\/1\.1 200 OK\r\n/)
      .and.not.match(/transfer-encoding/i);
    expect(body)
      .to.match(/^# HELP [^]+\n$/)
      .and.have.length.above(2_048);
  });

  it('answers documents whole, whatever range or time was asked for', async () => {
    const path = '/openapi/v2';
    const whole = await api.ask(path);
    const asked = [{ range: 'bytes=0-9' }, { 'if-modified-since': new Date(api.clock.nowMs).toUTCString() }];
    for (const headers of asked) {
      const answer = await api.ask(path, { headers });
      expect(answer.code).to.equal(200);
      expect(answer.body.equals(whole.body)).to.equal(true);
    }
    const known = await api.ask(path, { headers: { 'if-none-match': String(whole.headers['etag']) } });
    expect(known.code).to.equal(304);
  });

  it('takes no token from the protocols of a WebSocket', async () => {
    api.client.tokens['let-me-in'] = { username: 'token-user' };
    api.client.review = ({ user }) => user === 'token-user';
    const token = `base64url.bearer.authorization.k8s.io.${Buffer.from('let-me-in').toString('base64url')}`;
    const webSocket = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-protocol': `${token}, v5.channel.k8s.io`,
    };
    const bearer = { authorization: 'Bearer let-me-in' };
    expect((await api.ask(`${root}/nodes`, { headers: bearer, as: undefined })).code).to.equal(200);
    const answer = await api.ask(`${root}/nodes`, { headers: webSocket, as: undefined });
    expect(answer.code).to.equal(403);
    expect(answer.text).to.contain('system:anonymous');
  });

  it('writes labels in one order, also where the order of their names contradicts itself', async () => {
    const names = ['a1b', 'a2', 'a13'];
    const usage = podUsage({ name: 'a', cpuNanoCores: 1, memoryBytes: 1 });
    const texts = new Set<string>();
    for (const first of names) {
      for (const second of names.filter((name) => name !== first)) {
        const third = names.find((name) => name !== first && name !== second)!;
        const labels = Object.fromEntries([first, second, third].map((name) => [name, 'x']));
        api.pods.pods.set('default/odd', podView({ namespace: 'default', name: 'odd', labels }));
        api.reader.podUsages.set('default/odd', usage);
        const path = `${root}/namespaces/default/pods/odd`;
        texts.add((await api.ask(path, { headers: { accept: 'application/yaml' } })).text);
      }
    }
    expect([...texts]).to.have.lengthOf(1);
    expect([...texts][0])
      .to.contain('a13: x')
      .and.to.contain('a1b: x')
      .and.to.contain('a2: x');
  });
});
