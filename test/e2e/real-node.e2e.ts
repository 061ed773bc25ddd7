// E2e: a real kubelet, real containers that burn real CPU, and Headroom in the node's network. Needs root and Debian packages.
import { expect } from 'chai';
import { type RealCluster, realNodeProblems, startRealCluster } from '../cluster/real-node.ts';
import { type ClusterTools, clusterTools, eventually, installConfig, tableCells } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../support/headroom-process.ts';
import { horizontalPodAutoscaler, stabilizedFor } from '../support/workload-builders.ts';

/** Free in the node's own network, where nothing else listens. */
const port = 8443;
const cpuLimitMilli = 100;

describe('Headroom with a real node', () => {
  const started = new AsyncDisposableStack();
  let node: RealCluster;
  let cluster: ClusterTools;
  let headroom: HeadroomProcess;

  before(async function () {
    const problems = realNodeProblems();
    if (problems.length > 0) {
      console.log(`    Headroom is not tested with a real node on this machine:\n      ${problems.join('\n      ')}`);
      this.skip();
    }
    node = started.use(await startRealCluster());
    const { controlPlane, commandPrefix, nodeAddress } = node;
    cluster = clusterTools(controlPlane);
    await installConfig(controlPlane, port);
    const cpu = `${cpuLimitMilli}m`;
    await cluster.apply(
      node.burnableDeployment({ name: 'burner', cpuRequest: cpu, cpuLimit: cpu }),
      // Each pod burns all it may, however many there are: the maximum is where it ends.
      horizontalPodAutoscaler({ name: 'burner', maxReplicas: 3, behavior: stabilizedFor(5) }),
    );
    headroom = started.use(await startHeadroom(controlPlane, { port, commandPrefix, address: nodeAddress }));
    await cluster.kubectl('wait', 'deployment/burner', '--for=condition=Available', '--timeout=60s');
  });

  after(() => started.disposeAsync());

  /** The rows of kubectl top, with numbers: milli-cores and mebibytes. */
  async function top(...args: string[]): Promise<{ name: string; milliCores: number; mebibytes: number }[]> {
    const { code, stdout } = await node.controlPlane.kubectl(['top', ...args, '--no-headers']);
    if (code !== 0) return [];
    return tableCells(stdout).map((cells) => ({
      name: cells[0] ?? '',
      milliCores: Number.parseInt(cells.find((cell) => /^\d+m$/.test(cell)) ?? '', 10),
      mebibytes: Number.parseInt(cells.find((cell) => /^\d+Mi$/.test(cell)) ?? '', 10),
    }));
  }

  it('is Available behind the aggregator, and scrapes the kubelet with its token and over verified TLS', async () => {
    await cluster.kubectl('wait', 'apiservice/v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=30s');
    await eventually(async () => (await top('node'))[0]?.name === node.nodeName);
    expect(headroom.logged('node cannot be scraped')).to.deep.equal([]);
  });

  it('shows an idle container as idle', async () => {
    const [pod] = await eventually(async () => {
      const rows = await top('pod', '-l', 'app=burner');
      return rows.length === 1 && rows;
    });
    expect(pod?.milliCores).to.be.below(30);
    expect(pod?.mebibytes).to.be.within(0, 50);
  });

  it('shows a burning container near its limit, and scales it up', async () => {
    await node.burn('burner', true);
    await cluster.kubectl('wait', 'deployment/burner', '--for=jsonpath={.spec.replicas}=3', '--timeout=90s');
    const pods = await eventually(async () => {
      const rows = await top('pod', '-l', 'app=burner');
      return rows.length === 3 && rows.every(({ milliCores }) => milliCores > 0.6 * cpuLimitMilli) && rows;
    }, 90_000);
    for (const { milliCores } of pods) expect(milliCores).to.be.below(1.3 * cpuLimitMilli);
    const [whole] = await top('node');
    expect(whole?.milliCores).to.be.at.least(pods.reduce((sum, pod) => sum + pod.milliCores, 0) * 0.8);
  });

  it('scales it down when it burns no more', async () => {
    await node.burn('burner', false);
    await cluster.kubectl('wait', 'deployment/burner', '--for=jsonpath={.spec.replicas}=1', '--timeout=90s');
    const change = await headroom.waitFor((line) => line.message === 'replicas changed' && line['to'] === 1);
    expect(change).to.include({ target: 'Deployment/burner', reason: 'All metrics below target' });
  });

  it('ends with exit code 0', async () => {
    expect(await headroom.stop()).to.deep.equal({ code: 0, signal: null });
  });
});
