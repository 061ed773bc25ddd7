import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Connection } from '../../src/kube/connection.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { createAuthority } from '../cluster/pki.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('Connection', () => {
  let directory: string;
  let clock: FakeClock;
  let connection: Connection | undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-'));
    clock = new FakeClock();
    await writeFile(join(directory, 'ca.crt'), createAuthority('one').certificatePem);
  });

  afterEach(async () => {
    await connection?.close();
    await rm(directory, { recursive: true });
  });

  async function connect(user: string, cluster = 'server: "https://127.0.0.1:1/prefix/"'): Promise<Connection> {
    const path = join(directory, 'config');
    const text = [
      `clusters: [{name: c, cluster: {${cluster}, certificate-authority: ca.crt}}]`,
      `users: [{name: u, user: ${user}}]`,
      'contexts: [{name: x, context: {cluster: c, user: u}}]',
      'current-context: x',
    ].join('\n');
    await writeFile(path, text);
    connection = new Connection(loadKubeConfig(path), clock);
    return connection;
  }

  it('knows the origin and the path before the API', async () => {
    const { origin, pathPrefix } = await connect('{}');
    expect([origin, pathPrefix]).to.deep.equal(['https://127.0.0.1:1', '/prefix']);
  });

  const check = (title: string, user: string, expected: Record<string, string>): void => {
    it(title, async () => {
      const { headers } = await (await connect(user)).current();
      expect(headers).to.deep.equal(expected);
    });
  };
  check('sends a token', '{token: secret}', { authorization: 'Bearer secret' });
  check('sends user and password', '{username: me, password: pass}', { authorization: 'Basic bWU6cGFzcw==' });
  check('impersonates', '{token: secret, as: other}', { authorization: 'Bearer secret', 'impersonate-user': 'other' });
  const credential = JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'made' },
  });
  check(
    'asks an exec plugin',
    `{exec: {apiVersion: client.authentication.k8s.io/v1, command: echo, args: ['${credential}']}}`,
    { authorization: 'Bearer made' },
  );

  it('keeps its connections while CA and client certificate are the same', async () => {
    const { dispatcher } = await (await connect('{token: secret}')).current();
    await clock.advance(60_000);
    expect((await connection?.current())?.dispatcher).to.equal(dispatcher);
  });

  it('takes new ones when the CA changes, looking at most every ten seconds', async () => {
    const { dispatcher } = await (await connect('{token: secret}')).current();
    await writeFile(join(directory, 'ca.crt'), createAuthority('two').certificatePem);
    await clock.advance(9_999);
    expect((await connection?.current())?.dispatcher).to.equal(dispatcher);
    await clock.advance(1);
    expect((await connection?.current())?.dispatcher).not.to.equal(dispatcher);
  });

  it('looks again at once when the server refused its credentials', async () => {
    const { dispatcher } = await (await connect('{token: secret}')).current();
    await writeFile(join(directory, 'ca.crt'), createAuthority('two').certificatePem);
    connection?.expire();
    expect((await connection?.current())?.dispatcher).not.to.equal(dispatcher);
  });

  it('goes on with what it has when a file cannot be read for a while', async () => {
    const transport = await (await connect('{token: secret}')).current();
    await rm(join(directory, 'ca.crt'));
    await clock.advance(60_000);
    expect(await connection?.current()).to.equal(transport);
  });

  it('fails when a file cannot be read at the start', async () => {
    const broken = await connect('{token: secret}');
    await rm(join(directory, 'ca.crt'));
    expect(String(await broken.current().catch((error: unknown) => error))).to.contain('ENOENT');
  });

  it('refuses a proxy that is not HTTP', async () => {
    const proxied = await connect('{}', 'server: "https://127.0.0.1:1", proxy-url: "socks5://127.0.0.1:2"');
    expect(String(await proxied.current().catch((error: unknown) => error))).to.contain('only HTTP proxies');
  });
});
