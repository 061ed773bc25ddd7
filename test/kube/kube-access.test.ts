import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileKubeAccess, type KubeAccess } from '../../src/kube/kube-access.ts';
import { readKubeAccess } from '../../src/kube/kube-access-reader.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { failureOf } from '../support/failure-of.ts';

describe('access to the API server', () => {
  let directory: string;
  let path: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-'));
    path = join(directory, 'config');
    await Promise.all(
      ['ca.crt', 'me.crt', 'me.key', 'token'].map((name) => writeFile(join(directory, name), `the ${name}\n`)),
    );
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  async function write(user: string, cluster = ''): Promise<void> {
    const text = [
      `clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"${cluster}}}]`,
      `users: [{name: u, user: ${user}}]`,
      'contexts: [{name: x, context: {cluster: c, user: u}}]',
      'current-context: x',
    ].join('\n');
    await writeFile(path, text);
  }

  /** What it adds to a request, as text; without the agent, which only client-node makes. */
  async function added(access: KubeAccess): Promise<Record<string, string>> {
    const options: RequestOptions & { agent?: unknown } = {};
    await access.applyToHTTPSOptions(options);
    const { agent: _agent, headers, ...rest } = options;
    const all: [string, unknown][] = [...Object.entries(rest), ...Object.entries(headers ?? {})];
    return Object.fromEntries(all.map(([name, value]) => [name, String(value).trim()]));
  }

  describe('adds to a request what client-node adds, for', () => {
    const check = (title: string, user: string, cluster?: string): void => {
      it(title, async () => {
        await write(user, cluster);
        const kubeConfig = loadKubeConfig(path);
        const [inFile, theUser] = [kubeConfig.getCurrentCluster(), kubeConfig.getCurrentUser()];
        if (inFile === null || theUser === null) throw new Error('no cluster or no user');
        expect(await added(new FileKubeAccess(inFile, theUser))).to.deep.equal(await added(kubeConfig));
      });
    };
    const data = Buffer.from('PEM').toString('base64');
    check('nothing but a server', '{}');
    check('a token', '{token: secret}');
    check('a token file', '{tokenFile: token}');
    check('a token beside a token file', '{token: secret, tokenFile: token}');
    check('user and password', '{username: me, password: pass}');
    check('impersonation', '{token: secret, as: other}');
    check('files', '{client-certificate: me.crt, client-key: me.key}', ', certificate-authority: ca.crt');
    check(
      'data',
      `{client-certificate-data: ${data}, client-key-data: ${data}}`,
      `, certificate-authority-data: ${data}`,
    );
    check('files beside data', `{client-certificate: me.crt, client-certificate-data: ${data}, client-key: me.key}`);
    check('no verification', '{token: secret}', ', insecure-skip-tls-verify: true');
    check('the name of a server', '{token: secret}', ', tls-server-name: kubernetes');
  });

  it('is read by a process of its own', async () => {
    await write('{tokenFile: token}', ', certificate-authority: ca.crt');
    const access = await readKubeAccess(path);
    expect(access).to.be.an.instanceOf(FileKubeAccess);
    expect(access.getCurrentCluster()).to.include({ server: 'https://127.0.0.1:1', caFile: join(directory, 'ca.crt') });
    expect(await added(access)).to.deep.equal({ ca: 'the ca.crt', Authorization: 'Bearer the token' });
  });

  it('follows a token file', async () => {
    await write('{tokenFile: token}');
    const access = await readKubeAccess(path);
    await writeFile(join(directory, 'token'), 'another token');
    expect((await added(access))['Authorization']).to.equal('Bearer another token');
  });

  it('stays with client-node where a plugin gives the credentials', async () => {
    await write('{exec: {apiVersion: client.authentication.k8s.io/v1, command: "true"}}');
    expect(await readKubeAccess(path)).not.to.be.an.instanceOf(FileKubeAccess);
  });

  it('is refused in the words of client-node and ours', async () => {
    await writeFile(path, 'clusters: []');
    const failure = await failureOf(readKubeAccess(path));
    expect(failure).to.include({ code: 'CONFIG_INVALID', retryable: false });
    expect(String(failure)).to.contain('has no cluster for its current-context');
  });
});
