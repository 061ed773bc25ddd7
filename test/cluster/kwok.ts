// Flow: simulated nodes by kwok, somebody else's idea of a kubelet.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBinaries, type Progress } from './build.ts';
import { Component } from './component.ts';
import type { ControlPlane } from './control-plane.ts';
import { reservePorts } from './ports.ts';
import { probe } from './probe.ts';
import { runCommand } from './processes.ts';

const READY_TIMEOUT = '60s';

// kwok's own configuration, from its module: a node becomes ready at once and a pod runs at once; the node's resource
// metrics come from the pods' annotations kwok.x-k8s.io/usage-cpu and kwok.x-k8s.io/usage-memory.
const CONFIGURATION_FILES = [
  'kustomize/stage/node/fast/node-initialize.yaml',
  'kustomize/stage/pod/fast/pod-ready.yaml',
  'kustomize/stage/pod/fast/pod-complete.yaml',
  'kustomize/stage/pod/fast/pod-delete.yaml',
  'kustomize/metrics/resource/metrics-resource.yaml',
  'kustomize/metrics/usage/usage-from-annotation.yaml',
];

export interface KwokOptions {
  readonly nodes: number;
  /** Takes lines for people while kwok is built. */
  readonly progress?: Progress;
}

export interface Kwok extends AsyncDisposable {
  readonly nodeNames: readonly string[];
  /** The port of every node's kubelet, on 127.0.0.1 with TLS by the cluster CA. */
  readonly port: number;
  /** The path of a node's resource metrics; the node's annotation `metrics.k8s.io/resource-metrics-path` says the same. */
  metricsPath(nodeName: string): string;
  logs(): Promise<string>;
  /** Ends kwok; the nodes stay, and become NotReady when their leases run out. */
  stop(): Promise<void>;
}

/** Starts kwok and creates its nodes; resolves when all are Ready. */
export async function startKwok(controlPlane: ControlPlane, { nodes, progress }: KwokOptions): Promise<Kwok> {
  const binaries = await ensureBinaries(progress ?? (() => undefined), ['kwok']);
  const reserved = await reservePorts(1);
  const [port = 0] = reserved.ports;
  const logPath = join(controlPlane.dir, `kwok-${port}.log`);
  const component = new Component({
    name: 'kwok',
    command: [
      binaries.kwok,
      `--kubeconfig=${controlPlane.kubeconfigPath}`,
      '--manage-all-nodes=false',
      `--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake`,
      '--node-ip=127.0.0.1',
      `--node-port=${port}`,
      '--node-lease-duration-seconds=40',
      `--server-address=127.0.0.1:${port}`,
      ...(await writeServingCertificate(controlPlane, port)),
      ...(await configurationFlags()),
    ],
    logPath,
    isReady: async () => (await probe(`https://127.0.0.1:${port}/healthz`))?.status === 200,
  });
  const nodeNames = Array.from({ length: nodes }, (_, index) => `kwok-${index}`);
  const kwok: Kwok = {
    nodeNames,
    port,
    metricsPath,
    logs: () => readFile(logPath, 'utf8'),
    stop: async () => {
      await component.stop();
      await reserved.release();
    },
    [Symbol.asyncDispose]: () => kwok.stop(),
  };
  try {
    await component.start();
    await createNodes(controlPlane, nodeNames);
  } catch (error) {
    await kwok.stop();
    throw error;
  }
  return kwok;
}

function metricsPath(nodeName: string): string {
  return `/metrics/nodes/${nodeName}/metrics/resource`;
}

async function writeServingCertificate(controlPlane: ControlPlane, port: number): Promise<readonly string[]> {
  const { certificatePem, keyPem } = controlPlane.credentials.clusterCa.issue({
    commonName: 'kwok',
    usage: 'server',
    hosts: ['127.0.0.1', 'localhost'],
  });
  const base = join(controlPlane.dir, 'pki', `kwok-${port}`);
  await writeFile(`${base}.crt`, certificatePem, { mode: 0o600 });
  await writeFile(`${base}.key`, keyPem, { mode: 0o600 });
  return [`--tls-cert-file=${base}.crt`, `--tls-private-key-file=${base}.key`];
}

/** One --config per file of kwok's module, which Go has at hand since it built kwok from it. */
async function configurationFlags(): Promise<readonly string[]> {
  const command = ['go', 'mod', 'download', '-json', 'sigs.k8s.io/kwok'];
  const answer = await runCommand(command, { cwd: import.meta.dirname });
  if (answer.code !== 0) {
    throw new Error(`looking for the sources of kwok: ${answer.stderr.trim()}`);
  }
  const module: { Dir: string } = JSON.parse(answer.stdout);
  return CONFIGURATION_FILES.map((file) => `--config=${join(module.Dir, file)}`);
}

async function createNodes(controlPlane: ControlPlane, nodeNames: readonly string[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: nodeNames.map(createNode) };
  const created = await controlPlane.kubectl(['create', '-f', '-'], { input: JSON.stringify(list) });
  if (created.code !== 0) {
    throw new Error(`creating kwok's nodes: ${created.stderr.trim()}`);
  }
  const names = nodeNames.map((name) => `node/${name}`);
  const waited = await controlPlane.kubectl(['wait', '--for=condition=Ready', `--timeout=${READY_TIMEOUT}`, ...names]);
  if (waited.code !== 0) {
    throw new Error(`waiting for kwok's nodes: ${waited.stderr.trim()}`);
  }
}

function createNode(name: string): object {
  const resources = { cpu: '32', memory: '256Gi', pods: '250' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', type: 'kwok' },
      annotations: {
        'kwok.x-k8s.io/node': 'fake',
        'metrics.k8s.io/resource-metrics-path': metricsPath(name),
      },
    },
    status: { capacity: resources, allocatable: resources },
  };
}
