// E2e: a process that begins where another ended serves the usage of every pod at once, from samples that its predecessor took.
import { join } from 'node:path';
import { expect } from 'chai';
import { parseQuantityNumber } from '../../src/lib/quantity.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../support/headroom-process.ts';
import { deployment } from '../support/workload-builders.ts';

/** Kubelets take samples so seldom that a process without memory needs the better part of a minute. */
const sampleEveryMs = 25_000;
const pods = 4;
/** Of all pods together. */
const cores = 0.4;

interface PodMetrics {
  readonly metadata: { readonly name: string };
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly usage: { readonly cpu: string; readonly memory: string } }[];
}

describe('the samples of the process before', function () {
  this.timeout(180_000);

  const started = new AsyncDisposableStack();
  let cluster: TestCluster;
  let first: HeadroomProcess;

  before(async function () {
    this.timeout(900_000);
    const web = { name: 'web', namespace: 'default', selector: { app: 'web' }, cores };
    cluster = started.use(
      await startTestCluster({
        nodeCount: 2,
        simulation: { workloads: [web], housekeeping: { intervalMs: sampleEveryMs, jitterFactor: 0 } },
      }),
    );
    await cluster.apply(deployment({ name: 'web', replicas: pods }));
    first = await begin();
  });

  after(() => started.disposeAsync());

  async function begin(): Promise<HeadroomProcess> {
    const stateDir = join(cluster.controlPlane.dir, 'state');
    return started.use(await startHeadroom(cluster.controlPlane, { flags: [`--state-dir=${stateDir}`] }));
  }

  /** All pods of the Deployment with their usage, by name. */
  async function podMetrics(headroom: HeadroomProcess): Promise<readonly PodMetrics[]> {
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
    const path = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?labelSelector=app%3Dweb';
    const answer = await headroom.get(path, { cert, key });
    return answer?.status === 200 ? (JSON.parse(answer.body) as { items: readonly PodMetrics[] }).items : [];
  }

  async function allPods(headroom: HeadroomProcess, timeoutMs: number): Promise<readonly PodMetrics[]> {
    return eventually(async () => {
      const items = await podMetrics(headroom);
      return items.length === pods && items;
    }, timeoutMs);
  }

  /** Kubelets refresh their samples a little late rather than early. */
  const expectOneSampleLong = (window: string): void => {
    expect(window).to.match(/^[\d.]+s$/);
    expect(Number.parseFloat(window) * 1000).to.be.closeTo(sampleEveryMs, 2_000);
  };

  const times = (items: readonly PodMetrics[]): string[] => items.map(({ timestamp }) => timestamp);

  it('are served at once by the next, as they were', async () => {
    await allPods(first, 3 * sampleEveryMs);
    expect(await first.stop()).to.deep.equal({ code: 0, signal: null });
    const stoppedAtMs = Date.now();
    const second = await begin();
    // It answers, so its caches are filled: nothing is waited for here.
    const items = await podMetrics(second);
    expect(items).to.have.length(pods);
    expect((await second.get('/readyz'))?.status).to.equal(200);
    const restored = await second.waitFor('samples restored');
    expect(restored).to.include({ nodes: 2 });
    for (const { timestamp, window } of items) {
      // Before the end of the first, or the one that was taken since; never a second new one.
      expect(Date.parse(timestamp)).to.be.below(stoppedAtMs + sampleEveryMs);
      expectOneSampleLong(window);
    }
    first = second;
  });

  it('make a usage with the first sample that the process takes itself', async () => {
    const before = times(await podMetrics(first));
    const items = await eventually(async () => {
      const now = await podMetrics(first);
      return now.length === pods && times(now).every((time, index) => time !== before[index]) && now;
    }, 2 * sampleEveryMs);
    for (const { containers, window } of items) {
      expectOneSampleLong(window);
      expect(parseQuantityNumber(containers[0]?.usage.cpu ?? '')).to.be.closeTo(cores / pods, 0.005);
    }
  });

  it('outlive a process that was killed before it saved anything', async () => {
    await first.stop('SIGKILL');
    const third = await begin();
    expect(await podMetrics(third)).to.have.length(pods);
    expect(third.logged(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([]);
  });
});
