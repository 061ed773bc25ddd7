// Hot nodes on a clock that stands still until told: what is asked when, docs/metrics-math.md section 7.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { HeadroomError } from '../../src/lib/errors.ts';
import { createMetricsMonitor } from '../../src/metrics/monitor.ts';
import { createScrapeEngine, type ScrapeEngine } from '../../src/metrics/scrape-engine.ts';
import { scrapePhaseOf } from '../../src/metrics/scrape-schedule.ts';
import { WindowStore } from '../../src/metrics/window-store.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeHotNodes } from '../support/hot-nodes-fake.ts';
import { FakeNodes, node } from '../support/node-builder.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { scrapeSettings } from '../support/scrape-settings.ts';
import { healthy, ScriptedKubelets } from '../support/scripted-kubelets.ts';

const resolutionMs = 15_000;

/** One node `a` with a pod `web`, whose kubelet takes samples that many seconds apart, over and over. */
class HotNode {
  readonly clock = new FakeClock();
  readonly hotNodes = new FakeHotNodes();
  readonly nearNodes = new FakeHotNodes();
  readonly kubelets = new ScriptedKubelets(this.clock);
  readonly registry = new Registry();
  readonly engine: ScrapeEngine;
  readonly refreshesMs: number[] = [];
  readonly startMs = this.clock.now();
  #tick: () => void = () => undefined;

  constructor(distances: readonly number[], fastResolutionMs = 5000) {
    for (let atMs = this.startMs - 30_000, i = 0; atMs < this.startMs + 7_200_000; i++) {
      this.refreshesMs.push(atMs);
      atMs += (distances[i % distances.length] ?? 0) * 1000;
    }
    const settings = scrapeSettings({
      resolutionMs,
      fastResolutionMs,
      sampleMaxAgeMs: 300_000,
      maxConcurrentScrapes: 10,
      maxContainersPerNode: 10,
    });
    const nodes = new FakeNodes();
    nodes.set(node({ name: 'a', addresses: [{ type: 'InternalIP', address: 'a.test' }] }));
    this.heal();
    this.engine = createScrapeEngine({
      clock: this.clock,
      logger: new RecordingLogger(),
      nodes,
      hotNodes: { rising: this.hotNodes, near: this.nearNodes },
      onNodesChanged: (listener) => nodes.onChanged(listener),
      fetchExposition: this.kubelets.fetchExposition,
      monitor: createMetricsMonitor(this.registry, resolutionMs),
      store: new WindowStore(settings),
      settings,
      everySecond: (task) => {
        this.#tick = task;
        return () => undefined;
      },
    });
    this.engine.start(new AbortController().signal);
  }

  heal(): void {
    this.kubelets.set('a.test', healthy({ now: () => this.lastRefreshMs() }, 'web'));
  }

  lastRefreshMs(atMs = this.clock.now()): number {
    return this.refreshesMs.findLast((refreshMs) => refreshMs <= atMs) ?? 0;
  }

  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.clock.advance(1000);
      this.#tick();
    }
    await this.clock.advance(0);
  }

  /** When the kubelet was asked during the next so many seconds. */
  async askedDuring(seconds: number): Promise<readonly number[]> {
    const before = this.kubelets.requests.length;
    await this.pass(seconds);
    return this.kubelets.requestTimes('a.test').slice(before);
  }

  isOnPhase(atMs: number): boolean {
    return atMs % resolutionMs === scrapePhaseOf('a', resolutionMs);
  }
}

describe('a hot node', () => {
  let hot: HotNode;
  const begin = async (distances: readonly number[], fastResolutionMs?: number): Promise<HotNode> => {
    hot = new HotNode(distances, fastResolutionMs);
    // The first two resolutions are those of a young node.
    await hot.pass(60);
    return hot;
  };
  afterEach(() => hot.engine.stop());

  it('is asked on its phase until it is hot, and again when it is no longer', async () => {
    await begin([10, 20, 15]);
    expect((await hot.askedDuring(45)).every((atMs) => hot.isOnPhase(atMs))).to.equal(true);
    hot.hotNodes.heat('a', 'web');
    const whileHot = await hot.askedDuring(60);
    expect(whileHot.filter((atMs) => !hot.isOnPhase(atMs))).to.not.be.empty;
    hot.hotNodes.cool('a');
    await hot.pass(30);
    const times = await hot.askedDuring(60);
    expect(
      times.every((atMs) => hot.isOnPhase(atMs)),
      String(times),
    ).to.equal(true);
  });

  it('is asked within seconds of a refresh, and not before the next one can be there', async () => {
    await begin([10, 20, 12, 17]);
    hot.hotNodes.heat('a', 'web');
    await hot.pass(40);
    const times = await hot.askedDuring(300);
    const refreshes = hot.refreshesMs.filter((ms) => ms > (times[0] ?? 0) && ms < (times.at(-1) ?? 0));
    for (const refreshMs of refreshes) {
      expect((times.find((ms) => ms >= refreshMs) ?? 0) - refreshMs).to.be.most(5500);
    }
    for (const [i, atMs] of times.entries()) {
      const known = hot.lastRefreshMs(times[i - 1] ?? hot.startMs);
      if (i > 0) expect(atMs - known).to.be.least(10_000);
    }
    expect(refreshes).to.have.length.above(15);
    expect(times.length / refreshes.length).to.be.most(2.5);
  });

  it('is looked at within a second of becoming hot, without waiting for its phase', async () => {
    await begin([10]);
    await hot.clock.advance((hot.kubelets.requestTimes('a.test').at(-1) ?? 0) + 1000 - hot.clock.now());
    await hot.pass(4);
    const lastMs = hot.kubelets.requestTimes('a.test').at(-1) ?? 0;
    hot.hotNodes.heat('a', 'web');
    const [next = 0] = await hot.askedDuring(16);
    expect(next - lastMs).to.be.below(resolutionMs);
    expect(next - hot.lastRefreshMs(lastMs)).to.be.within(10_000, 13_500);
  });

  it('is asked less and less in vain when its kubelet is slow', async () => {
    await begin([40], 1000);
    hot.hotNodes.heat('a', 'web');
    const early = (await hot.askedDuring(400)).length;
    await hot.pass(1200);
    const late = (await hot.askedDuring(400)).length;
    expect(late).to.be.below(early * 0.75);
  });

  it('is asked like all others when the fast resolution is the resolution', async () => {
    await begin([10], resolutionMs);
    hot.hotNodes.heat('a', 'web');
    expect((await hot.askedDuring(60)).every((atMs) => hot.isOnPhase(atMs))).to.equal(true);
    expect(await hot.registry.metrics()).to.contain('\nheadroom_metrics_hot_nodes 0\n');
  });

  it('backs off like all others when it fails', async () => {
    await begin([10]);
    hot.hotNodes.heat('a', 'web');
    hot.kubelets.set('a.test', () => new HeadroomError('KUBELET_REQUEST', 'connection refused'));
    await hot.pass(150);
    expect((await hot.askedDuring(300)).length).to.be.most(6);
    hot.heal();
    await hot.pass(120);
    expect((await hot.askedDuring(60)).length).to.be.least(4);
  });

  it('whose pod has no sample yet is not asked in a hurry, as windows of others would become short', async () => {
    await begin([1]);
    hot.hotNodes.heat('a', 'another');
    const times = await hot.askedDuring(120);
    for (const [i, atMs] of times.entries()) if (i > 0) expect(atMs - (times[i - 1] ?? 0)).to.be.least(12_500);
  });

  it('is counted', async () => {
    await begin([10]);
    hot.hotNodes.heat('a', 'web');
    await hot.pass(1);
    expect(await hot.registry.metrics()).to.contain('\nheadroom_metrics_hot_nodes 1\n');
  });

  it('has windows of 10 s, give or take the time between two samples, however often its kubelet takes them (property)', async () => {
    const distances = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(distances, fc.integer({ min: 1, max: 14 }), async (seconds, fastSeconds) => {
        await begin(seconds, fastSeconds * 1000);
        hot.hotNodes.heat('a', 'web');
        await hot.pass(30);
        const times = await hot.askedDuring(90);
        const sampled = [...new Set(times.map((atMs) => hot.lastRefreshMs(atMs)))];
        // As long as the shorter of 10 s and what the kubelet leaves between two samples, of which one may be just missed.
        const shortest = 10_000 - Math.max(...seconds) * 1000;
        for (const [i, atMs] of sampled.entries())
          if (i > 0) expect(atMs - (sampled[i - 1] ?? 0)).to.be.above(shortest);
        for (const [i, atMs] of times.entries())
          if (i > 0) expect(atMs - (times[i - 1] ?? 0)).to.be.within(fastSeconds * 1000, 15_250);
        await hot.engine.stop();
      }),
      { numRuns: 8 },
    );
  });
});
