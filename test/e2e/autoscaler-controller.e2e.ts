// E2e: the autoscaler controller on a real API server, beside the real HPA controller of kube-controller-manager. Caches, scales, events and status are
// real; only the usage of pods is given, as there are no nodes.
import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { type AutoscalerController, createAutoscalerController } from '../../src/controller/autoscaler-controller.ts';
import { HotNodes } from '../../src/controller/hot-nodes.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import { autoscalerPath } from '../../src/crd/resources.ts';
import type { Autoscaler, AutoscalerKind } from '../../src/crd/types.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { createEventRecorder } from '../../src/kube/event-recorder.ts';
import { ObjectStore } from '../../src/kube/object-store.ts';
import type { PodRecord } from '../../src/kube/pod-record.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { createRestMapper } from '../../src/kube/rest-mapper.ts';
import { ScaleCache } from '../../src/kube/scale-cache.ts';
import { createScaleClient } from '../../src/kube/scale-client.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { autoscalerJson, cpuUtilization } from '../support/autoscaler-builders.ts';
import { MetricsReaderFake } from '../support/metrics-reader-fake.ts';
import { settings } from '../support/observation-builders.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';

type Json = Readonly<Record<string, unknown>>;

const syncPeriodMs = 1_000;
const namespace = 'default';
const crdFile = new URL('../../config/crd/autoscaling.headroom.dev_headroomautoscalers.yaml', import.meta.url).pathname;

describe('the autoscaler controller on a real API server', function () {
  this.timeout(120_000);

  const logger = new RecordingLogger();
  const metrics = new MetricsReaderFake();
  const reflecting = new AbortController();
  let cluster: ControlPlane;
  let api: ClosableApiClient;
  let controller: AutoscalerController;
  let reflectors: Promise<void>[] = [];

  before(async function () {
    this.timeout(900_000);
    const kcmFlags = [
      '--horizontal-pod-autoscaler-sync-period=1s',
      '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
    ];
    cluster = await startControlPlane({ hpaController: 'on', extraFlags: { 'kube-controller-manager': kcmFlags } });
    const applied = await cluster.kubectl(['apply', '-f', crdFile]);
    expect(applied.code, applied.stderr).to.equal(0);
    const crd = 'crd/headroomautoscalers.autoscaling.headroom.dev';
    await cluster.kubectl(['wait', '--for=condition=Established', crd, '--timeout=30s']);
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(cluster.kubeconfigPath);
    const userAgent = 'controller-e2e';
    api = createApiClient({ kubeConfig, clock: systemClock, logger, userAgent, qps: -1, burst: 1 });
    controller = await assemble();
    await controller.start();
  });

  after(async () => {
    await controller.stop();
    reflecting.abort();
    await Promise.all(reflectors);
    await api.close();
    await cluster.stop();
  });

  /** What src/operator.ts does, without metrics and API. */
  async function assemble(): Promise<AutoscalerController> {
    const shared = { client: api, clock: systemClock, logger };
    const sourceOf = (kind: AutoscalerKind): ObjectStore<Autoscaler> => {
      const store = new ObjectStore<Autoscaler>(logger);
      const path = autoscalerPath({ kind, namespace: 'x', name: '' }).replace('/namespaces/x', '').slice(0, -1);
      const project = (object: unknown): Autoscaler => parseAutoscaler(object, kind);
      reflectors.push(new Reflector({ ...shared, resource: kind, path, store, project }).run(reflecting.signal));
      return store;
    };
    const hpas = sourceOf('HorizontalPodAutoscaler');
    const hras = sourceOf('HeadroomAutoscaler');
    const pods = new PodStore(logger);
    const podReflector = {
      ...shared,
      resource: 'pods',
      path: '/api/v1/pods',
      store: pods,
      project: createPodProjection(),
    };
    reflectors.push(new Reflector<PodRecord>(podReflector).run(reflecting.signal));
    const cache = new ScaleCache(shared);
    reflectors.push(cache.run(reflecting.signal));
    const mapper = createRestMapper({ client: api, clock: systemClock });
    await until(() => hpas.hasSynced && hras.hasSynced && pods.hasSynced && cache.hasSynced, 20_000);
    return createAutoscalerController({
      clock: systemClock,
      logger,
      registry: new Registry(),
      api,
      budget: api.budget,
      mapper,
      scales: createScaleClient({ client: api, mapper, cache }),
      scaleChanges: cache,
      events: createEventRecorder({ ...shared, component: 'horizontal-pod-autoscaler' }),
      hpas,
      hras,
      pods,
      metrics,
      hotNodes: new HotNodes(),
      isLeader: () => true,
      settings: {
        decide: settings({ cpuInitializationPeriodMs: 0, initialReadinessDelayMs: 0 }),
        syncPeriodMs,
        concurrentSyncs: 5,
        warmUpMs: 0,
        nativeHpas: 'auto',
        namespace,
        stateDir: '',
      },
    });
  }

  const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments`;

  async function deploy(name: string, replicas: number): Promise<void> {
    const labels = { app: name };
    const containers = [{ name: 'app', image: 'none', resources: { requests: { cpu: '1' } } }];
    const template = { metadata: { labels }, spec: { containers } };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    await api.request({ method: 'POST', path: deploymentPath, body: { metadata: { name }, spec } });
  }

  const replicasOf = async (name: string): Promise<number | undefined> => {
    const object = await api.request<{ spec: { replicas?: number } }>({
      method: 'GET',
      path: `${deploymentPath}/${name}`,
    });
    return object.spec.replicas;
  };

  async function create(kind: AutoscalerKind, name: string, spec: Json = {}): Promise<void> {
    const { status: _, ...manifest } = autoscalerJson({ kind, namespace, target: name, spec });
    const path = autoscalerPath({ kind, namespace, name: '' }).slice(0, -1);
    await api.request({ method: 'POST', path, body: { ...manifest, metadata: { name, namespace } } });
  }

  const read = async (kind: AutoscalerKind, name: string): Promise<Autoscaler> =>
    parseAutoscaler(await api.request({ method: 'GET', path: autoscalerPath({ kind, namespace, name }) }), kind);

  /** Makes the pods of a Deployment run and use so much, as a kubelet and its scrape would. */
  async function run(name: string, cpuMilli: number): Promise<readonly string[]> {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const labelSelector = `app=${name}`;
    const { items } = await api.request<{ items: readonly { metadata: { name: string } }[] }>({
      method: 'GET',
      path,
      query: { labelSelector },
    });
    const now = new Date(Date.now() - 5_000).toISOString();
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: now }];
    for (const { metadata } of items) {
      await api.request({
        method: 'PATCH',
        path: `${path}/${metadata.name}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { phase: 'Running', startTime: now, conditions } },
      });
      const containers = [{ name: 'app', cpuNanoCores: cpuMilli * 1e6, memoryBytes: 0 }];
      metrics.podUsages.set(`${namespace}/${metadata.name}`, { timestampMs: Date.now(), windowNs: 1e9, containers });
    }
    return items.map(({ metadata }) => `${namespace}/${metadata.name}`);
  }

  const said = (message: string): boolean => logger.lines.some((line) => line.message === message);

  it('sees by its canary that the HPA controller is alive, and leaves native HPAs alone', async () => {
    await until(() => said('native HPAs are left alone: somebody else writes their status'), 20_000);
    await deploy('native', 1);
    await create('HorizontalPodAutoscaler', 'native', { minReplicas: 3 });
    await until(async () => (await replicasOf('native')) === 3, 20_000);
    expect(logger.lines.filter(({ fields }) => fields['target'] === 'Deployment/native')).to.deep.equal([]);
  });

  it('scales an HRA by the usage of its pods meanwhile', async () => {
    await deploy('ours', 2);
    await create('HeadroomAutoscaler', 'ours', { maxReplicas: 4, metrics: [cpuUtilization(50)] });
    await until(async () => (await run('ours', 900)).length === 2);
    await until(async () => (await replicasOf('ours')) === 4, 20_000);
    const hra = await until(async () => {
      const latest = await read('HeadroomAutoscaler', 'ours');
      return latest.status.desiredReplicas === 4 && latest;
    });
    expect(hra.status.conditions.map(({ type, status }) => `${type}=${status}`)).to.include('ScalingActive=True');
    const listed = await cluster.kubectl(['get', 'hra', 'ours']);
    expect(listed.stdout).to.match(/ours +Deployment\/ours +cpu: \d+%\/50% +1 +4/);
    const events = await until(async () => {
      const { stdout } = await cluster.kubectl([
        'get',
        'events',
        '--field-selector=reason=SuccessfulRescale',
        '-o',
        'wide',
      ]);
      return stdout.includes('headroomautoscaler/ours') && stdout;
    });
    expect(events).to.contain('New size: 4; reason: cpu resource utilization (percentage of request) above target');
  });

  it('refuses an HRA on the target of an HPA, naming both', async () => {
    await create('HeadroomAutoscaler', 'native', { minReplicas: 5 });
    const condition = await until(async () => {
      const { status } = await read('HeadroomAutoscaler', 'native');
      return status.conditions.find(({ type }) => type === 'ScalingActive');
    }, 10_000);
    expect(condition.message).to.contain(
      'HeadroomAutoscaler default/native and HorizontalPodAutoscaler default/native',
    );
    expect(await replicasOf('native')).to.equal(3);
    await api.request({
      method: 'DELETE',
      path: autoscalerPath({ kind: 'HeadroomAutoscaler', namespace, name: 'native' }),
    });
  });

  it('takes native HPAs over when the HPA controller is gone', async () => {
    await cluster.stopComponent('kube-controller-manager');
    await until(() => said('native HPAs are scaled by Headroom: nobody else writes their status'), 60_000);
    await cluster.kubectl(['patch', 'hpa', 'native', '--type=merge', '-p', '{"spec":{"minReplicas":4}}']);
    await until(async () => (await replicasOf('native')) === 4, 20_000);
    const isOurs = ({ message, fields }: { message: string; fields: Json }): boolean =>
      message === 'replicas changed' && fields['target'] === 'Deployment/native' && fields['to'] === 4;
    await until(() => logger.lines.some(isOurs));
    await until(async () => (await read('HorizontalPodAutoscaler', 'native')).status.desiredReplicas === 4);
    expect(logger.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });

  it('writes a status once when nothing changes', async () => {
    await until(async () => (await read('HorizontalPodAutoscaler', 'native')).status.currentReplicas === 4, 10_000);
    const { resourceVersion } = await until(async () => {
      const before = await read('HorizontalPodAutoscaler', 'native');
      await systemClock.sleep(2 * syncPeriodMs);
      const after = await read('HorizontalPodAutoscaler', 'native');
      return before.resourceVersion === after.resourceVersion && after;
    }, 20_000);
    await systemClock.sleep(5 * syncPeriodMs);
    expect((await read('HorizontalPodAutoscaler', 'native')).resourceVersion).to.equal(resourceVersion);
  });

  it('removes its canary when it stops', async () => {
    const canary = autoscalerPath({ kind: 'HorizontalPodAutoscaler', namespace, name: 'headroom-canary' });
    await api.request({ method: 'GET', path: canary });
    await controller.stop();
    const gone = await api.request({ method: 'GET', path: canary }).catch((error: Error) => error.message);
    expect(gone).to.equal('horizontalpodautoscalers.autoscaling "headroom-canary" not found');
  });
});
