// Flow: the real autoscaler controller and the real scrape engine in a cluster that is nothing but memory, on a clock that jumps to whatever is due next: kubelets that take samples at
// moments of their own, apps whose usage changes, and how long replicas take to follow. For benchmarks.
import { Registry } from 'prom-client';
import { createAutoscalerController } from '../src/controller/autoscaler-controller.ts';
import { HotNodes } from '../src/controller/hot-nodes.ts';
import { PodRecord } from '../src/kube/pod-record.ts';
import { PodStore } from '../src/kube/pod-store.ts';
import type { FetchExposition } from '../src/metrics/kubelet-client.ts';
import { createMetricsMonitor } from '../src/metrics/monitor.ts';
import { createScrapeEngine, type ScrapeEngine } from '../src/metrics/scrape-engine.ts';
import { WindowStore } from '../src/metrics/window-store.ts';
import { seededRandom } from '../test/cluster/sim/random.ts';
import { controllerSettings, FakeAutoscalerApi, FakeScales } from '../test/support/controller-fakes.ts';
import { bytes, expositionText, kubelet119 } from '../test/support/exposition-text.ts';
import { FakeNodes, node } from '../test/support/node-builder.ts';
import { RecordingLogger } from '../test/support/recording-logger.ts';
import { scrapeSettings } from '../test/support/scrape-settings.ts';
import { errorsOnly } from './errors-only.ts';
import { JumpingClock } from './jumping-clock.ts';

export interface HasteShape {
  readonly nodes: number;
  /** Every pod is autoscaled. */
  readonly apps: number;
  /** Each on a node of its own, as long as there are enough. */
  readonly podsPerApp: number;
  /** Relative amplitude of what pods use more or less than they are meant to, drawn anew for each sample. */
  readonly noise: number;
  /** A kubelet samples all its containers at one moment, as the simulated ones do, or each at its own, as cAdvisor does. */
  readonly sampling: 'together' | 'apart';
  readonly fastResolutionMs: number;
}

export const resolutionMs = 15_000;
/** What a pod requests is 100; the target is 50 %. */
const targetMilli = 50;

/** The counter of one container, and what its kubelet has of it. */
interface Counter {
  readonly pod: string;
  readonly app: number;
  coreMs: number;
  settledAtMs: number;
  sampledAtMs: number;
  sampledCoreSeconds: number;
  nextSampleAtMs: number;
}

export class HasteWorld {
  readonly shape: HasteShape;
  readonly clock = new JumpingClock(Date.parse('2026-11-21T11:00:00Z'));
  readonly scales = new FakeScales();
  readonly hotNodes = new HotNodes();
  readonly #engine: ScrapeEngine;
  readonly #controller: ReturnType<typeof createAutoscalerController>;
  readonly #counters: readonly Counter[][];
  readonly #factors: number[];
  /** Nodes with a sample that nobody has asked for yet. */
  readonly #fresh = new Set<number>();
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  #tick: () => void = () => undefined;
  scrapes = 0;
  /** Those that brought a sample that was not there before. */
  fruitfulScrapes = 0;
  /** When which app was scaled first since `watch`. */
  readonly scaledAtMs = new Map<string, number>();

  constructor(shape: HasteShape, seed: number) {
    this.shape = shape;
    this.#random = seededRandom(seed);
    this.#factors = Array.from({ length: shape.apps }, () => 1);
    this.#counters = Array.from({ length: shape.nodes }, () => []);
    const { fastResolutionMs } = shape;
    const settings = scrapeSettings({ resolutionMs, fastResolutionMs, maxConcurrentScrapes: 1000 });
    const nodes = new FakeNodes();
    for (let index = 0; index < shape.nodes; index++) {
      nodes.set(node({ name: `n${index}`, addresses: [{ type: 'InternalIP', address: `n${index}.test` }] }));
    }
    this.#engine = createScrapeEngine({
      clock: this.clock,
      logger: errorsOnly,
      nodes,
      hotNodes: this.hotNodes,
      onNodesChanged: (listener) => nodes.onChanged(listener),
      fetchExposition: this.#fetch,
      monitor: createMetricsMonitor(new Registry(), resolutionMs),
      store: new WindowStore(settings),
      settings,
      everySecond: (task) => {
        this.#tick = task;
        return () => undefined;
      },
    });
    const logger = new RecordingLogger();
    const api = new FakeAutoscalerApi(logger);
    const pods = new PodStore(logger);
    this.#fill(api, pods);
    this.scales.beforeUpdate = ({ reference }) => {
      if (!this.scaledAtMs.has(reference.name)) this.scaledAtMs.set(reference.name, this.clock.now());
    };
    this.#controller = createAutoscalerController({
      clock: this.clock,
      logger: errorsOnly,
      registry: new Registry(),
      api: { request: (request) => api.request(request), stream: () => Promise.reject(new Error('not served')) },
      budget: { hasRoom: true, tryAcquire: () => true, acquire: () => Promise.resolve(), giveBack: () => undefined },
      mapper: { resourceFor: () => Promise.reject(new Error('nobody asks')) },
      scales: this.scales,
      scaleChanges: this.scales,
      events: { publish: () => undefined },
      hpas: api.stores.HorizontalPodAutoscaler,
      hras: api.stores.HeadroomAutoscaler,
      pods,
      metrics: this.#engine.reader,
      hotNodes: this.hotNodes,
      isLeader: () => true,
      settings: controllerSettings(),
    });
  }

  async start(): Promise<void> {
    this.#engine.start(this.#stopping.signal);
    await this.pass(45);
    await this.#controller.start();
    await this.pass(75);
  }

  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left--) {
      await this.clock.advanceTo(this.clock.now() + 1000 * Math.min(1, left));
      this.#tick();
    }
  }

  /** What the pods of an app use from now on, as a multiple of their target. */
  use(app: number, factor: number): void {
    const nowMs = this.clock.now();
    for (const [place, counters] of this.#counters.entries()) {
      const own = counters.filter((counter) => counter.app === app);
      // Samples are taken when somebody asks; those of before show what was used then.
      if (own.length > 0) this.#sample(place, nowMs);
      for (const counter of own) this.#settle(counter, nowMs);
    }
    this.#factors[app] = factor;
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
    const stopped = this.#controller.stop();
    await this.clock.advanceTo(this.clock.now() + 10_000);
    await stopped;
  }

  #fill(api: FakeAutoscalerApi, pods: PodStore): void {
    const { apps, nodes, podsPerApp, sampling } = this.shape;
    const nowMs = this.clock.now();
    const template = {
      containers: [{ name: 'app', requestsMilli: { cpu: 100n } }],
      initContainers: [],
      podRequestsMilli: undefined,
      overheadMilli: undefined,
    };
    const firstOf = this.#counters.map(() => nowMs - 20_000 + this.#random() * 10_000);
    for (let app = 0; app < apps; app++) {
      const name = `app-${app}`;
      this.scales.set(name, { specReplicas: podsPerApp, statusReplicas: podsPerApp });
      api.put({ name, target: name, spec: { maxReplicas: 10 * podsPerApp } });
      for (let pod = 0; pod < podsPerApp; pod++) {
        const place = Math.floor(app * (nodes / apps) + pod) % nodes;
        const ready = { status: 'True', lastTransitionAtMs: 0 } as const;
        const record = new PodRecord({
          namespace: 'shop',
          name: `${name}-${pod}`,
          labels: { app: name },
          nodeName: `n${place}`,
          phase: 'Running',
          deleting: false,
          startedAtMs: 0,
          ready,
          template,
        });
        pods.upsert(`shop/${name}-${pod}`, record);
        this.#counters[place]?.push({
          pod: `${name}-${pod}`,
          app,
          coreMs: 1e6,
          settledAtMs: nowMs - 40_000,
          sampledAtMs: nowMs - 40_000,
          sampledCoreSeconds: 1e3,
          nextSampleAtMs: Math.round(
            sampling === 'together' ? (firstOf[place] ?? 0) : nowMs - 20_000 + this.#random() * 10_000,
          ),
        });
      }
    }
  }

  readonly #fetch: FetchExposition = async (target, _signal, consume) => {
    const place = Number(new URL(target.origin).hostname.slice(1, -5));
    const counters = this.#counters[place] ?? [];
    const nowMs = this.clock.now();
    this.scrapes++;
    this.#sample(place, nowMs);
    if (this.#fresh.delete(place)) this.fruitfulScrapes++;
    await Promise.resolve();
    const containers = counters.map(({ pod, sampledAtMs, sampledCoreSeconds }) => ({
      container: 'app',
      namespace: 'shop',
      pod,
      cpuSeconds: Number(sampledCoreSeconds.toFixed(9)),
      memoryBytes: 50_000_000,
      timestampMs: sampledAtMs,
    }));
    const text = expositionText(
      { cpuSeconds: nowMs / 1000, memoryBytes: 16e9, timestampMs: nowMs, containers },
      kubelet119,
    );
    return consume(bytes(text));
  };

  /** Takes the samples that were due until now. */
  #sample(place: number, nowMs: number): void {
    const counters = this.#counters[place] ?? [];
    for (const counter of counters) {
      while (counter.nextSampleAtMs <= nowMs) {
        const atMs = counter.nextSampleAtMs;
        const nextAtMs = atMs + Math.round(10_000 * (1 + this.#random()));
        this.#fresh.add(place);
        for (const sampled of this.shape.sampling === 'together' ? counters : [counter]) {
          this.#sampleOne(sampled, atMs, nextAtMs);
        }
      }
    }
  }

  #sampleOne(counter: Counter, atMs: number, nextAtMs: number): void {
    this.#settle(counter, atMs);
    counter.sampledAtMs = atMs;
    counter.sampledCoreSeconds = counter.coreMs / 1000;
    counter.nextSampleAtMs = nextAtMs;
  }

  #settle(counter: Counter, nowMs: number): void {
    const atMs = Math.max(counter.settledAtMs, nowMs);
    const factor = (this.#factors[counter.app] ?? 1) * (1 + this.shape.noise * (2 * this.#random() - 1));
    counter.coreMs += (targetMilli / 1000) * factor * (atMs - counter.settledAtMs);
    counter.settledAtMs = atMs;
  }
}
