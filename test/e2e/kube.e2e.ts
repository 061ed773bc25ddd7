// E2e: src/kube against a real API server.
import { expect } from 'chai';
import { isConflict, isNotFound } from '../../src/kube/api-status-error.ts';
import { type ClosableApiClient, createApiClient } from '../../src/kube/client.ts';
import { createEventRecorder } from '../../src/kube/event-recorder.ts';
import { loadKubeConfig } from '../../src/kube/kube-config.ts';
import { LeaderElector } from '../../src/kube/lease.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { createRestMapper } from '../../src/kube/rest-mapper.ts';
import { ScaleCache } from '../../src/kube/scale-cache.ts';
import { createScaleClient, type ScaleClient } from '../../src/kube/scale-client.ts';
import type { EventView } from '../../src/kube/types.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { errorMessage } from '../../src/lib/errors.ts';
import { everything, parseLabelSelector } from '../../src/lib/label-selector.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { failureOf } from '../support/failure-of.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';

const namespace = 'default';
const template = (labels: object): object => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'none' }] },
});

/** How many lists of the pods of one namespace the API server has answered so far. */
async function podListsAnswered(client: ClosableApiClient): Promise<{ streamed: number; pages: number }> {
  const decode = (body: Uint8Array): string => Buffer.from(body).toString();
  const text = await client.request<string>({ method: 'GET', path: '/metrics', decode });
  const sum = (...parts: readonly string[]): number =>
    text
      .split('\n')
      .filter((line) => [...parts, 'resource="pods"', 'scope="namespace"'].every((part) => line.includes(part)))
      .reduce((total, line) => total + Number(line.slice(line.lastIndexOf(' '))), 0);
  return {
    streamed: sum('apiserver_watch_list_duration_seconds_count{'),
    pages: sum('apiserver_request_total{', 'verb="LIST"'),
  };
}

describe('src/kube on a real API server', () => {
  let cluster: ControlPlane;
  /** The one that the client asks. */
  let asked: ControlPlane;
  let client: ClosableApiClient;
  let logger: RecordingLogger;
  let stop: AbortController;
  let running: Promise<void>[];

  before(async () => {
    cluster = await startControlPlane();
    asked = cluster;
  });

  after(async () => {
    await cluster.stop();
  });

  beforeEach(() => {
    logger = new RecordingLogger();
    const kubeConfig = loadKubeConfig(asked.kubeconfigPath);
    client = createApiClient({
      kubeConfig,
      clock: systemClock,
      logger,
      userAgent: 'headroom/e2e',
      qps: 100,
      burst: 200,
    });
    stop = new AbortController();
    running = [];
  });

  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
    await client.close();
  });

  const create = (path: string, body: object): Promise<unknown> => client.request({ method: 'POST', path, body });

  async function createPod(name: string, labels: object): Promise<void> {
    await create(`/api/v1/namespaces/${namespace}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels },
      spec: {
        containers: [{ name: 'main', image: 'none', resources: { requests: { cpu: '100m' } } }],
        // No scheduler's business.
        nodeName: 'nowhere',
      },
    });
  }

  function watchPods(pageSize: number): { store: PodStore; reflector: Reflector<unknown> } {
    const store = new PodStore(logger);
    const reflector = new Reflector({
      client,
      clock: systemClock,
      logger,
      resource: 'pods',
      path: `/api/v1/namespaces/${namespace}/pods`,
      project: createPodProjection(),
      store,
      settings: { pageSize },
    });
    running.push(reflector.run(stop.signal));
    return { store, reflector };
  }

  describe('the reflector', () => {
    it('lists as a stream, follows changes, and finds back after the API server was away', async () => {
      for (let index = 0; index < 7; index++) await createPod(`early-${index}`, { app: 'early' });
      const before = await podListsAnswered(client);
      const { store } = watchPods(3);
      await until(() => store.hasSynced);
      expect(store.list(namespace, parseLabelSelector('app=early'))).to.have.length(7);
      const after = await podListsAnswered(client);
      expect([after.streamed - before.streamed, after.pages - before.pages]).to.deep.equal([1, 0]);
      await createPod('late', { app: 'late' });
      await until(() => store.list(namespace, parseLabelSelector('app=late')).length === 1);
      expect(store.get(namespace, 'late')?.template.containers).to.deep.equal([
        { name: 'main', requestsMilli: { cpu: 100n } },
      ]);

      await cluster.stopComponent('kube-apiserver');
      await until(() => logger.lines.some(({ message }) => message === 'API server does not answer'), 20_000);
      expect(store.list(namespace, everything)).to.have.length(8);
      await cluster.startComponent('kube-apiserver');
      await client.request({
        method: 'DELETE',
        path: `/api/v1/namespaces/${namespace}/pods/late`,
        query: { gracePeriodSeconds: 0 },
      });
      await createPod('after', { app: 'after' });
      await until(() => store.list(namespace, parseLabelSelector('app=after')).length === 1, 20_000);
      await until(() => store.get(namespace, 'late') === undefined, 20_000);
      const news = logger.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message);
      expect(news.filter((message) => message === 'API server does not answer')).to.have.length(1);
      expect(news.filter((message) => message === 'API server answers again')).to.have.length(1);
    });
  });

  describe('the reflector, where the API server streams no lists', () => {
    before(async () => {
      asked = await startControlPlane({ extraFlags: { 'kube-apiserver': ['--feature-gates=WatchList=false'] } });
    });

    after(async () => {
      await asked.stop();
      asked = cluster;
    });

    it('lists in pages', async () => {
      for (let index = 0; index < 7; index++) await createPod(`page-${index}`, { app: 'paged' });
      const { store } = watchPods(3);
      await until(() => store.hasSynced);
      expect(store.list(namespace, everything)).to.have.length(7);
      expect(await podListsAnswered(client)).to.deep.equal({ streamed: 0, pages: 3 });
      await createPod('late', { app: 'late' });
      await until(() => store.get(namespace, 'late') !== undefined);
      expect(logger.lines.filter(({ level }) => level !== 'debug')).to.deep.equal([]);
    });
  });

  describe('scales', () => {
    let scales: ScaleClient;
    let cache: ScaleCache;
    const selector = {
      matchLabels: { tier: 'front', app: 'scaled' },
      matchExpressions: [
        { key: 'zone', operator: 'In', values: ['b', 'a'] },
        { key: 'stage', operator: 'NotIn', values: ['test', 'dev'] },
        { key: 'team', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist' },
      ],
    };
    const labels = { tier: 'front', app: 'scaled', zone: 'a', stage: 'live', team: 'x' };

    beforeEach(() => {
      cache = new ScaleCache({ client, clock: systemClock, logger });
      running.push(cache.run(stop.signal));
      scales = createScaleClient({ client, mapper: createRestMapper({ client, clock: systemClock }), cache });
    });

    const check = (kind: string, apiVersion: string, path: string, spec: object): void => {
      it(`of a ${kind} are the same from the cache as from the API server`, async () => {
        await create(path, { apiVersion, kind, metadata: { name: 'scaled' }, spec });
        const group = apiVersion.includes('/') ? 'apps' : '';
        const reference = { apiVersion, kind, name: 'scaled' };
        await until(() => cache.get(group, kind, namespace, 'scaled').outcome === 'found');
        // Controllers write to the object; sooner or later both show the same version of it.
        await until(async () => {
          const live = await scales.getLiveScale(reference, namespace);
          const cached = await scales.getScale(reference, namespace);
          if (live.resourceVersion !== cached.resourceVersion) return false;
          expect(cached).to.deep.equal(live);
          return true;
        });
        const missing = { ...reference, name: 'missing' };
        const fromCache = await failureOf(scales.getScale(missing, namespace));
        const fromServer = await failureOf(scales.getLiveScale(missing, namespace));
        expect(errorMessage(fromCache)).to.equal(errorMessage(fromServer));
        expect([isNotFound(fromCache), isNotFound(fromServer)]).to.deep.equal([true, true]);
      });
    };
    const base = `/apis/apps/v1/namespaces/${namespace}`;
    check('Deployment', 'apps/v1', `${base}/deployments`, { replicas: 2, selector, template: template(labels) });
    check('ReplicaSet', 'apps/v1', `${base}/replicasets`, { replicas: 0, selector, template: template(labels) });
    check('StatefulSet', 'apps/v1', `${base}/statefulsets`, { selector, serviceName: 's', template: template(labels) });
    check('ReplicationController', 'v1', `/api/v1/namespaces/${namespace}/replicationcontrollers`, {
      replicas: 1,
      selector: { zone: 'a', app: 'rc' },
      template: template({ zone: 'a', app: 'rc' }),
    });

    it('are written on the version that was read, and refused on an older one', async () => {
      const reference = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'scaled' };
      const old = await scales.getLiveScale(reference, namespace);
      const updated = await until(async () => {
        const scale = await scales.getLiveScale(reference, namespace);
        return scales.updateScale({ reference, namespace, scale, replicas: 0 });
      });
      expect(updated.specReplicas).to.equal(0);
      const refused = await failureOf(scales.updateScale({ reference, namespace, scale: old, replicas: 5 }));
      expect(isConflict(refused), errorMessage(refused)).to.equal(true);
      expect(errorMessage(refused)).to.contain(
        'the object has been modified; please apply your changes to the latest version and try again',
      );
    });

    it('are missing, in the API server’s words, where a kind has none or is not served', async () => {
      await create(`${base}/daemonsets`, {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'agent' },
        spec: { selector: { matchLabels: { app: 'agent' } }, template: template({ app: 'agent' }) },
      });
      const daemonSet = await failureOf(
        scales.getScale({ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent' }, namespace),
      );
      expect(errorMessage(daemonSet)).to.equal('the server could not find the requested resource');
      const foo = await failureOf(scales.getScale({ apiVersion: 'example.com/v1', kind: 'Foo', name: 'x' }, namespace));
      expect(errorMessage(foo)).to.equal('no matches for kind "Foo" in group "example.com"');
    });
  });

  it('events are written, counted and combined', async () => {
    const recorder = createEventRecorder({
      client,
      clock: systemClock,
      logger,
      component: 'horizontal-pod-autoscaler',
    });
    const event = (message: string): EventView => ({
      type: 'Normal',
      reason: 'SuccessfulRescale',
      message,
      regarding: {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        namespace,
        name: 'web',
        uid: '11111111-2222-3333-4444-555555555555',
        resourceVersion: '1',
      },
    });
    for (let index = 0; index < 3; index++) recorder.publish(event('the same'));
    for (let index = 1; index <= 10; index++) recorder.publish(event(`message ${index}`));
    await recorder.close(10_000);
    const list = await client.request<{ items: { message: string; count: number; source: object }[] }>({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}/events`,
      query: { fieldSelector: 'involvedObject.name=web' },
    });
    const seen = list.items.map(({ message, count }) => `${message} x${count}`);
    expect(seen).to.have.members([
      'the same x3',
      ...Array.from({ length: 8 }, (_, index) => `message ${index + 1} x1`),
      '(combined from similar events): message 10 x2',
    ]);
    const { stdout } = await cluster.kubectl([
      'get',
      'events',
      '-n',
      namespace,
      '--field-selector=involvedObject.name=web',
    ]);
    expect(stdout).to.match(/Normal\s+SuccessfulRescale\s+horizontalpodautoscaler\/web\s+the same/);
  });

  it('one of two candidates leads; the other follows when that one stops', async () => {
    const leading: string[] = [];
    const start = (identity: string): { elector: LeaderElector; end: AbortController } => {
      const end = new AbortController();
      const elector = new LeaderElector({
        client,
        clock: systemClock,
        logger: logger.child({ identity }),
        namespace: 'kube-system',
        name: 'headroom',
        identity,
        retryPeriodMs: 200,
        onStartedLeading: async (signal) => {
          leading.push(identity);
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      });
      running.push(elector.run(AbortSignal.any([end.signal, stop.signal])));
      return { elector, end };
    };
    const first = start('first');
    await until(() => first.elector.isLeader);
    const second = start('second');
    await until(() => logger.lines.some(({ message }) => message === 'another process leads'));
    first.end.abort();
    await until(() => second.elector.isLeader);
    expect(leading).to.deep.equal(['first', 'second']);
    const { stdout } = await cluster.kubectl([
      'get',
      'lease',
      'headroom',
      '-n',
      'kube-system',
      '-o',
      'jsonpath={.spec.holderIdentity} {.spec.leaseTransitions}',
    ]);
    expect(stdout).to.equal('second 1');
  });
});
