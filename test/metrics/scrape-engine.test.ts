// The scraping of a cluster on a clock that stands still until told: phases, back-off, trouble that stays where it is.
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { HeadroomError } from '../../src/lib/errors.ts';
import { objectKey } from '../../src/lib/object-key.ts';
import type { LabelMatcher, NodeView } from '../../src/lib/views.ts';
import { createMetricsMonitor } from '../../src/metrics/monitor.ts';
import { createScrapeEngine, type ScrapeEngine, type ScrapeSettings } from '../../src/metrics/scrape-engine.ts';
import { scrapePhaseOf } from '../../src/metrics/scrape-schedule.ts';
import { WindowStore } from '../../src/metrics/window-store.ts';
import { ClusterReader } from '../support/cluster-reader.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeHotNodes } from '../support/hot-nodes-fake.ts';
import { everyNode, FakeNodes, node } from '../support/node-builder.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { scrapeSettings } from '../support/scrape-settings.ts';
import { hang, healthy, ScriptedKubelets } from '../support/scripted-kubelets.ts';

const defaults = scrapeSettings();

/** Node `name` at host `name.test`. */
const at = (name: string, more: Partial<NodeView> = {}): NodeView =>
  node({ name, addresses: [{ type: 'InternalIP', address: `${name}.test` }], ...more });

class Cluster {
  readonly clock = new FakeClock();
  readonly logger = new RecordingLogger();
  readonly nodes = new FakeNodes();
  readonly kubelets = new ScriptedKubelets(this.clock);
  readonly registry = new Registry();
  readonly hotNodes = new FakeHotNodes();
  readonly nearNodes = new FakeHotNodes();
  readonly stopping = new AbortController();
  readonly store: WindowStore;
  readonly engine: ScrapeEngine;
  readonly published: { node: string; podKeys: readonly string[]; atMs: number }[] = [];
  #tick: () => void = () => undefined;
  ticking = false;

  constructor(settings: Partial<ScrapeSettings> = {}) {
    const merged = { ...defaults, ...settings };
    this.store = new WindowStore(merged);
    this.engine = createScrapeEngine({
      clock: this.clock,
      logger: this.logger,
      nodes: this.nodes,
      onNodesChanged: (listener) => this.nodes.onChanged(listener),
      fetchExposition: this.kubelets.fetchExposition,
      monitor: createMetricsMonitor(this.registry, merged.resolutionMs),
      store: this.store,
      settings: merged,
      hotNodes: { rising: this.hotNodes, near: this.nearNodes },
      everySecond: (task) => {
        this.#tick = task;
        this.ticking = true;
        return () => {
          this.ticking = false;
        };
      },
    });
    this.engine.reader.onSamples((name, pods) => {
      const podKeys = pods.map((pod) => objectKey(pod.namespace, pod.name));
      this.published.push({ node: name, podKeys, atMs: this.clock.now() });
    });
  }

  add(name: string, more: Partial<NodeView> = {}): void {
    this.kubelets.set(`${name}.test`, healthy(this.clock, `on-${name}`));
    this.nodes.set(at(name, more));
  }

  start(): void {
    this.engine.start(this.stopping.signal);
  }

  /** Moves time second by second, with housekeeping after each, and lets what that called for begin. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.clock.advance(1000);
      if (this.ticking) this.#tick();
    }
    await this.clock.advance(0);
  }

  podSampledAt(name: string): number | undefined {
    return this.engine.reader.getPodUsage('default', `on-${name}`, name)?.timestampMs;
  }

  said(level: string): string[] {
    return this.logger.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}

describe('createScrapeEngine', () => {
  let cluster: Cluster;
  const begin = (settings: Partial<ScrapeSettings> = {}): Cluster => {
    cluster = new Cluster(settings);
    return cluster;
  };
  afterEach(async () => {
    await cluster.engine.stop();
    expect(cluster.kubelets.inFlight).to.equal(0);
  });

  it('scrapes each node when it is first seen, soon again for its usage, and then on its phase', async () => {
    begin().add('a');
    cluster.add('b');
    cluster.start();
    const startMs = cluster.clock.now();
    await cluster.pass(62);
    for (const name of ['a', 'b']) {
      const times = cluster.kubelets.requestTimes(`${name}.test`);
      expect(times.slice(0, 2)).to.deep.equal([startMs, startMs + 5000]);
      const isOnPhase = (ms: number): boolean => ms % 15_000 === scrapePhaseOf(name, 15_000);
      const firstOnPhase = times.findIndex((ms, index) => index >= 2 && isOnPhase(ms));
      expect(firstOnPhase).to.be.within(2, 3);
      expect(times.slice(firstOnPhase).every(isOnPhase)).to.equal(true);
      const gapsMs = times.slice(1).map((ms, index) => ms - (times[index] ?? 0));
      expect(Math.max(...gapsMs)).to.equal(15_000);
    }
  });

  describe('asks a young node every third of a resolution (6.6)', () => {
    /** Seconds after the start at which a kubelet was asked that takes a sample now and then. */
    const askedAt = async (sampleEverySeconds: number): Promise<number[]> => {
      begin();
      const startMs = cluster.clock.now();
      const sampledAtMs = (): number => {
        const ageMs = cluster.clock.now() - startMs;
        return startMs + ageMs - (ageMs % (sampleEverySeconds * 1000));
      };
      cluster.kubelets.set('a.test', healthy({ now: sampledAtMs }, 'on-a'));
      cluster.nodes.set(at('a'));
      cluster.start();
      await cluster.pass(61);
      return cluster.kubelets.requestTimes('a.test').map((atMs) => (atMs - startMs) / 1000);
    };
    const onPhase = (seconds: number): boolean =>
      (cluster.clock.now() - 61_000 + seconds * 1000) % 15_000 === scrapePhaseOf('a', 15_000);

    it('until the kubelet has taken its second sample', async () => {
      const [first, second, third, fourth, ...later] = await askedAt(12);
      expect([first, second, third, fourth]).to.deep.equal([0, 5, 10, 15]);
      expect(later.every(onPhase), String(later)).to.equal(true);
    });

    it('unless an earlier process has left the samples that it needs', async () => {
      begin().add('a');
      const earlier = new ClusterReader(cluster.store);
      earlier.nowMs = cluster.clock.now() - 20_000;
      const containers = [{ pod: 'on-a', timestampMs: earlier.nowMs, cpuSeconds: 1 }];
      earlier.scrape('a', { timestampMs: earlier.nowMs, cpuSeconds: 1, containers });
      cluster.start();
      await cluster.pass(61);
      const [first = 0, ...later] = cluster.kubelets.requestTimes('a.test');
      expect(later.every((atMs) => onPhase((atMs - first) / 1000))).to.equal(true);
      expect(later).to.have.length.within(3, 4);
      expect(cluster.published[0]?.podKeys).to.deep.equal(['default/on-a']);
    });

    it('for two resolutions at most', async () => {
      const times = await askedAt(3600);
      expect(times.slice(0, 6)).to.deep.equal([0, 5, 10, 15, 20, 25]);
      // Perhaps once more before its phase (6.2).
      expect(times.slice(6)).to.have.length.within(2, 3);
      expect(times.slice(-2).every(onPhase), String(times)).to.equal(true);
    });
  });

  it('serves usages after the second scrape and tells who listens', async () => {
    begin().add('a');
    cluster.start();
    await cluster.pass(0);
    const { reader } = cluster.engine;
    expect([reader.hasUsages(), reader.getPodUsage('default', 'on-a', 'a'), reader.getNodeUsage('a')]).to.deep.equal([
      false,
      undefined,
      undefined,
    ]);
    await cluster.pass(23);
    expect(reader.hasUsages()).to.equal(true);
    expect(reader.getPodUsage('default', 'on-a', 'a')?.containers).to.deep.equal([
      { name: 'app', cpuNanoCores: 1e9, memoryBytes: 12_500_000 },
    ]);
    expect(reader.getNodeUsage('a')?.cpuNanoCores).to.equal(1e9);
    expect(cluster.published.map(({ podKeys }) => podKeys).slice(0, 2)).to.deep.equal([[], ['default/on-a']]);
  });

  it('lets a hung kubelet delay only itself (4.1)', async () => {
    begin().add('good');
    cluster.add('hung');
    cluster.kubelets.set('hung.test', () => hang);
    cluster.start();
    await cluster.pass(60);
    const published = cluster.published.filter((entry) => entry.node === 'good').map(({ atMs }) => atMs);
    expect(published).to.deep.equal(cluster.kubelets.requestTimes('good.test'));
    expect(cluster.published.filter((entry) => entry.node === 'hung')).to.deep.equal([]);
    expect(cluster.logger.lines.find(({ level }) => level === 'warn')?.fields).to.deep.equal({
      node: 'hung',
      reason: 'timeout',
      detail: 'deadline of 10000 ms exceeded',
    });
  });

  it('asks a failing node less and less often (6.3)', async () => {
    begin().add('bad');
    cluster.kubelets.set('bad.test', () => new HeadroomError('KUBELET_REQUEST', 'connection refused'));
    cluster.start();
    await cluster.pass(300);
    const times = cluster.kubelets.requestTimes('bad.test');
    const gaps = times.slice(1).map((ms, i) => (ms - (times[i] ?? 0)) / 1000);
    expect(gaps.slice(1, 5)).to.deep.equal([30, 60, 60, 60]);
  });

  it('says once that a node fails and once that it is back, and the rest only for debugging', async () => {
    begin().add('a');
    cluster.start();
    await cluster.pass(30);
    cluster.kubelets.set(
      'a.test',
      () => new HeadroomError('KUBELET_REQUEST', 'request failed, status: "401 Unauthorized"'),
    );
    await cluster.pass(70);
    expect(cluster.said('warn')).to.deep.equal(['node cannot be scraped']);
    expect(cluster.logger.lines.find(({ level }) => level === 'warn')?.fields).to.deep.equal({
      node: 'a',
      reason: 'request',
      detail: 'request failed, status: "401 Unauthorized"',
    });
    expect(cluster.said('debug')).to.include('node still cannot be scraped');
    cluster.kubelets.set('a.test', healthy(cluster.clock, 'on-a'));
    await cluster.pass(70);
    expect(cluster.said('warn')).to.have.length(1);
    expect(cluster.said('info')).to.deep.equal(['node is scraped again']);
  });

  it('is quiet about a node that is not ready, until it is', async () => {
    begin().add('a', { ready: false });
    cluster.kubelets.set('a.test', () => hang);
    cluster.start();
    await cluster.pass(60);
    expect([...cluster.said('warn'), ...cluster.said('info')]).to.deep.equal([]);
    expect(cluster.said('debug')).to.include('node cannot be scraped, and is not ready');
    cluster.nodes.set(at('a', { ready: true }));
    await cluster.pass(15);
    expect(cluster.said('warn')).to.deep.equal(['node cannot be scraped']);
  });

  it('keeps the samples of a failing node until they are too old (4.3)', async () => {
    begin().add('a');
    cluster.add('b');
    cluster.start();
    await cluster.pass(40);
    cluster.kubelets.set('a.test', () => new HeadroomError('KUBELET_REQUEST', 'connection refused'));
    const sampledAtMs = cluster.podSampledAt('a') ?? 0;
    await cluster.clock.advance(sampledAtMs + 59_000 - cluster.clock.now());
    await cluster.pass(1);
    expect(cluster.podSampledAt('a')).to.equal(sampledAtMs);
    expect(cluster.engine.reader.getNodeUsage('a')?.timestampMs).to.equal(sampledAtMs);
    await cluster.pass(1);
    expect(cluster.podSampledAt('a')).to.equal(undefined);
    expect(cluster.podSampledAt('b')).to.be.above(sampledAtMs);
  });

  it('keeps its samples when the clock is set forward', async () => {
    begin().add('a');
    cluster.start();
    await cluster.pass(40);
    const sampledAtMs = cluster.podSampledAt('a');
    cluster.clock.set(5 * 3_600_000);
    await cluster.pass(1);
    expect(cluster.podSampledAt('a')).to.equal(sampledAtMs);
  });

  it('drops the samples of a failing node when they are too old, though the clock was set back', async () => {
    begin().add('a');
    cluster.start();
    await cluster.pass(40);
    cluster.kubelets.set('a.test', () => new HeadroomError('KUBELET_REQUEST', 'connection refused'));
    cluster.clock.set(-5 * 3_600_000);
    await cluster.pass(61);
    expect(cluster.podSampledAt('a')).to.equal(undefined);
  });

  describe('counts as a failure, and keeps the samples,', () => {
    const check = (what: string, text: string, reason: string): void => {
      it(what, async () => {
        begin().add('a');
        cluster.start();
        await cluster.pass(30);
        const sampledAtMs = cluster.podSampledAt('a');
        cluster.kubelets.set('a.test', () => text);
        await cluster.pass(16);
        expect(cluster.podSampledAt('a')).to.equal(sampledAtMs).and.not.equal(undefined);
        expect(cluster.logger.lines.find(({ level }) => level === 'warn')?.fields).to.include({ node: 'a', reason });
      });
    };
    check('a page of HTML', '<html>hello</html>', 'body');
    check('a kubelet whose statistics fail', 'resource_scrape_error 1\n', 'no-samples');
    check('an empty body', '', 'no-samples');
  });

  it('tries a node again at once when it turns ready or moves (6.4)', async () => {
    for (const change of [{ ready: true }, { ready: false, addresses: [{ type: 'InternalIP', address: 'b.test' }] }]) {
      begin().add('a', { ready: false });
      cluster.kubelets.set('a.test', () => new HeadroomError('KUBELET_REQUEST', 'connection refused'));
      cluster.start();
      await cluster.pass(100);
      for (const host of ['a.test', 'b.test']) cluster.kubelets.set(host, healthy(cluster.clock, 'on-a'));
      const before = cluster.kubelets.requests.length;
      cluster.nodes.set(at('a', { ready: false, labels: { changed: 'nothing that matters' } }));
      await cluster.pass(1);
      expect(cluster.kubelets.requests.length).to.equal(before);
      cluster.nodes.set(at('a', change));
      await cluster.pass(1);
      expect(cluster.kubelets.requests.length).to.equal(before + 1);
      await cluster.engine.stop();
    }
  });

  it('follows nodes that come and go', async () => {
    begin().add('a');
    cluster.start();
    await cluster.pass(30);
    cluster.add('b');
    cluster.nodes.delete('a');
    await cluster.pass(1);
    const requestsOfA = cluster.kubelets.requestTimes('a.test').length;
    expect([cluster.podSampledAt('a'), cluster.engine.reader.getNodeUsage('a')]).to.deep.equal([undefined, undefined]);
    await cluster.pass(30);
    expect(cluster.podSampledAt('b')).to.be.a('number');
    expect(cluster.kubelets.requestTimes('a.test')).to.have.length(requestsOfA);
    expect(await cluster.registry.metrics()).to.not.include('node="a"');
  });

  it('stores nothing of a node that leaves while it is scraped', async () => {
    begin().add('a');
    cluster.kubelets.set('a.test', () => hang);
    cluster.start();
    await cluster.pass(1);
    expect(cluster.kubelets.inFlight).to.equal(1);
    cluster.nodes.delete('a');
    await cluster.pass(2);
    expect(cluster.kubelets.inFlight).to.equal(0);
    expect([...cluster.said('warn'), ...cluster.published]).to.deep.equal([]);
  });

  it('scrapes only nodes that the selector matches', async () => {
    const linux: LabelMatcher = { ...everyNode, matches: (labels) => labels['os'] === 'linux' };
    begin({ nodeSelector: linux }).add('a', { labels: { os: 'linux' } });
    cluster.add('b', { labels: { os: 'windows' } });
    cluster.start();
    await cluster.pass(30);
    expect(cluster.kubelets.requestTimes('b.test')).to.deep.equal([]);
    cluster.nodes.set(at('a', { labels: { os: 'other' } }), at('b', { labels: { os: 'linux' } }));
    await cluster.pass(30);
    expect(cluster.podSampledAt('a')).to.equal(undefined);
    expect(cluster.podSampledAt('b')).to.be.a('number');
  });

  it('bounds how many scrapes run at a time', async () => {
    begin({ maxConcurrentScrapes: 3 });
    for (let i = 0; i < 20; i++) {
      cluster.add(`n${i}`);
      cluster.kubelets.set(`n${i}.test`, () => hang);
    }
    cluster.start();
    await cluster.pass(5);
    expect(cluster.kubelets.mostInFlight).to.equal(3);
  });

  it('gives failing nodes room of their own, so that they hold up nobody (6.5)', async () => {
    begin({ maxConcurrentScrapes: 10, maxConcurrentRetries: 1 }).add('good');
    for (let i = 0; i < 9; i++) {
      cluster.add(`hung-${i}`);
      cluster.kubelets.set(`hung-${i}.test`, () => hang);
    }
    cluster.start();
    await cluster.pass(120);
    const published = cluster.published.filter((entry) => entry.node === 'good').map(({ atMs }) => atMs);
    expect(published).to.have.length.within(8, 10);
    expect(published).to.deep.equal(cluster.kubelets.requestTimes('good.test'));
  });

  it('shows in lastCycleStartedAtMs for how long a due scrape has been waiting', async () => {
    begin({ maxConcurrentScrapes: 1, requestTimeoutMs: 40_000 }).add('a');
    cluster.add('b');
    expect(cluster.engine.lastCycleStartedAtMs).to.equal(undefined);
    cluster.kubelets.set('a.test', () => hang);
    const startMs = cluster.clock.now();
    cluster.start();
    await cluster.pass(25);
    expect(cluster.engine.lastCycleStartedAtMs).to.equal(startMs);
    cluster.kubelets.set('a.test', healthy(cluster.clock, 'on-a'));
    await cluster.pass(20);
    expect(cluster.engine.lastCycleStartedAtMs).to.equal(cluster.clock.now());
  });

  it('stops with the signal: no scrape, no tick, no listener is left', async () => {
    begin().add('a');
    cluster.add('b');
    cluster.kubelets.set('b.test', () => hang);
    cluster.start();
    await cluster.pass(1);
    cluster.stopping.abort();
    await cluster.clock.advance(0);
    expect([cluster.kubelets.inFlight, cluster.ticking, cluster.nodes.listeners.size]).to.deep.equal([0, false, 0]);
    const requests = cluster.kubelets.requests.length;
    await cluster.clock.advance(60_000);
    expect(cluster.kubelets.requests).to.have.length(requests);
    expect(cluster.said('warn')).to.deep.equal([]);
  });

  it('starts nothing that still waited for room when it stops', async () => {
    begin({ maxConcurrentScrapes: 1 }).add('a');
    cluster.add('b');
    cluster.kubelets.set('a.test', () => hang);
    cluster.start();
    await cluster.pass(1);
    await cluster.engine.stop();
    expect(cluster.kubelets.requests.map(({ host }) => host)).to.deep.equal(['a.test']);
  });

  it('survives listeners that throw, and forgets those that left', async () => {
    begin().add('a');
    const heard: string[] = [];
    cluster.engine.reader.onSamples(() => {
      throw new Error('no');
    });
    const leave = cluster.engine.reader.onSamples((name) => heard.push(name));
    cluster.start();
    await cluster.pass(1);
    leave();
    await cluster.pass(30);
    expect(heard).to.deep.equal(['a']);
    expect(new Set(cluster.said('error'))).to.deep.equal(new Set(['a listener for samples failed']));
    expect(cluster.podSampledAt('a')).to.be.a('number');
  });

  it('exposes what it does', async () => {
    begin().add('a');
    cluster.add('bad');
    cluster.kubelets.set('bad.test', () => new HeadroomError('KUBELET_BODY', 'body exceeds 10 bytes'));
    cluster.start();
    await cluster.pass(31);
    const lines = (await cluster.registry.metrics()).split('\n');
    expect(lines).to.include.members([
      'metrics_server_storage_points{type="node"} 1',
      'metrics_server_storage_points{type="container"} 1',
      'metrics_server_manager_tick_duration_seconds_count 2',
      'headroom_metrics_nodes{state="ok"} 1',
      'headroom_metrics_nodes{state="failing"} 1',
    ]);
    const failures = lines.find((line) => line.startsWith('headroom_metrics_scrape_failures_total{reason="body"}'));
    expect(Number(failures?.split(' ')[1])).to.be.within(2, 3);
  });

  describe('scrapeNode', () => {
    const outcomeOf = async (name: string): Promise<unknown> =>
      cluster.engine.scrapeNode(name, new AbortController().signal);

    it('scrapes now, and tells listeners', async () => {
      begin().add('a');
      expect(await outcomeOf('a')).to.deep.equal({ kind: 'stored', pods: [], badLines: 0 });
      await cluster.clock.advance(15_000);
      const pods = [{ namespace: 'default', name: 'on-a' }];
      expect(await outcomeOf('a')).to.deep.equal({ kind: 'stored', pods, badLines: 0 });
      expect(cluster.published).to.have.length(2);
    });

    it('answers what went wrong', async () => {
      begin().nodes.set(at('a'), at('b', { addresses: [] }));
      expect(await outcomeOf('a')).to.deep.equal({ kind: 'failed', reason: 'request', message: 'connection refused' });
      expect(await outcomeOf('b')).to.deep.equal({
        kind: 'failed',
        reason: 'address',
        message: 'no address matched types [InternalIP]',
      });
      expect(await outcomeOf('c')).to.deep.equal({ kind: 'failed', reason: 'address', message: 'there is no node c' });
    });

    it('counts a node without an address among the failing requests, as metrics-server does', async () => {
      begin().nodes.set(at('b', { addresses: [] }));
      await outcomeOf('b');
      const lines = (await cluster.registry.metrics()).split('\n');
      expect(lines).to.include.members([
        'metrics_server_kubelet_request_total{success="false"} 1',
        'metrics_server_kubelet_request_duration_seconds_count{node="b"} 1',
      ]);
    });

    it('is cancelled by its signal', async () => {
      begin().add('a');
      expect(await cluster.engine.scrapeNode('a', AbortSignal.abort())).to.deep.equal({ kind: 'cancelled' });
    });
  });
});
