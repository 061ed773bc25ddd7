// Flow: a control plane with a real adapter behind a front that can fail, targets that nobody else touches, and one controller of HPAs.
import { fileURLToPath } from 'node:url';
import { KubeConfig } from '@kubernetes/client-node';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import {
  allMetricsApis,
  type CustomMetricsAdapter,
  startCustomMetricsAdapter,
} from '../../cluster/custom-metrics-adapter.ts';
import { type MetricsFront, startMetricsFront } from '../../cluster/metrics-front.ts';
import { reservePorts } from '../../cluster/ports.ts';
import { SimApiClient, type SimApiRequest } from '../../cluster/sim/api-client.ts';
import { clusterTools, installConfig } from '../../support/cluster-fixture.ts';
import { startHeadroom } from '../../support/headroom-process.ts';
import type { MetricCase } from './cases.ts';
import { type AutoscalerKind, autoscaler, podStatus, workload } from './objects.ts';

const customMetricsRights = fileURLToPath(
  new URL('../../../config/components/custom-metrics/rbac.yaml', import.meta.url),
);
const concurrentWrites = 8;

/** The same for both. Enough workers for those that hang. */
const controllerFlags = [
  '--horizontal-pod-autoscaler-sync-period=8s',
  '--horizontal-pod-autoscaler-downscale-stabilization=1s',
  '--concurrent-horizontal-pod-autoscaler-syncs=40',
];

export interface Side extends AsyncDisposable {
  readonly api: SimApiClient;
  readonly controlPlane: ControlPlane;
  readonly adapter: CustomMetricsAdapter;
  readonly front: MetricsFront;
}

/** Resolves when the APIs are available and the controller runs. */
export async function startSide(contender: 'reference' | 'headroom'): Promise<Side> {
  await using undo = new AsyncDisposableStack();
  const isReference = contender === 'reference';
  const controlPlane = undo.use(
    await startControlPlane({
      // Targets are inert: their pods are what was made.
      controllers: isReference ? 'horizontal-pod-autoscaler-controller' : 'serviceaccount-controller',
      extraFlags: { 'kube-controller-manager': isReference ? controllerFlags : [] },
    }),
  );
  await controlPlane.stopComponent('kube-scheduler');
  const front = undo.use(await startMetricsFront(controlPlane));
  const adapter = undo.use(await startCustomMetricsAdapter({ controlPlane, versions: [], frontPort: front.port }));
  front.passTo(adapter.port);
  await adapter.register(allMetricsApis);
  if (!isReference) await startOurs(controlPlane, undo);
  const config = new KubeConfig();
  config.loadFromFile(controlPlane.kubeconfigPath);
  const api = new SimApiClient(config);
  undo.defer(() => api.close());
  const parts = undo.move();
  return { api, controlPlane, adapter, front, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

async function startOurs(controlPlane: ControlPlane, undo: AsyncDisposableStack): Promise<void> {
  await controlPlane.stopComponent('kube-controller-manager');
  const reserved = await reservePorts(1);
  undo.defer(() => reserved.release());
  const [port = 0] = reserved.ports;
  await installConfig(controlPlane, port);
  await clusterTools(controlPlane).kubectl('apply', '-f', customMetricsRights);
  const flags = [...controllerFlags, '--native-hpas=always', '--kube-api-qps=500', '--kube-api-burst=1000'];
  undo.use(await startHeadroom(controlPlane, { port, flags }));
}

/** Targets, pods and values of all cases, but no autoscaler yet. */
export async function prepare(side: Side, namespace: string, cases: readonly MetricCase[]): Promise<void> {
  const { api, adapter, front } = side;
  const write = (path: string, body: object): Promise<unknown> => api.request({ method: 'POST', path, body });
  await write('/api/v1/namespaces', { metadata: { name: namespace } });
  await write(`/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name: 'default' } });
  await eachOf(cases, async ({ name, values, fault }) => {
    if (fault !== undefined) front.fail(name, fault);
    const { target, targetStatus, pods } = workload(namespace, name);
    const targets = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await write(targets, target);
    await api.request({ ...mergePatch(`${targets}/${name}/status`), body: { status: targetStatus } });
    for (const [index, pod] of pods.entries()) {
      const path = `/api/v1/namespaces/${namespace}/pods`;
      await write(path, pod);
      await api.request({ ...mergePatch(`${path}/${name}-${index}/status`), body: { status: podStatus } });
    }
    await writeValues(adapter, namespace, { name, values });
  });
}

async function writeValues(
  adapter: CustomMetricsAdapter,
  namespace: string,
  { name: metric, values }: Pick<MetricCase, 'name' | 'values'>,
): Promise<void> {
  const { pods = [], object, external = [], labels = {} } = values;
  for (const [index, value] of pods.entries()) {
    if (value === undefined) continue;
    await adapter.setObject({ namespace, resource: 'pods', name: `${metric}-${index}`, metric, value, labels });
  }
  if (object !== undefined) {
    const name = object.resource === 'namespaces' ? namespace : object.name;
    await adapter.setObject({ ...object, namespace, name, metric, labels });
  }
  for (const series of external) await adapter.setExternal({ ...series, namespace, metric });
}

export async function createAutoscalers(
  { api }: Side,
  kind: AutoscalerKind,
  namespace: string,
  cases: readonly MetricCase[],
): Promise<void> {
  await eachOf(cases, async ({ name, metrics }) => {
    const { collection, body } = autoscaler(kind, { namespace, name, metrics });
    await api.request({ method: 'POST', path: collection, body });
  });
}

function mergePatch(path: string): Pick<SimApiRequest, 'method' | 'path' | 'contentType'> {
  return { method: 'PATCH', path, contentType: 'application/merge-patch+json' };
}

/** A few at a time; the first failure is thrown. */
async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const workOff = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: concurrentWrites }, workOff));
}
