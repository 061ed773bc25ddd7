// Flow: the real autoscaler controller in a cluster that is nothing but memory: pods, samples and autoscalers of a size, an API server that takes time,
// and a clock that jumps to whatever is due next. For benchmarks.
import { Registry } from 'prom-client';
import { type AutoscalerController, createAutoscalerController } from '../src/controller/autoscaler-controller.ts';
import { HotNodes } from '../src/controller/hot-nodes.ts';
import { PodRecord } from '../src/kube/pod-record.ts';
import { PodStore } from '../src/kube/pod-store.ts';
import { RateLimiter } from '../src/kube/rate-limiter.ts';
import type { ApiClient, ApiRequest, RequestBudget } from '../src/kube/types.ts';
import type { PodTemplateView } from '../src/lib/views.ts';
import { ExpositionParser } from '../src/metrics/exposition.ts';
import { StoreReader } from '../src/metrics/metrics-reader.ts';
import { NodeReadings } from '../src/metrics/node-readings.ts';
import { WindowStore } from '../src/metrics/window-store.ts';
import { controllerSettings, FakeAutoscalerApi, FakeScales } from '../test/support/controller-fakes.ts';
import { bytes, expositionText, kubelet119 } from '../test/support/exposition-text.ts';
import { RecordingLogger } from '../test/support/recording-logger.ts';
import { errorsOnly } from './errors-only.ts';
import { JumpingClock } from './jumping-clock.ts';

export interface WorldShape {
  readonly nodes: number;
  readonly pods: number;
  readonly podsPerApp: number;
  readonly podsPerNamespace: number;
  /** So many of the apps have an HPA: the first ones. */
  readonly autoscalers: number;
  readonly qps: number;
  readonly burst: number;
}

export const syncPeriodMs = 15_000;
const resolutionMs = 15_000;
/** What an answer of the API server takes. */
const latencyMs = 5;

const template: PodTemplateView = {
  containers: [{ name: 'app', requestsMilli: { cpu: 100n } }],
  initContainers: [],
  podRequestsMilli: undefined,
  overheadMilli: undefined,
};

export class AutoscalerWorld {
  readonly shape: WorldShape;
  readonly clock = new JumpingClock(Date.parse('2026-11-21T11:00:00Z'));
  readonly registry = new Registry();
  readonly scales = new FakeScales();
  readonly requests: ApiRequest[] = [];
  readonly hotNodes = new HotNodes();
  readonly controller: AutoscalerController;
  /** CPU time that went into what is not the controller: making and storing samples. */
  fedCpuMs = 0;
  /** Milli-cores of each pod now. */
  cpuMilli: (pod: number) => number = () => 50;
  /** Whether the controller is told of samples. */
  isTelling = false;
  #limiter = new RateLimiter({ clock: this.clock, qps: -1, burst: 0 });
  readonly #logger = new RecordingLogger();
  readonly #api = new FakeAutoscalerApi(this.#logger);
  readonly #pods = new PodStore(this.#logger);
  readonly #store = new WindowStore({ resolutionMs, sampleMaxAgeMs: 4 * resolutionMs });
  readonly #reader = new StoreReader(this.#store, this.#logger);
  readonly #parser = new ExpositionParser(10_000);
  readonly #readings = new NodeReadings();
  readonly #cpuSeconds: Float64Array;
  /** Pods of one app are on nodes beside each other; these are scraped far apart. */
  readonly #stride: number;

  constructor(shape: WorldShape) {
    this.shape = shape;
    // Neither is divisible by it.
    this.#stride = Math.round(shape.nodes / 1000) * 383;
    while (shape.nodes % this.#stride === 0 || this.#stride % 2 === 0 || this.#stride % 5 === 0) this.#stride += 1;
    this.#cpuSeconds = new Float64Array(shape.pods).fill(1000);
    this.controller = createAutoscalerController({
      clock: this.clock,
      logger: errorsOnly,
      registry: this.registry,
      api: this.#client(),
      budget: this.#budget(),
      mapper: { resourceFor: () => Promise.reject(new Error('nobody asks')) },
      scales: {
        getScale: this.scales.getScale.bind(this.scales),
        getLiveScale: this.scales.getLiveScale.bind(this.scales),
        updateScale: async (update) => {
          await this.clock.sleep(latencyMs);
          return this.scales.updateScale(update);
        },
      },
      scaleChanges: this.scales,
      events: { publish: () => undefined },
      hpas: this.#api.stores.HorizontalPodAutoscaler,
      hras: this.#api.stores.HeadroomAutoscaler,
      pods: this.#pods,
      metrics: this.#reader,
      hotNodes: this.hotNodes,
      isLeader: () => true,
      settings: controllerSettings(),
    });
    this.#fill();
  }

  namespaceOf(pod: number): string {
    return `team-${Math.floor(pod / this.shape.podsPerNamespace)}`;
  }

  /** Lets every autoscaler be looked at and its status be written, and then holds requests to the limit of the shape. */
  async settle(): Promise<void> {
    await this.controller.start();
    await this.clock.advanceTo(this.clock.monotonic() + 2 * syncPeriodMs);
    this.#limiter = new RateLimiter({ clock: this.clock, qps: this.shape.qps, burst: this.shape.burst });
  }

  /** Scrapes all nodes, one after the other over a resolution, for as long as it is awaited. */
  async scrapeFor(ms: number): Promise<void> {
    const untilMs = this.clock.monotonic() + ms;
    const gapMs = resolutionMs / this.shape.nodes;
    const startMs = this.clock.monotonic();
    const nodesDue = Math.round(ms / gapMs);
    for (let scrape = 0; scrape < nodesDue; scrape++) {
      await this.clock.advanceTo(startMs + scrape * gapMs);
      this.#scrape((scrape * this.#stride) % this.shape.nodes);
    }
    await this.clock.advanceTo(untilMs);
  }

  /** Stops the controller. */
  async close(): Promise<void> {
    const stopped = this.controller.stop();
    await this.clock.advanceTo(this.clock.monotonic() + 10_000);
    await stopped;
  }

  #fill(): void {
    const { pods, podsPerApp, autoscalers, nodes } = this.shape;
    let labels: Readonly<Record<string, string>> = {};
    for (let pod = 0; pod < pods; pod++) {
      const app = Math.floor(pod / podsPerApp);
      if (pod % podsPerApp === 0) labels = { app: `app-${app}`, 'pod-template-hash': '7c9f8d7b5c' };
      if (pod % podsPerApp === 0 && app < autoscalers) this.#addAutoscaler(app, this.namespaceOf(pod));
      const view = {
        namespace: this.namespaceOf(pod),
        name: this.#nameOf(pod),
        labels,
        nodeName: `node-${pod % nodes}`,
      };
      const ready = { status: 'True', lastTransitionAtMs: 0 } as const;
      const record = new PodRecord({ ...view, phase: 'Running', deleting: false, startedAtMs: 0, ready, template });
      this.#pods.upsert(`${view.namespace}/${view.name}`, record);
    }
    for (let cycle = 0; cycle < 2; cycle++) {
      for (let node = 0; node < nodes; node++) this.#scrape(node);
      this.clock.jump(resolutionMs);
    }
  }

  #addAutoscaler(app: number, namespace: string): void {
    const { podsPerApp } = this.shape;
    const name = `app-${app}`;
    this.scales.set(name, { specReplicas: podsPerApp, statusReplicas: podsPerApp }, { namespace });
    this.#api.put({ namespace, name, target: name, spec: { maxReplicas: 10 * podsPerApp } });
  }

  #nameOf(pod: number): string {
    return `app-${Math.floor(pod / this.shape.podsPerApp)}-7c9f8d7b5c-${pod.toString(36).padStart(5, '0')}`;
  }

  /** What all of this costs, the telling aside, is the cost of scraping and is told elsewhere. */
  #scrape(node: number): void {
    const before = cpuMs();
    const nowMs = this.clock.now();
    const name = `node-${node}`;
    this.#parser.parse(bytes(this.#nodeText(node, nowMs)), this.#store.node(name).layout, this.#readings, nowMs);
    const sampled = this.#store.commit(name, this.#readings, nowMs);
    this.#parser.settle();
    this.fedCpuMs += cpuMs() - before;
    if (this.isTelling) this.#reader.publish(name, sampled);
  }

  #nodeText(node: number, nowMs: number): string {
    const { nodes, pods } = this.shape;
    const containers = [];
    for (let pod = node; pod < pods; pod += nodes) {
      const cpuSeconds = (this.#cpuSeconds[pod] ?? 0) + (this.cpuMilli(pod) / 1000) * (resolutionMs / 1000);
      this.#cpuSeconds[pod] = cpuSeconds;
      containers.push({
        container: 'app',
        namespace: this.namespaceOf(pod),
        pod: this.#nameOf(pod),
        cpuSeconds: Number(cpuSeconds.toFixed(9)),
        memoryBytes: 50_000_000,
        timestampMs: Math.floor(nowMs),
      });
    }
    return expositionText({ cpuSeconds: nowMs / 1000, memoryBytes: 16e9, timestampMs: nowMs, containers }, kubelet119);
  }

  #budget(): RequestBudget {
    const limiter = (): RateLimiter => this.#limiter;
    return {
      get hasRoom() {
        return limiter().hasRoom;
      },
      tryAcquire: (tokens) => limiter().tryAcquire(tokens),
      acquire: (priority, signal, tokens) => limiter().acquire(priority, signal, tokens),
      giveBack: (tokens) => limiter().giveBack(tokens),
    };
  }

  #client(): ApiClient {
    return {
      request: async (request) => {
        this.requests.push(request);
        await this.clock.sleep(latencyMs);
        return this.#api.request(request);
      },
      stream: () => Promise.reject(new Error('not served')),
    };
  }
}

export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
