// Flow: a real provider of custom.metrics.k8s.io and external.metrics.k8s.io behind the aggregator of a control plane, whose values tests write.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBinaries, type Progress } from './build.ts';
import { Component } from './component.ts';
import type { ControlPlane } from './control-plane.ts';
import { reservePorts } from './ports.ts';
import { probe } from './probe.ts';

const NAMESPACE = 'custom-metrics';
const SERVICE = 'custom-metrics-adapter';
const WRITE_TIMEOUT_MS = 5_000;
const AVAILABLE_TIMEOUT = '120s';

/** What the aggregator can be told that the adapter serves. */
export type MetricsApiVersion =
  | 'custom.metrics.k8s.io/v1beta2'
  | 'custom.metrics.k8s.io/v1beta1'
  | 'external.metrics.k8s.io/v1beta1';

/** The name that the aggregator expects in the certificate of whoever stands behind these APIs. */
export const adapterHostName: string = `${SERVICE}.${NAMESPACE}.svc`;

export const allMetricsApis: readonly MetricsApiVersion[] = [
  'custom.metrics.k8s.io/v1beta2',
  'custom.metrics.k8s.io/v1beta1',
  'external.metrics.k8s.io/v1beta1',
];

export interface CustomMetricsAdapterOptions {
  readonly controlPlane: ControlPlane;
  /** What gets an APIService; default all, with v1beta2 of custom metrics preferred. */
  readonly versions?: readonly MetricsApiVersion[];
  /** Where the aggregator is sent instead, on 127.0.0.1: something that passes requests on to the adapter's port. */
  readonly frontPort?: number;
  /** Takes lines for people while the adapter is built. */
  readonly progress?: Progress;
}

/** The value of a metric. Quantities are as in manifests: `1500m`, `2k`. */
interface WrittenValue {
  readonly namespace: string;
  readonly metric: string;
  readonly value: string;
  /** What selectors of metrics are matched against; default none. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface ObjectValue extends WrittenValue {
  /** Plural, with its group: `pods`, `services`, `ingresses.networking.k8s.io`. */
  readonly resource: string;
  readonly name: string;
}

export interface CustomMetricsAdapter extends AsyncDisposable {
  /** Where it serves the APIs, on 127.0.0.1 with TLS by the cluster CA. */
  readonly port: number;
  /** Sets a metric of one object, such as a pod. A metric that was set once stays until the adapter restarts. */
  setObject(value: ObjectValue): Promise<void>;
  /** Sets one series of an external metric: it is told apart from others of the same name by its labels. */
  setExternal(value: WrittenValue): Promise<void>;
  /** Forgets one series. */
  removeExternal(series: Omit<WrittenValue, 'value'>): Promise<void>;
  /** Replaces what the aggregator knows; resolves when all of these are available. */
  register(versions: readonly MetricsApiVersion[]): Promise<void>;
  logs(): Promise<string>;
  /** Ends the process; what is registered stays. */
  stop(): Promise<void>;
  /** Starts it again, on the same ports and without any values. */
  start(): Promise<void>;
}

/** Resolves when the registered APIs are available. Ends the adapter, not its registration, when disposed of. */
export async function startCustomMetricsAdapter(options: CustomMetricsAdapterOptions): Promise<CustomMetricsAdapter> {
  const { controlPlane } = options;
  await using undo = new AsyncDisposableStack();
  const reserved = await reservePorts(2);
  undo.defer(() => reserved.release());
  const [port = 0, writePort = 0] = reserved.ports;
  const logPath = join(controlPlane.dir, `${SERVICE}-${port}.log`);
  const component = await createComponent(options, { port, writePort, logPath });
  undo.defer(() => component.stop());
  const registry = new ApiRegistry(controlPlane, options.frontPort ?? port);
  await component.start();
  await registry.register(options.versions ?? allMetricsApis);
  const parts = undo.move();
  const write = (method: 'POST' | 'DELETE', path: string, value: Omit<WrittenValue, 'value'>, body?: string) =>
    send(method, `http://127.0.0.1:${writePort}${path}`, value, body);
  return {
    port,
    setObject: ({ resource, name, ...value }) =>
      write('POST', objectPath(value.namespace, resource, name, value.metric), value, value.value),
    setExternal: (value) => write('POST', externalPath(value), value, value.value),
    removeExternal: (series) => write('DELETE', externalPath(series), series),
    register: (versions) => registry.register(versions),
    logs: () => readFile(logPath, 'utf8'),
    stop: () => component.stop(),
    start: () => component.start(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

interface Place {
  readonly port: number;
  readonly writePort: number;
  readonly logPath: string;
}

async function createComponent(
  { controlPlane, progress }: CustomMetricsAdapterOptions,
  { port, writePort, logPath }: Place,
): Promise<Component> {
  const binaries = await ensureBinaries(progress ?? (() => undefined), ['writable-metrics-adapter']);
  const { kubeconfigPath } = controlPlane;
  return new Component({
    name: SERVICE,
    command: [
      binaries.writableMetricsAdapter,
      '--bind-address=127.0.0.1',
      `--secure-port=${port}`,
      `--write-address=127.0.0.1:${writePort}`,
      // Whose pods it names, and whom it asks about callers.
      `--lister-kubeconfig=${kubeconfigPath}`,
      `--authentication-kubeconfig=${kubeconfigPath}`,
      `--authorization-kubeconfig=${kubeconfigPath}`,
      ...(await writeServingCertificate(controlPlane, port)),
    ],
    logPath,
    isReady: async () => (await probe(`https://127.0.0.1:${port}/healthz`))?.status === 200,
  });
}

async function writeServingCertificate(controlPlane: ControlPlane, port: number): Promise<readonly string[]> {
  const { certificatePem, keyPem } = controlPlane.credentials.clusterCa.issue({
    commonName: SERVICE,
    usage: 'server',
    hosts: [adapterHostName, 'localhost', '127.0.0.1'],
  });
  const base = join(controlPlane.dir, 'pki', `${SERVICE}-${port}`);
  await writeFile(`${base}.crt`, certificatePem, { mode: 0o600 });
  await writeFile(`${base}.key`, keyPem, { mode: 0o600 });
  return [`--tls-cert-file=${base}.crt`, `--tls-private-key-file=${base}.key`];
}

/** The APIServices that lead to the adapter. */
class ApiRegistry {
  readonly #controlPlane: ControlPlane;
  readonly #port: number;
  #registered: readonly MetricsApiVersion[] = [];

  constructor(controlPlane: ControlPlane, port: number) {
    this.#controlPlane = controlPlane;
    this.#port = port;
  }

  async register(versions: readonly MetricsApiVersion[]): Promise<void> {
    const gone = this.#registered.filter((version) => !versions.includes(version));
    if (gone.length > 0) await this.#kubectl(['delete', ...gone.map((version) => `apiservice/${nameOf(version)}`)]);
    this.#registered = versions;
    if (versions.length === 0) return;
    const { caPem } = this.#controlPlane;
    const items = [...serviceObjects(this.#port), ...versions.map((version) => apiService(version, this.#port, caPem))];
    await this.#kubectl(
      ['apply', '--validate=false', '-f', '-'],
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
    );
    const names = versions.map((version) => `apiservice/${nameOf(version)}`);
    await this.#kubectl(['wait', '--for=condition=Available', `--timeout=${AVAILABLE_TIMEOUT}`, ...names]);
  }

  async #kubectl(args: readonly string[], input: string = ''): Promise<void> {
    const answer = await this.#controlPlane.kubectl(args, { input });
    if (answer.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${answer.stderr.trim()}`);
  }
}

/** A Service without pods: the aggregator resolves it to this machine. */
function serviceObjects(port: number): readonly object[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: SERVICE, namespace: NAMESPACE },
      spec: { type: 'ExternalName', externalName: 'localhost', ports: [{ port }] },
    },
  ];
}

function apiService(groupVersion: MetricsApiVersion, port: number, caPem: string): object {
  const [group = '', version = ''] = groupVersion.split('/');
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: nameOf(groupVersion) },
    spec: {
      group,
      version,
      groupPriorityMinimum: 100,
      versionPriority: version === 'v1beta2' ? 200 : 100,
      service: { name: SERVICE, namespace: NAMESPACE, port },
      caBundle: Buffer.from(caPem).toString('base64'),
    },
  };
}

/** `v1beta2.custom.metrics.k8s.io`. */
function nameOf(groupVersion: MetricsApiVersion): string {
  return groupVersion.split('/').toReversed().join('.');
}

/**
 * Namespaces are written in the singular: what is written of `namespaces` the test adapter's provider files under namespaced objects, where no reader
 * looks, and either form names the same resource.
 */
function objectPath(namespace: string, resource: string, name: string, metric: string): string {
  if (resource === 'namespaces') return `/write-metrics/namespace/${name}/${encodeURIComponent(metric)}`;
  return `/write-metrics/namespaces/${namespace}/${resource}/${name}/${encodeURIComponent(metric)}`;
}

function externalPath({ namespace, metric }: Pick<WrittenValue, 'namespace' | 'metric'>): string {
  return `/write-external-metrics/namespaces/${namespace}/${encodeURIComponent(metric)}`;
}

async function send(
  method: 'POST' | 'DELETE',
  url: string,
  { labels = {} }: Pick<WrittenValue, 'labels'>,
  quantity?: string,
): Promise<void> {
  const text = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const query = text.length === 0 ? '' : `?labels=${encodeURIComponent(text.join(','))}`;
  const answer = await fetch(url + query, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(quantity === undefined ? {} : { body: JSON.stringify(quantity) }),
    signal: AbortSignal.timeout(WRITE_TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`${method} ${url}${query}: ${answer.status} ${await answer.text()}`);
}
