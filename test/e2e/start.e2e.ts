// E2e: the start without an API server, and the end beside one that takes requests and answers none.
import { expect } from 'chai';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, headroomKubeconfig, spawnHeadroom } from '../support/headroom-process.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

const flags = ['--native-hpas=always'];

describe('an API server that does not answer', () => {
  const started = new AsyncDisposableStack();
  let cluster: TestCluster;
  let kubeconfigPath: string;

  before(async function () {
    this.timeout(900_000);
    cluster = started.use(await startTestCluster());
    const unknown = { apiVersion: 'example.com/v1', kind: 'Crew', name: 'web' };
    await cluster.apply(deployment({ name: 'web' }), horizontalPodAutoscaler({ name: 'unknown', target: unknown }));
    kubeconfigPath = await headroomKubeconfig(cluster.controlPlane);
  });

  after(() => started.disposeAsync());

  const begin = async (): Promise<HeadroomProcess> =>
    started.use(await spawnHeadroom(cluster.controlPlane, { flags, kubeconfigPath }));

  const signalApiServer = (signal: NodeJS.Signals): void => {
    const found = cluster.controlPlane.pids().find(({ name }) => name === 'kube-apiserver');
    if (found === undefined) throw new Error('kube-apiserver does not run');
    process.kill(found.pid, signal);
  };

  async function millisecondsToStop(headroom: HeadroomProcess): Promise<number> {
    const askedAtMs = Date.now();
    expect(await headroom.stop('SIGTERM')).to.deep.equal({ code: 0, signal: null });
    return Date.now() - askedAtMs;
  }

  describe('at the start', () => {
    before(() => cluster.controlPlane.stopComponent('kube-apiserver'));

    it('is waited for: the log says so, nothing listens, and the end comes at once', async () => {
      const headroom = await begin();
      const { problem } = await headroom.waitFor('waiting for the API server');
      expect(problem).to.match(/ECONNREFUSED/);
      expect(await headroom.get('/livez')).to.equal(undefined);
      expect(await millisecondsToStop(headroom)).to.be.below(10_000);
    });

    it('and the start goes on when it is there', async () => {
      const headroom = await begin();
      await headroom.waitFor('waiting for the API server');
      await cluster.controlPlane.startComponent('kube-apiserver');
      await eventually(async () => (await headroom.get('/readyz'))?.status === 200, 90_000);
      expect(headroom.logged(({ level }) => level === 'error')).to.deep.equal([]);
      await headroom.stop();
    });
  });

  it('at the end delays it by no more than a look under way may take', async () => {
    const headroom = await begin();
    await headroom.waitFor('autoscaler controller runs', 60_000);
    // The kind of its target has to be looked up by asking.
    await headroom.waitFor(/problem/, 30_000);
    signalApiServer('SIGSTOP');
    try {
      // Longer than discovery is believed.
      await new Promise((resolve) => setTimeout(resolve, 7_000));
      expect(await millisecondsToStop(headroom)).to.be.below(25_000);
    } finally {
      signalApiServer('SIGCONT');
    }
  });
});
