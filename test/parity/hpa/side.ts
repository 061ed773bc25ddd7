// Flow: one control plane and who scales on it: kube-controller-manager and metrics-server, or Headroom.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { benchmarkAccounts, referenceAccount } from '../../../bench/manifests.ts';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { type CustomMetricsAdapter, startCustomMetricsAdapter } from '../../cluster/custom-metrics-adapter.ts';
import { reservePorts } from '../../cluster/ports.ts';
import { probe } from '../../cluster/probe.ts';
import { spawnGuarded } from '../../cluster/processes.ts';
import { SimApiClient } from '../../cluster/sim/api-client.ts';
import { defaultCapacity, nodeObject } from '../../cluster/sim/node-object.ts';
import { clusterTools, installConfig } from '../../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../../support/headroom-process.ts';
import { until } from '../../support/until.ts';
import { asHra, hraPath } from './hra.ts';
import { nodeCount } from './make-groups.ts';
import type { ApiWrite, ValueWrite } from './model.ts';
import type { AutoscalerKind } from './options.ts';
import type { Pace } from './pace.ts';
import { eventVerbosity, parseReportedEvents, type ReportedEvent } from './reported-events.ts';
import { createLastWord, deleteLastWord, hpaPath, lastWordNamespace, nodeName } from './writes.ts';

const customMetricsRights = fileURLToPath(
  new URL('../../../config/components/custom-metrics/rbac.yaml', import.meta.url),
);
const concurrentWrites = 12;
const metricsApi = '/apis/metrics.k8s.io/v1beta1/nodes';
const sampleTimeoutMs = 120_000;
const replaceTimeoutMs = 10_000;
const reportTimeoutMs = 240_000;

/** The same for both controllers. */
const controllerFlags = ({ syncPeriodMs, shortSeconds }: Pace): readonly string[] => [
  `--horizontal-pod-autoscaler-sync-period=${syncPeriodMs / 1000}s`,
  `--horizontal-pod-autoscaler-downscale-stabilization=${shortSeconds}s`,
  '--horizontal-pod-autoscaler-cpu-initialization-period=30m',
  '--concurrent-horizontal-pod-autoscaler-syncs=10',
  // Neither has to wait for its own limit: a recorder of events that waits drops some.
  '--kube-api-qps=500',
  '--kube-api-burst=1000',
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
  readonly kind: AutoscalerKind;
  readonly kubelets: KubeletPlace;
  readonly pace: Pace;
  readonly nowMs: number;
}

interface SideParts {
  readonly name: string;
  readonly kind: AutoscalerKind;
  readonly api: SimApiClient;
  /** Who serves custom and external metrics. */
  readonly adapter: CustomMetricsAdapter;
  /** What the controller has logged. */
  log(): Promise<string>;
  /** The exposition of the reference's controller. */
  controllerMetrics: (() => Promise<string | undefined>) | undefined;
  readonly undo: AsyncDisposableStack;
}

interface NodeUsage {
  readonly timestamp: string;
}

export class Side implements AsyncDisposable {
  readonly name: string;
  readonly #parts: SideParts;

  constructor(parts: SideParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** Where its autoscalers are listed. */
  get autoscalersPath(): string {
    return this.#parts.kind === 'hra' ? hraPath : hpaPath;
  }

  read<T>(path: string): Promise<T> {
    return this.#parts.api.request<T>({ method: 'GET', path });
  }

  /** How many syncs the controller of the reference has done so far; undefined for Headroom. */
  async syncs(): Promise<number | undefined> {
    const text = await this.#parts.controllerMetrics?.();
    if (text === undefined) return undefined;
    const counts = [...text.matchAll(/^horizontal_pod_autoscaler_controller_reconciliations_total\S+ (\S+)$/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  }

  /** What the controller has logged so far. */
  log(): Promise<string> {
    return this.#parts.log();
  }

  /** A few at a time; the first failure is thrown. */
  async write(writes: readonly ApiWrite[]): Promise<void> {
    await inParallel(writes, (write) => this.#writeOne(this.#parts.kind === 'hra' ? asHra(write) : write));
  }

  /** Of custom and external metrics. */
  async writeValues(values: readonly ValueWrite[]): Promise<void> {
    const { adapter } = this.#parts;
    await inParallel(values, ({ of, ...value }) =>
      of === undefined ? adapter.setExternal(value) : adapter.setObject({ ...value, ...of }),
    );
  }

  /** Resolves when the sample of that time, and one before it, were read from every node. */
  async serves(sampledAtMs: number): Promise<void> {
    const second = Math.floor(sampledAtMs / 1000) * 1000;
    const isServed = async (): Promise<boolean> => {
      const { items } = await this.read<{ items: NodeUsage[] }>(metricsApi);
      return items.length === nodeCount && items.every(({ timestamp }) => Date.parse(timestamp) >= second);
    };
    await until(isServed, sampleTimeoutMs, 250);
  }

  /** All events that the reference's controller has reported so far; undefined for Headroom, whose events are read as such. */
  async reportedEvents(): Promise<readonly ReportedEvent[] | undefined> {
    if (this.#parts.controllerMetrics === undefined) return undefined;
    return parseReportedEvents(await this.log(), new Date().getFullYear());
  }

  /**
   * Resolves when everything that Headroom has reported so far can be read as events. It reports in order, so the event of an autoscaler that is
   * made now is the last of them.
   */
  async reported(step: number): Promise<void> {
    if (this.#parts.controllerMetrics !== undefined) return;
    const name = `last-of-step-${step}`;
    const path = `/api/v1/namespaces/${lastWordNamespace}/events`;
    await this.write([createLastWord(name)]);
    const isReported = async (): Promise<boolean> => {
      const { items } = await this.read<{ items: readonly { involvedObject: { name: string } }[] }>(path);
      return items.some(({ involvedObject }) => involvedObject.name === name);
    };
    await until(isReported, reportTimeoutMs, 500);
    await this.write([deleteLastWord(name)]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.undo.disposeAsync();
  }

  async #writeOne(write: ApiWrite): Promise<void> {
    const { api } = this.#parts;
    const contentType = write.method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    if (write.method !== 'PUT') {
      await api.request({ ...write, contentType });
      return;
    }
    // Custom resources are replaced only with their resourceVersion, which the controller's writes of the status change.
    const replace = async (): Promise<true> => {
      const { metadata } = await this.read<{ metadata: object }>(write.path);
      await api.request({ ...write, contentType, body: { ...(write.body as object), metadata } });
      return true;
    };
    await until(replace, replaceTimeoutMs, 50);
  }
}

async function inParallel<T>(items: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const work = async (): Promise<void> => {
    for (const item of left) await one(item);
  };
  await Promise.all(Array.from({ length: concurrentWrites }, work));
}

/** Resolves when the controller runs and its metrics source answers through the API server. */
export async function startSide({ name, contender, kind, kubelets, pace, nowMs }: SideOptions): Promise<Side> {
  await using undo = new AsyncDisposableStack();
  const isReference = contender === 'reference';
  const controlPlane = undo.use(
    await startControlPlane({
      // Scale targets are inert: their pods are what the generator made.
      controllers: isReference ? 'horizontal-pod-autoscaler-controller' : 'serviceaccount-controller',
      extraFlags: {
        'kube-controller-manager': isReference
          ? [
              ...controllerFlags(pace),
              '--authorization-always-allow-paths=/healthz,/metrics',
              `--vmodule=${eventVerbosity}`,
            ]
          : [],
      },
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
  const adapter = undo.use(await startCustomMetricsAdapter({ controlPlane }));
  if (isReference) await startMetricsServer(controlPlane, place, undo);
  const headroom = isReference
    ? undefined
    : await startOurs(controlPlane, { ...place, flags: [...controllerFlags(pace), ...place.flags] }, undo);
  const log = async (): Promise<string> =>
    headroom
      ?.log()
      .map((line) => JSON.stringify(line))
      .join('\n') ?? controlPlane.logs('kube-controller-manager');
  const metricsUrl = `https://127.0.0.1:${controlPlane.ports.controllerManager}/metrics`;
  const controllerMetrics = isReference
    ? async (): Promise<string | undefined> => (await probe(metricsUrl))?.body
    : undefined;
  return new Side({ name, kind, api, adapter, log, controllerMetrics, undo: undo.move() });
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

async function startOurs(
  controlPlane: ControlPlane,
  place: Place,
  undo: AsyncDisposableStack,
): Promise<HeadroomProcess> {
  // kube-controller-manager may always ask for custom and external metrics.
  await clusterTools(controlPlane).kubectl('apply', '-f', customMetricsRights);
  const flags = [...place.flags, '--native-hpas=always', '--kube-api-qps=500', '--kube-api-burst=1000', '-v=0'];
  return undo.use(await startHeadroom(controlPlane, { port: place.port, flags }));
}
