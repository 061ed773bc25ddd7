// Flow: keeps one scrape loop per selected node, and what goes with it: expiry, health, self-metrics.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { LabelMatcher, NodeLister, NodeView } from '../lib/views.ts';
import { Alarms } from './alarms.ts';
import { sharedFastMs } from './hot-schedule.ts';
import { everySecond } from './housekeeping.ts';
import type { FetchExposition } from './kubelet-client.ts';
import { Limiter } from './limiter.ts';
import { StoreReader } from './metrics-reader.ts';
import type { MetricsMonitor } from './monitor.ts';
import { type Heat, NodeLoop } from './node-loop.ts';
import { createNodeScraper, type NodeScraperSettings, type ScrapeNode, type ScrapeOutcome } from './node-scraper.ts';
import type { HotNodeReader, MetricsReader } from './types.ts';
import type { WindowStore } from './window-store.ts';

export interface ScrapeSettings extends NodeScraperSettings {
  /** Time between two scrapes of a node. */
  readonly resolutionMs: number;
  /** The same for hot nodes, at least; the resolution itself means that none is treated as hot. */
  readonly fastResolutionMs: number;
  /** How long the last samples of a failing node are served. */
  readonly sampleMaxAgeMs: number;
  /** Nodes that do not match are not scraped. */
  readonly nodeSelector: LabelMatcher;
  /** Scrapes under way at one time, of nodes whose last scrape was good. */
  readonly maxConcurrentScrapes: number;
  /** The same for failing nodes, which may each hold their place until the time-out. */
  readonly maxConcurrentRetries: number;
}

export interface ScrapeEngineDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodes: NodeLister;
  /** Calls the listener after nodes came, changed or went; returns a function that ends it. */
  readonly onNodesChanged: (listener: () => void) => () => void;
  readonly hotNodes: HotNodeReader;
  readonly fetchExposition: FetchExposition;
  readonly monitor: MetricsMonitor;
  /** Where the samples go; what an earlier process left may be in it. */
  readonly store: WindowStore;
  readonly settings: ScrapeSettings;
  /** Runs housekeeping at a fixed cadence; returns a function that ends it. Default: node-cron, every second. */
  readonly everySecond?: (task: () => void) => () => void;
}

export interface ScrapeEngine {
  readonly reader: MetricsReader;
  /** Every scrape that was due up to this instant has begun; milliseconds since the epoch, undefined before the start. For /livez. */
  readonly lastCycleStartedAtMs: number | undefined;
  /** Starts scraping; call once, when the node cache is filled. Ends with the signal or with `stop`. */
  start(signal: AbortSignal): void;
  /** Ends all scrapes; resolves when none is under way. */
  stop(): Promise<void>;
  /** Housekeeping: follows the set of nodes, drops samples that are too old, updates self-metrics. */
  tick(): void;
  /** Scrapes one node now, outside its schedule. */
  scrapeNode(name: string, signal: AbortSignal): Promise<ScrapeOutcome>;
}

export function createScrapeEngine(deps: ScrapeEngineDeps): ScrapeEngine {
  return new Engine(deps);
}

class Engine implements ScrapeEngine {
  readonly #deps: ScrapeEngineDeps;
  readonly #alarms: Alarms;
  readonly #store: WindowStore;
  readonly #reader: StoreReader;
  readonly #scrapeNode: ScrapeNode;
  readonly #loops = new Map<string, NodeLoop>();
  readonly #running = new Set<Promise<void>>();
  readonly #scrapes: Limiter;
  readonly #retries: Limiter;
  #nodesChanged = true;
  #hotNodesVersion = 0;
  #endings: (() => void)[] = [];
  #lastCycleStartedAtMs: number | undefined;
  #cycle = { endsAtMs: 0, slowestMs: 0 };

  constructor(deps: ScrapeEngineDeps) {
    this.#deps = deps;
    this.#alarms = new Alarms(deps.clock);
    this.#store = deps.store;
    this.#reader = new StoreReader(this.#store, deps.logger);
    this.#scrapeNode = createNodeScraper({ ...deps, alarms: this.#alarms });
    this.#scrapes = new Limiter(deps.settings.maxConcurrentScrapes);
    this.#retries = new Limiter(deps.settings.maxConcurrentRetries);
  }

  get reader(): MetricsReader {
    return this.#reader;
  }

  get lastCycleStartedAtMs(): number | undefined {
    return this.#lastCycleStartedAtMs;
  }

  start(signal: AbortSignal): void {
    const { clock, onNodesChanged, settings } = this.#deps;
    this.#cycle = { endsAtMs: clock.monotonic() + settings.resolutionMs, slowestMs: 0 };
    const markChanged = onNodesChanged(() => {
      this.#nodesChanged = true;
    });
    this.#endings = [markChanged, this.#everySecond(() => this.tick())];
    signal.addEventListener('abort', () => void this.stop(), { once: true });
    this.tick();
  }

  async stop(): Promise<void> {
    for (const end of this.#endings.splice(0)) end();
    for (const loop of this.#loops.values()) loop.stop();
    this.#loops.clear();
    await Promise.all(this.#running);
  }

  tick(): void {
    if (this.#nodesChanged) this.#followNodes();
    this.#followHotNodes();
    this.#store.expire(this.#deps.clock.monotonic());
    this.#updateHealth();
    this.#updateMonitor();
  }

  async scrapeNode(name: string, signal: AbortSignal): Promise<ScrapeOutcome> {
    const node = this.#deps.nodes.get(name);
    if (node === undefined) return { kind: 'failed', reason: 'address', message: `there is no node ${name}` };
    const outcome = await this.#scrapeNode(node, signal);
    this.#publish(node, outcome);
    return outcome;
  }

  #everySecond(task: () => void): () => void {
    return this.#deps.everySecond?.(task) ?? everySecond(task, this.#deps);
  }

  /** Starts loops of nodes that came, stops those of nodes that went, tells the others how their node looks now. */
  #followNodes(): void {
    this.#nodesChanged = false;
    const { nodes, monitor, settings } = this.#deps;
    const selected = new Map(
      nodes.list().flatMap((node) => (settings.nodeSelector.matches(node.labels) ? [[node.name, node]] : [])),
    );
    for (const [name, loop] of this.#loops) {
      if (selected.has(name)) continue;
      loop.stop();
      this.#loops.delete(name);
      this.#store.forget(name);
      monitor.forgetNode(name);
    }
    for (const [name, node] of selected) {
      const loop = this.#loops.get(name);
      if (loop === undefined) this.#startLoop(node);
      else loop.update(node);
    }
  }

  /** Tells loops of nodes where something began to change. Where nothing does the next scrape is early enough to see that. */
  #followHotNodes(): void {
    const { rising } = this.#deps.hotNodes;
    if (rising.version === this.#hotNodesVersion) return;
    this.#hotNodesVersion = rising.version;
    for (const name of rising.names()) this.#loops.get(name)?.hasten();
  }

  #heatOf(nodeName: string): Heat | undefined {
    const { hotNodes } = this.#deps;
    const kind = hotNodes.rising.has(nodeName) ? 'rising' : 'near';
    if (!hotNodes[kind].has(nodeName)) return undefined;
    const fastMs = this.#fastMs(kind);
    if (fastMs === undefined) return undefined;
    return { kind, fastMs, samples: this.#store.sampleTimes(nodeName, hotNodes[kind].podsOn(nodeName)) };
  }

  /** How often the hot nodes of a kind may be scraped; undefined: as often as any other node. */
  #fastMs(kind: Heat['kind']): number | undefined {
    const { hotNodes, settings } = this.#deps;
    return sharedFastMs(settings.fastResolutionMs, settings.resolutionMs, hotNodes[kind].size, kind);
  }

  /** Nodes that are scraped faster. */
  #hastenedNodes(): number {
    const { rising, near } = this.#deps.hotNodes;
    let count = this.#fastMs('rising') === undefined ? 0 : rising.size;
    if (this.#fastMs('near') === undefined) return count;
    for (const name of near.names()) if (!rising.has(name)) count++;
    return count;
  }

  #startLoop(node: NodeView): void {
    const loop = new NodeLoop(node, {
      clock: this.#deps.clock,
      alarms: this.#alarms,
      logger: this.#deps.logger,
      resolutionMs: this.#deps.settings.resolutionMs,
      scrapeNode: this.#scrapeNode,
      awaitsUsage: (name) => this.#store.awaitsUsage(name),
      heatOf: (name) => this.#heatOf(name),
      admit: (isFailing, task) => (isFailing ? this.#retries : this.#scrapes).run(task),
      onScraped: (view, outcome, delayMs) => {
        this.#cycle.slowestMs = Math.max(this.#cycle.slowestMs, delayMs);
        this.#publish(view, outcome);
      },
    });
    this.#loops.set(node.name, loop);
    const run = loop.run().finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  #publish(node: NodeView, outcome: ScrapeOutcome): void {
    if (outcome.kind === 'stored') this.#reader.publish(node.name, outcome.pods);
  }

  #updateHealth(): void {
    const nowMonotonicMs = this.#deps.clock.monotonic();
    let overdueMs = 0;
    for (const loop of this.#loops.values()) overdueMs = Math.max(overdueMs, loop.overdueMs(nowMonotonicMs));
    this.#lastCycleStartedAtMs = this.#deps.clock.now() - overdueMs;
  }

  #updateMonitor(): void {
    const { clock, monitor, settings } = this.#deps;
    monitor.setUsages(this.#store.usages);
    const counts = { ok: 0, failing: 0, waiting: 0 };
    for (const { state } of this.#loops.values()) counts[state === 'quietly-failing' ? 'failing' : state]++;
    monitor.setNodes(counts);
    monitor.setHotNodes(this.#hastenedNodes());
    const nowMonotonicMs = clock.monotonic();
    if (nowMonotonicMs < this.#cycle.endsAtMs) return;
    monitor.observeCycle(this.#cycle.slowestMs / 1000);
    this.#cycle = { endsAtMs: nowMonotonicMs + settings.resolutionMs, slowestMs: 0 };
  }
}
