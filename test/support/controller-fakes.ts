// The world of the autoscaler controller in memory: caches, scales, API server, events. Time is a FakeClock's.
import { Registry } from 'prom-client';
import {
  type AutoscalerController,
  type AutoscalerControllerSettings,
  createAutoscalerController,
} from '../../src/controller/autoscaler-controller.ts';
import { HotNodes } from '../../src/controller/hot-nodes.ts';
import type { AutoscalerSource } from '../../src/controller/types.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import { autoscalerPath } from '../../src/crd/resources.ts';
import type { Autoscaler, AutoscalerKind } from '../../src/crd/types.ts';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import { ObjectStore } from '../../src/kube/object-store.ts';
import { RateLimiter } from '../../src/kube/rate-limiter.ts';
import type { RestMapper } from '../../src/kube/rest-mapper.ts';
import type { ScaleCache, ScaleListener } from '../../src/kube/scale-cache.ts';
import type { ScaleClient, ScaleReference, ScaleUpdate } from '../../src/kube/scale-client.ts';
import type { ApiClient, ApiRequest, EventRecorder, EventView } from '../../src/kube/types.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { objectKey } from '../../src/lib/object-key.ts';
import type { PodView, ScaleView } from '../../src/lib/views.ts';
import type { MetricsReader } from '../../src/metrics/types.ts';
import { type AutoscalerParts, autoscalerJson } from './autoscaler-builders.ts';
import { FakeClock } from './fake-clock.ts';
import { MetricsReaderFake, PodListerFake } from './metrics-reader-fake.ts';
import { settings as decideSettings, pod } from './observation-builders.ts';
import { RecordingLogger } from './recording-logger.ts';

type Json = Readonly<Record<string, unknown>>;
interface StoredObject {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
  };
  readonly spec: Json;
  readonly status: Json;
}

function conflict(): ApiStatusError {
  const message = 'Operation cannot be fulfilled: the object has been modified';
  return new ApiStatusError({ code: 409, reason: 'Conflict', message });
}

function notFoundError(message: string): ApiStatusError {
  return new ApiStatusError({ code: 404, reason: 'NotFound', message });
}

/** Autoscalers as the API server keeps them; a change reaches the caches at once, unless `lags` is set. */
export class FakeAutoscalerApi implements ApiClient {
  readonly requests: ApiRequest[] = [];
  readonly stores: Readonly<Record<AutoscalerKind, ObjectStore<Autoscaler>>>;
  /** Asked first: what it returns or throws is the answer, undefined lets the request through. */
  intercept: (request: ApiRequest) => unknown = () => undefined;
  /** Changes stay out of the caches until `catchUp`. */
  lags = false;
  readonly #objects = new Map<string, { readonly kind: AutoscalerKind; readonly object: StoredObject }>();
  #version = 100;

  constructor(logger: RecordingLogger) {
    this.stores = { HorizontalPodAutoscaler: new ObjectStore(logger), HeadroomAutoscaler: new ObjectStore(logger) };
  }

  /** Creates or replaces an object, as a user would. */
  put(parts: AutoscalerParts = {}): void {
    const kind = parts.kind ?? 'HorizontalPodAutoscaler';
    this.#version += 1;
    const object = autoscalerJson({ ...parts, resourceVersion: String(this.#version) }) as unknown as StoredObject;
    this.#store(kind, object);
  }

  get(kind: AutoscalerKind, namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(autoscalerPath({ kind, namespace, name }))?.object;
  }

  delete(kind: AutoscalerKind, namespace: string, name: string): void {
    this.#objects.delete(autoscalerPath({ kind, namespace, name }));
    if (!this.lags) this.stores[kind].remove(objectKey(namespace, name));
  }

  /** Brings the caches up to date. */
  catchUp(): void {
    this.lags = false;
    for (const { kind, object } of this.#objects.values()) this.#show(kind, object);
  }

  async request<T>(request: ApiRequest): Promise<T> {
    this.requests.push(request);
    const answer = await this.intercept(request);
    return (answer ?? this.#answer(request)) as T;
  }

  stream(): Promise<AsyncIterable<Uint8Array>> {
    return Promise.reject(new Error('not served'));
  }

  #answer({ method, path, body }: ApiRequest): unknown {
    if (method === 'POST') return this.#create(path, body as StoredObject);
    const objectPath = path.replace(/\/status$/, '');
    const stored = this.#objects.get(objectPath);
    if (stored === undefined) throw notFoundError(`${objectPath} not found`);
    const { kind, object } = stored;
    if (method === 'GET') return object;
    if (method === 'DELETE') {
      this.delete(kind, object.metadata.namespace, object.metadata.name);
      return object;
    }
    return this.#patchStatus(kind, object, body as StoredObject);
  }

  #create(path: string, body: StoredObject): StoredObject {
    const kind = path.endsWith('headroomautoscalers') ? 'HeadroomAutoscaler' : 'HorizontalPodAutoscaler';
    if (this.#objects.has(`${path}/${body.metadata.name}`)) {
      throw new ApiStatusError({ code: 409, reason: 'AlreadyExists', message: 'already exists' });
    }
    this.#version += 1;
    const metadata = { ...body.metadata, uid: `uid-${this.#version}`, resourceVersion: String(this.#version) };
    return this.#store(kind, { ...body, metadata, status: { desiredReplicas: 0, currentMetrics: null } });
  }

  #patchStatus(kind: AutoscalerKind, object: StoredObject, patch: StoredObject): StoredObject {
    if (patch.metadata.resourceVersion !== object.metadata.resourceVersion) throw conflict();
    this.#version += 1;
    const merged = { ...object.status, ...patch.status };
    const status = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    return this.#store(kind, {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.#version) },
      status,
    });
  }

  #store(kind: AutoscalerKind, object: StoredObject): StoredObject {
    const { namespace, name } = object.metadata;
    this.#objects.set(autoscalerPath({ kind, namespace, name }), { kind, object });
    if (!this.lags) this.#show(kind, object);
    return object;
  }

  #show(kind: AutoscalerKind, object: StoredObject): void {
    const { namespace, name } = object.metadata;
    this.stores[kind].upsert(objectKey(namespace, name), parseAutoscaler(object, kind));
  }
}

/** Deployments with a scale. What is read from the cache may be older than what is true: see `stale`. */
export class FakeScales implements ScaleClient, Pick<ScaleCache, 'onChange'> {
  readonly updates: ScaleUpdate[] = [];
  readonly #live = new Map<string, ScaleView>();
  readonly #cached = new Map<string, ScaleView>();
  readonly #listeners = new Set<ScaleListener>();
  /** Called before each update is checked; may change the world, throw, or take its time. */
  beforeUpdate: (update: ScaleUpdate) => void | Promise<void> = () => undefined;
  #version = 1;

  /** Changes the scale of a Deployment; `isSeen`: the cache has it too. */
  set(name: string, parts: Partial<ScaleView>, { isSeen = true, namespace = 'shop' } = {}): void {
    const key = objectKey(namespace, name);
    const before = this.#live.get(key) ?? {
      resourceVersion: '',
      uid: `uid-${name}`,
      specReplicas: 2,
      statusReplicas: 2,
      selector: `app=${name}`,
    };
    this.#version += 1;
    const scale = { ...before, ...parts, resourceVersion: String(this.#version) };
    this.#live.set(key, scale);
    if (!isSeen) return;
    this.#cached.set(key, scale);
    const target = { group: 'apps', kind: 'Deployment', resource: 'deployments', namespace, name };
    for (const listener of this.#listeners) listener('updated', target, scale);
  }

  replicas(name: string, namespace = 'shop'): number | undefined {
    return this.#live.get(objectKey(namespace, name))?.specReplicas;
  }

  getScale(reference: ScaleReference, namespace: string): Promise<ScaleView> {
    return this.#find(this.#cached, reference, namespace);
  }

  getLiveScale(reference: ScaleReference, namespace: string): Promise<ScaleView> {
    return this.#find(this.#live, reference, namespace);
  }

  async updateScale(update: ScaleUpdate): Promise<ScaleView> {
    this.updates.push(update);
    await this.beforeUpdate(update);
    const { reference, namespace, scale, replicas } = update;
    const live = await this.getLiveScale(reference, namespace);
    if (live.resourceVersion !== scale.resourceVersion) throw conflict();
    this.set(reference.name, { specReplicas: replicas, statusReplicas: replicas }, { namespace });
    return this.getLiveScale(reference, namespace);
  }

  onChange(listener: ScaleListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #find(
    scales: ReadonlyMap<string, ScaleView>,
    { kind, apiVersion, name }: ScaleReference,
    namespace: string,
  ): Promise<ScaleView> {
    if (apiVersion.split('/').length > 2) {
      throw new HeadroomError('OBJECT_INVALID', `unexpected GroupVersion string: ${apiVersion}`, { retryable: false });
    }
    if (kind !== 'Deployment') throw new HeadroomError('KIND_UNKNOWN', `no matches for kind "${kind}" in group "apps"`);
    const scale = scales.get(objectKey(namespace, name));
    if (scale === undefined) throw notFoundError(`deployments.apps "${name}" not found`);
    return scale;
  }
}

class RecordingEvents implements EventRecorder {
  readonly published: EventView[] = [];

  publish(event: EventView): void {
    this.published.push(event);
  }

  /** `Normal SuccessfulRescale New size: …`, in order. */
  get texts(): readonly string[] {
    return this.published.map(({ type, reason, message }) => `${type} ${reason} ${message}`);
  }
}

export interface WorldParts extends Partial<AutoscalerControllerSettings> {
  readonly clock?: FakeClock;
  /** Instead of the usages that the test sets. */
  readonly reader?: MetricsReader;
  readonly hotNodes?: HotNodes;
  /** Of requests; default: no limit. */
  readonly limit?: { readonly qps: number; readonly burst: number };
}

export const syncPeriodMs = 15_000;

/** Settings that leave nothing out and wait for nothing. */
export const controllerSettings = (): AutoscalerControllerSettings => ({
  decide: decideSettings(),
  syncPeriodMs,
  concurrentSyncs: 5,
  warmUpMs: 0,
  nativeHpas: 'always',
  namespace: 'headroom-system',
  stateDir: '',
});

/** Everything around one controller. Deployments have two replicas and one pod template that requests a core. */
export class ControllerWorld {
  readonly clock: FakeClock;
  readonly logger = new RecordingLogger();
  readonly registry = new Registry();
  readonly api = new FakeAutoscalerApi(this.logger);
  readonly scales = new FakeScales();
  readonly events = new RecordingEvents();
  readonly pods = new PodListerFake();
  readonly metrics = new MetricsReaderFake();
  readonly hotNodes: HotNodes;
  readonly controller: AutoscalerController;
  isLeader = true;

  constructor(parts: WorldParts = {}) {
    const { clock = new FakeClock(), limit = { qps: -1, burst: 0 }, reader, hotNodes, ...settings } = parts;
    this.clock = clock;
    this.hotNodes = hotNodes ?? new HotNodes();
    this.controller = createAutoscalerController({
      clock,
      logger: this.logger,
      registry: this.registry,
      api: this.api,
      budget: new RateLimiter({ clock, ...limit }),
      mapper: noMapper,
      scales: this.scales,
      scaleChanges: this.scales,
      events: this.events,
      hpas: this.api.stores.HorizontalPodAutoscaler satisfies AutoscalerSource,
      hras: this.api.stores.HeadroomAutoscaler,
      pods: this.pods,
      metrics: reader ?? this.metrics,
      hotNodes: this.hotNodes,
      isLeader: () => this.isLeader,
      settings: { ...controllerSettings(), ...settings },
    });
  }

  /** A Deployment with as many ready pods as replicas, each using so many milli-cores of its one core. */
  deploy(name: string, replicas: number, cpuMilli: number, namespace = 'shop'): void {
    this.scales.set(name, { specReplicas: replicas, statusReplicas: replicas }, { namespace });
    for (let index = 0; index < replicas; index++)
      this.runPod(`${name}-${index}`, { namespace, labels: { app: name } });
    this.use(name, cpuMilli, namespace);
  }

  runPod(name: string, parts: Partial<PodView> = {}): void {
    const view = pod(name, { namespace: 'shop', ...parts });
    this.pods.pods.set(objectKey(view.namespace, name), view);
  }

  /** Samples of all pods of a Deployment; nobody is told. */
  use(name: string, cpuMilli: number, namespace = 'shop'): readonly string[] {
    const keys = [...this.pods.pods.values()]
      .filter((view) => view.namespace === namespace && view.labels['app'] === name)
      .map((view) => objectKey(namespace, view.name));
    for (const key of keys) this.setUsage(key, cpuMilli);
    return keys;
  }

  setUsage(podKey: string, cpuMilli: number): void {
    this.metrics.podUsages.set(podKey, {
      timestampMs: this.clock.now(),
      windowNs: 15e9,
      containers: [{ name: 'app', cpuNanoCores: cpuMilli * 1e6, memoryBytes: 1000 }],
    });
  }

  /** New samples of all pods of a Deployment, told as one node would. */
  async sample(name: string, cpuMilli: number): Promise<void> {
    this.metrics.tell('node-1', this.use(name, cpuMilli));
    await this.clock.advance(0);
  }

  async start(): Promise<void> {
    await this.controller.start();
    await this.clock.advance(0);
  }

  /** Lets a whole sync of every autoscaler pass, and a little more. */
  async period(periods = 1): Promise<void> {
    await this.clock.advance(periods * syncPeriodMs + 100);
  }

  status(name = 'web', kind: AutoscalerKind = 'HorizontalPodAutoscaler', namespace = 'shop'): Json {
    return this.api.get(kind, namespace, name)?.status ?? {};
  }

  /** `True ValidMetricFound the HPA …`; undefined when there is no such condition. */
  condition(type: string, name = 'web', kind: AutoscalerKind = 'HorizontalPodAutoscaler'): string | undefined {
    const conditions = (this.status(name, kind)['conditions'] ?? []) as readonly Record<string, string>[];
    const found = conditions.find((condition) => condition['type'] === type);
    return found === undefined ? undefined : `${found['status']} ${found['reason']} ${found['message']}`;
  }

  /** What was asked of the API server, scales aside: `PATCH /apis/…/web/status`. */
  get requests(): readonly string[] {
    return this.api.requests.map(({ method, path }) => `${method} ${path}`);
  }
}

const noMapper: RestMapper = {
  resourceFor: (kind, group) =>
    Promise.reject(new HeadroomError('KIND_UNKNOWN', `no matches for kind "${kind}" in group "${group}"`)),
};
