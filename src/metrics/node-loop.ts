// Flow: scrapes one node again and again, on its phase, until it is stopped. One node's trouble is its own.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { NodeView } from '../lib/views.ts';
import type { Alarm, Alarms } from './alarms.ts';
import { learnRefresh, nextHotScrapeAt, shortestRefreshMs } from './hot-schedule.ts';
import type { ScrapeNode, ScrapeOutcome } from './node-scraper.ts';
import { nextScrapeAt, nextStartScrapeAt, scrapePhaseOf } from './scrape-schedule.ts';
import type { SampleTimes } from './window-store.ts';

/** `quietly-failing`: the node is not ready, so nobody is surprised. */
export type NodeState = 'waiting' | 'ok' | 'failing' | 'quietly-failing';

/** That a node is hot, and what of it matters. */
export interface Heat {
  /** Something changes there, or a little more usage would change something. */
  readonly kind: 'rising' | 'near';
  /** How often it may be scraped. */
  readonly fastMs: number;
  /** Of the samples that matter. */
  readonly samples: SampleTimes;
}

export interface NodeLoopDeps {
  readonly clock: Clock;
  readonly alarms: Alarms;
  readonly logger: Logger;
  readonly resolutionMs: number;
  readonly scrapeNode: ScrapeNode;
  /** Whether something on the node was sampled and has no usage yet. Looks at each of its containers, so it is asked of young nodes only. */
  readonly awaitsUsage: (nodeName: string) => boolean;
  /** undefined: the node is not hot. */
  readonly heatOf: (nodeName: string) => Heat | undefined;
  /** Runs a scrape when there is room for it; a failing node must not take the room of the others. */
  readonly admit: <T>(isFailing: boolean, task: () => Promise<T>) => Promise<T>;
  /** Told of each scrape that ended by itself; `delayMs` is the time since the scrape was due. */
  readonly onScraped: (node: NodeView, outcome: ScrapeOutcome, delayMs: number) => void;
}

export class NodeLoop {
  readonly #deps: NodeLoopDeps;
  readonly #phaseMs: number;
  readonly #stopped = new AbortController();
  #view: NodeView;
  /** For the next scrape; undefined while none is waited for. */
  #alarm: Alarm | undefined;
  #state: NodeState = 'waiting';
  #failures = 0;
  /** When the first scrape began, on the monotonic time line. */
  #firstAtMs: number | undefined;
  /** When the last scrape ended, on the monotonic time line. */
  #endedAtMs = 0;
  /** On the monotonic time line; undefined while a scrape is under way. */
  #dueAtMs: number | undefined;
  /** To be scraped at once, whatever is due. */
  #isCalled = false;
  /** Something changed there when its next scrape was planned. */
  #isRising = false;
  /** The shortest time between two samples of one container, as learnt so far (7.3). */
  #refreshMs = shortestRefreshMs;

  constructor(view: NodeView, deps: NodeLoopDeps) {
    this.#view = view;
    this.#deps = deps;
    this.#phaseMs = scrapePhaseOf(view.name, deps.resolutionMs);
    this.#dueAtMs = deps.clock.monotonic();
  }

  get state(): NodeState {
    return this.#state;
  }

  /** How long the node has been waiting for a scrape that is due; 0 when none is. */
  overdueMs(nowMonotonicMs: number): number {
    return this.#dueAtMs === undefined ? 0 : Math.max(0, nowMonotonicMs - this.#dueAtMs);
  }

  /** Scrapes at once, then on the node's phase, until `stop`. Never rejects. */
  async run(): Promise<void> {
    const { clock } = this.#deps;
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const dueAtMs = this.#dueAtMs ?? clock.monotonic();
      const startedAtMs = await this.#deps.admit(this.#failures > 0, () => this.#scrape(dueAtMs));
      this.#endedAtMs = clock.monotonic();
      this.#dueAtMs = this.#nextAt(startedAtMs);
      await this.#untilDue();
    }
  }

  /** When that is may change meanwhile. */
  async #untilDue(): Promise<void> {
    const { alarms, clock } = this.#deps;
    const dueAtMs = this.#dueAtMs ?? 0;
    if (this.#stopped.signal.aborted || this.#isCalled || dueAtMs <= clock.monotonic()) return;
    await new Promise<void>((resolve) => {
      this.#alarm = alarms.at(dueAtMs, resolve);
    });
    this.#alarm = undefined;
  }

  /** Has the alarm ring at another time. */
  #wakeAt(dueAtMs: number): void {
    const ring = this.#alarm?.ring;
    if (this.#alarm === undefined || ring === undefined) return;
    this.#deps.alarms.cancel(this.#alarm);
    this.#alarm = this.#deps.alarms.at(dueAtMs, ring);
  }

  #wakeNow(): void {
    const ring = this.#alarm?.ring;
    if (this.#alarm === undefined || ring === undefined) return;
    this.#deps.alarms.cancel(this.#alarm);
    ring();
  }

  #nextAt(startedAtMs: number): number {
    const { resolutionMs, awaitsUsage } = this.#deps;
    this.#firstAtMs ??= startedAtMs;
    const hotAtMs = this.#failures === 0 ? this.#nextHotAt() : undefined;
    const soonMs = this.#failures === 0 ? nextStartScrapeAt(startedAtMs, this.#firstAtMs, resolutionMs) : undefined;
    if (soonMs !== undefined && awaitsUsage(this.#view.name)) return Math.min(soonMs, hotAtMs ?? soonMs);
    return hotAtMs ?? nextScrapeAt(startedAtMs, this.#phaseMs, resolutionMs, this.#failures);
  }

  /** When the node is to be scraped because it is hot; undefined when it is not. */
  #nextHotAt(): number | undefined {
    const { clock, resolutionMs, heatOf } = this.#deps;
    const heat = heatOf(this.#view.name);
    this.#isRising = heat?.kind === 'rising';
    if (heat === undefined) return undefined;
    const { oldestMs, shortestDistanceMs } = heat.samples;
    if (shortestDistanceMs < Infinity) this.#refreshMs = learnRefresh(this.#refreshMs, shortestDistanceMs);
    const sampledAtMs = oldestMs + clock.monotonic() - clock.now();
    const hotNode = { endedAtMs: this.#endedAtMs, sampledAtMs, refreshMs: this.#refreshMs };
    return nextHotScrapeAt(hotNode, heat.fastMs, resolutionMs);
  }

  /** Something may have begun to change there: then its next scrape may be due sooner (7.1). */
  hasten(): void {
    const wasScraped = this.#firstAtMs !== undefined;
    if (this.#isRising || !wasScraped || this.#failures > 0 || this.#dueAtMs === undefined) return;
    const hotAtMs = this.#nextHotAt();
    if (hotAtMs === undefined || hotAtMs >= this.#dueAtMs) return;
    this.#dueAtMs = hotAtMs;
    this.#wakeAt(hotAtMs);
  }

  stop(): void {
    this.#stopped.abort();
    this.#wakeNow();
  }

  /** The node as it is now. One that turned ready or moved is tried at once instead of waiting for its back-off (6.4). */
  update(view: NodeView): void {
    const old = this.#view;
    this.#view = view;
    const turnedReady = view.ready && !old.ready;
    if (this.#failures === 0 || !(turnedReady || hasMoved(old, view))) return;
    this.#failures = 0;
    this.#isCalled = true;
    this.#wakeNow();
  }

  /** Returns when the scrape began, on the monotonic time line. */
  async #scrape(dueAtMs: number): Promise<number> {
    const { clock, scrapeNode, onScraped } = this.#deps;
    const startedAtMs = clock.monotonic();
    this.#dueAtMs = undefined;
    if (this.#stopped.signal.aborted) return startedAtMs; // while it waited for room
    this.#isCalled = false;
    const view = this.#view;
    const outcome = await scrapeNode(view, this.#stopped.signal);
    if (outcome.kind === 'cancelled') return startedAtMs;
    this.#judge(outcome);
    onScraped(view, outcome, clock.monotonic() - dueAtMs);
    return startedAtMs;
  }

  #judge(outcome: Exclude<ScrapeOutcome, { kind: 'cancelled' }>): void {
    const { logger } = this.#deps;
    const was = this.#state;
    if (outcome.kind === 'stored') {
      this.#failures = 0;
      this.#state = 'ok';
      if (was === 'failing') logger.info('node is scraped again', { node: this.#view.name });
      return;
    }
    this.#failures++;
    this.#state = this.#view.ready ? 'failing' : 'quietly-failing';
    const fields = { node: this.#view.name, reason: outcome.reason, detail: outcome.message };
    if (this.#state === was) logger.debug('node still cannot be scraped', { ...fields, attempts: this.#failures });
    else if (this.#state === 'failing') logger.warn('node cannot be scraped', fields);
    else logger.debug('node cannot be scraped, and is not ready', fields);
  }
}

function hasMoved(old: NodeView, view: NodeView): boolean {
  const where = (node: NodeView): string =>
    JSON.stringify([node.addresses, node.kubeletPort, node.resourceMetricsPath]);
  return where(old) !== where(view);
}
