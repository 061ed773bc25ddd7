import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { HeadroomError } from '../../src/lib/errors.ts';

describe('loading a kubeconfig', () => {
  let directory: string;
  let path: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-'));
    path = join(directory, 'config');
  });

  after(async () => {
    await rm(directory, { recursive: true });
  });

  const check = (title: string, text: string | undefined, expected: string): void => {
    it(`refuses ${title}`, async () => {
      if (text === undefined) await rm(path, { force: true });
      else await writeFile(path, text);
      expect(() => loadKubeConfig(path))
        .to.throw(HeadroomError, expected)
        .with.property('code', 'CONFIG_INVALID');
    });
  };

  const cluster = 'clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]';
  check('a file that is not there', undefined, 'no such file');
  check('a file that is no YAML', '{', 'reading kubeconfig');
  check('an empty file', '', 'kubeconfig');
  check('a context that is not there', `${cluster}\ncurrent-context: x`, 'no cluster for its current-context "x"');
  check(
    'a server that is no URL',
    'clusters: [{name: c, cluster: {server: nowhere}}]\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x',
    'server "nowhere" is not a URL',
  );
  check(
    'a user that is not there',
    `${cluster}\ncontexts: [{name: x, context: {cluster: c, user: nobody}}]\ncurrent-context: x`,
    'no user "nobody"',
  );

  it('accepts a context without a user', async () => {
    await writeFile(path, `${cluster}\ncontexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x`);
    expect(loadKubeConfig(path).getCurrentUser()?.name).to.equal('anonymous');
  });

  it('says what is missing outside a cluster', function () {
    if (process.env['KUBERNETES_SERVICE_HOST'] !== undefined) this.skip(); // we are inside one
    expect(() => loadKubeConfig(undefined)).to.throw(
      HeadroomError,
      'KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be defined',
    );
  });
});
