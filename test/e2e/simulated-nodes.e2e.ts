// E2e: the simulated nodes under a real control plane, scraped by the real metrics-server.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { assert, expect } from 'chai';
import { ensureBinaries } from '../cluster/build.ts';
import { Component } from '../cluster/component.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { type ReservedPorts, reservePorts } from '../cluster/ports.ts';
import { probe } from '../cluster/probe.ts';
import { type SimulatedNodes, startSimulatedNodes } from '../cluster/sim/simulated-nodes.ts';
import { simWorkload } from '../support/sim-builders.ts';
import { until } from '../support/until.ts';

let cluster: ControlPlane;
let simulation: SimulatedNodes;

async function kubectl(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(args);
  assert(code === 0, `kubectl ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Names of the Deployment's pods that are Running and ready. */
async function readyPods(): Promise<readonly string[]> {
  const pods = JSON.parse(await kubectl('get', 'pods', '-l', 'app=web', '-o', 'json')) as {
    items: { metadata: { name: string }; status: { phase: string; conditions: { type: string; status: string }[] } }[];
  };
  return pods.items
    .filter(({ status }) => status.phase === 'Running')
    .filter(({ status }) => status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'))
    .map(({ metadata }) => metadata.name);
}

describe('simulated nodes under a real control plane', () => {
  before(async function () {
    this.timeout(900_000);
    cluster = await startControlPlane();
    simulation = await startSimulatedNodes({
      kubeconfigPath: cluster.kubeconfigPath,
      nodeCount: 3,
      authority: cluster.credentials.clusterCa,
      clientCaPem: cluster.caPem,
      workloads: [simWorkload({ cores: 0.9, bytes: 600 * 2 ** 20 })],
      usage: { idleCores: 0.001, idleBytes: 16 * 2 ** 20 },
      housekeeping: { intervalMs: 3000 },
      timing: { startDelayMs: 200, readyDelayMs: 200, stopDelayMs: 200 },
    });
  });

  after(async () => {
    await simulation?.stop();
    await cluster?.stop();
  });

  it('are ready for the node lifecycle controller', async () => {
    await kubectl('wait', 'nodes', '--all', '--for=condition=Ready', '--timeout=30s');
    const nodes = await kubectl(
      'get',
      'nodes',
      '-o',
      'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}',
    );
    expect(nodes.split(' ')).to.deep.equal(simulation.nodes.map(({ address }) => address));
    await until(async () => (await kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].spec.taints}')) === '', 30_000);
  });

  it('run the pods of a Deployment as it scales up and down', async () => {
    await kubectl('create', 'deployment', 'web', '--image=example/web', '--replicas=3');
    await until(async () => (await readyPods()).length === 3, 30_000);
    await kubectl('scale', 'deployment/web', '--replicas=5');
    await kubectl('rollout', 'status', 'deployment/web', '--timeout=30s');
    expect(await readyPods()).to.have.length(5);
    await kubectl('scale', 'deployment/web', '--replicas=3');
    await until(async () => (await kubectl('get', 'pods', '-o', 'name')).split('\n').length === 3, 30_000);
    expect(simulation.workloadState('web').readyPods).to.equal(3);
  });

  it('show restarts and failing probes as kubectl expects them', async () => {
    const [first = '', second = ''] = await readyPods();
    simulation.restartPod('default', first);
    simulation.failProbe('default', second, true);
    await until(async () => !(await readyPods()).includes(second), 30_000);
    await until(async () => /\b1 \(\d+s ago\)/.test(await kubectl('get', 'pod', first)), 30_000);
    simulation.failProbe('default', second, false);
    await until(async () => (await readyPods()).length === 3, 30_000);
  });

  describe('with metrics-server', () => {
    let metricsServer: Component;
    let ports: ReservedPorts;

    before(async function () {
      this.timeout(900_000);
      const binaries = await ensureBinaries(() => undefined, ['metrics-server']);
      ports = await reservePorts(1);
      const [port = 0] = ports.ports;
      const caPath = join(cluster.dir, 'kubelet-ca.pem');
      await writeFile(caPath, simulation.caPem);
      metricsServer = new Component({
        name: 'metrics-server',
        command: [
          binaries.metricsServer,
          ...['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
            (flag) => `--${flag}=${cluster.kubeconfigPath}`,
          ),
          `--kubelet-certificate-authority=${caPath}`,
          '--kubelet-use-node-status-port',
          '--kubelet-preferred-address-types=InternalIP',
          '--metric-resolution=10s',
          '--kubelet-request-timeout=5s',
          '--bind-address=127.0.0.1',
          `--secure-port=${port}`,
          `--cert-dir=${join(cluster.dir, 'metrics-server')}`,
        ],
        logPath: join(cluster.dir, 'metrics-server.log'),
        isReady: async () => (await probe(`https://127.0.0.1:${port}/livez`))?.status === 200,
      });
      await metricsServer.start();
      await cluster.kubectl(['apply', '-f', '-'], { input: registration(port) });
    });

    after(async () => {
      await metricsServer?.stop();
      await ports?.release();
    });

    it('show the demanded cores and bytes in kubectl top', async () => {
      const rows = await until(async () => {
        const { code, stdout } = await cluster.kubectl(['top', 'pods', '--no-headers']);
        const lines = stdout.trim().split('\n');
        // The first window of a pod may reach back to before it was ready.
        const isSettled = lines.every((line) => /\s30[12]m\s+216Mi/.test(line));
        return code === 0 && lines.length === 3 && isSettled && lines;
      }, 90_000);
      // A third of 0.9 cores and of 600 MiB each, and what an idle container uses.
      for (const row of rows) {
        const [, cores, memory] = row.split(/\s+/);
        expect(cores).to.be.oneOf(['301m', '302m']);
        expect(memory).to.equal('216Mi');
      }
    });
  });

  describe('after their Deployment is deleted', () => {
    it('have no pods', async () => {
      await kubectl('delete', 'deployment', 'web');
      await until(async () => (await kubectl('get', 'pods', '-o', 'name')) === '', 30_000);
      expect(simulation.statistics().runningPods).to.equal(0);
    });
  });
});

/** Makes the aggregator ask this port for metrics.k8s.io. */
function registration(port: number): string {
  return `apiVersion: v1
kind: Service
metadata: { name: metrics-server, namespace: kube-system }
spec: { type: ExternalName, externalName: localhost, ports: [{ port: ${port} }] }
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1beta1.metrics.k8s.io }
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: { name: metrics-server, namespace: kube-system, port: ${port} }
`;
}
