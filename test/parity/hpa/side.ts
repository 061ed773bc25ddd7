// Flow: one control plane and who scales on it: kube-controller-manager and metrics-server, or Headroom.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { benchmarkAccounts, referenceAccount } from '../../../bench/manifests.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { reservePorts } from '../../cluster/ports.ts';
import { spawnGuarded } from '../../cluster/processes.ts';
import { SimApiClient } from '../../cluster/sim/api-client.ts';
import { defaultCapacity, nodeObject } from '../../cluster/sim/node-object.ts';
import { clusterTools, installConfig } from '../../support/cluster-fixture.ts';
import { startHeadroom } from '../../support/headroom-process.ts';
import { until } from '../../support/until.ts';
import type { ApiWrite } from './model.ts';
import { nodeName } from './writes.ts';

export const syncPeriodMs = 5_000;
const customMetricsRights = fileURLToPath(
  new URL('../../../config/components/custom-metrics/rbac.yaml', import.meta.url),
);
const concurrentWrites = 12;
const metricsApi = '/apis/metrics.k8s.io/v1beta1/nodes';
const startTimeoutMs = 60_000;

/** The same for both controllers. Windows are no multiples of the sync period, so that it is not chance which sync ends them. */
const controllerFlags = [
  `--horizontal-pod-autoscaler-sync-period=${syncPeriodMs / 1000}s`,
  '--horizontal-pod-autoscaler-downscale-stabilization=13s',
  '--horizontal-pod-autoscaler-cpu-initialization-period=30m',
  '--concurrent-horizontal-pod-autoscaler-syncs=10',
];
const metricsFlags = [
  '--metric-resolution=10s',
  '--kubelet-request-timeout=8s',
  '--kubelet-use-node-status-port',
  '--kubelet-preferred-address-types=InternalIP',
];

/** Where one side reaches the kubelets, and what their certificates chain to. */
export interface KubeletPlace {
  readonly ports: readonly number[];
  readonly caPem: string;
}

export type Contender = 'reference' | 'headroom';

export interface SideOptions {
  /** A or B. */
  readonly name: string;
  readonly contender: Contender;
  readonly kubelets: KubeletPlace;
  readonly nowMs: number;
}

export class Side implements AsyncDisposable {
  readonly name: string;
  readonly api: SimApiClient;
  readonly controlPlane: ControlPlane;
  readonly #undo: AsyncDisposableStack;

  constructor(name: string, api: SimApiClient, controlPlane: ControlPlane, undo: AsyncDisposableStack) {
    this.name = name;
    this.api = api;
    this.controlPlane = controlPlane;
    this.#undo = undo;
  }

  read<T>(path: string): Promise<T> {
    return this.api.request<T>({ method: 'GET', path });
  }

  /** A few at a time; the first failure is thrown. */
  async write(writes: readonly ApiWrite[]): Promise<void> {
    const left = writes.values();
    const work = async (): Promise<void> => {
      for (const write of left) {
        const contentType = write.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
        await this.api.request({ ...write, contentType });
      }
    };
    await Promise.all(Array.from({ length: concurrentWrites }, work));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#undo.disposeAsync();
  }
}

/** Resolves when the controller runs and its metrics source answers through the API server. */
export async function startSide({ name, contender, kubelets, nowMs }: SideOptions): Promise<Side> {
  await using undo = new AsyncDisposableStack();
  const isReference = contender === 'reference';
  const controlPlane = undo.use(
    await startControlPlane({
      // Scale targets are inert: their pods are what the generator made.
      controllers: isReference ? 'horizontal-pod-autoscaler-controller' : 'serviceaccount-controller',
      extraFlags: { 'kube-controller-manager': isReference ? controllerFlags : [] },
    }),
  );
  await controlPlane.stopComponent('kube-scheduler');
  if (!isReference) await controlPlane.stopComponent('kube-controller-manager');
  const config = new KubeConfig();
  config.loadFromFile(controlPlane.kubeconfigPath);
  const api = new SimApiClient(config);
  undo.defer(() => api.close());
  const reserved = await reservePorts(1);
  undo.defer(() => reserved.release());
  const [port = 0] = reserved.ports;
  await installConfig(controlPlane, port);
  for (const [index, kubeletPort] of kubelets.ports.entries()) {
    const node = { name: nodeName(index), address: '127.0.0.1', kubeletPort, capacity: defaultCapacity };
    const body = nodeObject({ ...node, labels: {}, annotations: {} }, nowMs);
    await api.request({ method: 'POST', path: '/api/v1/nodes', body });
  }
  const caFile = join(controlPlane.dir, 'kubelets-ca.crt');
  await writeFile(caFile, kubelets.caPem);
  const place = { port, flags: [...metricsFlags, `--kubelet-certificate-authority=${caFile}`] };
  if (isReference) await startMetricsServer(controlPlane, place, undo);
  else await startOurs(controlPlane, place, undo);
  return new Side(name, api, controlPlane, undo.move());
}

/** Resolves when there is usage of every node, so two samples of each have been read. */
export async function hasUsage(side: Side): Promise<void> {
  await until(async () => (await side.read<{ items: unknown[] }>(metricsApi)).items.length > 0, startTimeoutMs, 500);
}

interface Place {
  readonly port: number;
  readonly flags: readonly string[];
}

async function startMetricsServer(
  controlPlane: ControlPlane,
  { port, flags }: Place,
  undo: AsyncDisposableStack,
): Promise<void> {
  await clusterTools(controlPlane).apply(...(benchmarkAccounts() as { items: object[] }).items);
  const token = await controlPlane.serviceAccountToken(referenceAccount.namespace, referenceAccount.name);
  const kubeconfig = await controlPlane.kubeconfigForToken(token);
  const command = [
    controlPlane.binaries.metricsServer,
    ...flags,
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(controlPlane.dir, 'metrics-server-certificates')}`,
  ];
  const child = await spawnGuarded(command, { logPath: join(controlPlane.dir, 'metrics-server.log') });
  undo.defer(() => child.stop(5_000));
}

async function startOurs(controlPlane: ControlPlane, place: Place, undo: AsyncDisposableStack): Promise<void> {
  // kube-controller-manager may always ask for custom and external metrics.
  await clusterTools(controlPlane).kubectl('apply', '-f', customMetricsRights);
  const flags = [
    ...controllerFlags,
    ...place.flags,
    '--native-hpas=always',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    '-v=0',
  ];
  undo.use(await startHeadroom(controlPlane, { port: place.port, flags }));
}
