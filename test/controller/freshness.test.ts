// How old what decisions rest on is: what the controller says of hot nodes, what self-metrics say, and the way from a kubelet's sample to new replicas.
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { HotNodes } from '../../src/controller/hot-nodes.ts';
import { createMetricsMonitor } from '../../src/metrics/monitor.ts';
import { createScrapeEngine } from '../../src/metrics/scrape-engine.ts';
import { WindowStore } from '../../src/metrics/window-store.ts';
import { ControllerWorld, type WorldParts } from '../support/controller-fakes.ts';
import { expositionText } from '../support/exposition-text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeNodes, node } from '../support/node-builder.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { scrapeSettings } from '../support/scrape-settings.ts';
import { ScriptedKubelets } from '../support/scripted-kubelets.ts';

async function endOf(world: ControllerWorld): Promise<void> {
  const stopped = world.controller.stop();
  await world.clock.advance(10_000);
  await stopped;
}

describe('the autoscaler controller says of nodes', () => {
  let world: ControllerWorld;
  afterEach(() => endOf(world));

  /** HPA shop/web at 50 % on Deployment web with two pods on node-1. */
  const startWeb = async (cpuMilli: number, parts: WorldParts = {}, isLeader = true): Promise<void> => {
    world = new ControllerWorld(parts);
    world.isLeader = isLeader;
    world.deploy('web', 2, cpuMilli);
    world.api.put();
    await world.start();
  };
  const hot = (): readonly string[] => [...world.hotNodes.rising.names()];

  it('that they are rising while replicas change, and not while nothing does', async () => {
    await startWeb(500);
    await world.period(2);
    expect(hot()).to.deep.equal([]);
    await world.sample('web', 600);
    expect(world.scales.updates).to.have.length(1);
    expect(hot()).to.deep.equal(['node-1']);
  });

  it('that they are rising as soon as a sample between two syncs shows a rise, until two syncs know it', async () => {
    await startWeb(500);
    await world.period(2);
    world.setUsage('shop/web-0', 560);
    world.setUsage('shop/web-1', 480);
    world.metrics.tell('node-1', ['shop/web-0']);
    await world.clock.advance(1000);
    expect(hot()).to.deep.equal(['node-1']);
    await world.period(2);
    expect(hot()).to.deep.equal([]);
  });

  it('nothing as a follower, and nothing any more when it no longer leads', async () => {
    await startWeb(900, {}, false);
    expect(hot()).to.deep.equal([]);
    world.isLeader = true;
    world.controller.startedLeading();
    await world.clock.advance(0);
    expect(hot()).to.deep.equal(['node-1']);
    world.isLeader = false;
    await world.period();
    expect(hot()).to.deep.equal([]);
  });

  it('nothing any more when the autoscaler is deleted', async () => {
    await startWeb(900);
    expect(hot()).to.deep.equal(['node-1']);
    world.api.delete('HorizontalPodAutoscaler', 'shop', 'web');
    await world.clock.advance(0);
    expect(hot()).to.deep.equal([]);
  });

  it('nothing of HPAs that somebody else scales', async () => {
    await startWeb(900, { nativeHpas: 'never' });
    expect(hot()).to.deep.equal([]);
  });
});

describe('self-metrics of freshness', () => {
  const value = async (world: ControllerWorld, series: string): Promise<number> => {
    const lines = (await world.registry.metrics()).split('\n');
    return Number(lines.find((line) => line.startsWith(`headroom_controller_${series} `))?.split(' ')[1]);
  };

  it('tell the age of the oldest sample of each sync, and the time from the newest to the accepted replicas', async () => {
    const world = new ControllerWorld();
    world.deploy('web', 2, 900);
    await world.clock.advance(4000);
    world.setUsage('shop/web-1', 900);
    await world.clock.advance(3000);
    world.api.put();
    await world.start();
    expect(world.scales.updates).to.have.length(1);
    expect(await value(world, 'sample_age_at_decision_seconds_sum')).to.equal(7);
    expect(await value(world, 'sample_to_patch_seconds_sum')).to.equal(3);
    expect(await value(world, 'sample_to_patch_seconds_count')).to.equal(1);
    await endOf(world);
  });

  it('say nothing of replicas that were refused, and of decisions without samples', async () => {
    const world = new ControllerWorld();
    world.deploy('web', 2, 900);
    world.deploy('api', 20, 900);
    world.scales.beforeUpdate = () => {
      throw new Error('no');
    };
    world.api.put();
    world.api.put({ name: 'api', target: 'api' });
    await world.start();
    expect(await value(world, 'sample_to_patch_seconds_count')).to.equal(0);
    expect(await value(world, 'sample_age_at_decision_seconds_count')).to.equal(1);
    await endOf(world);
  });
});

/** HPA shop/web at 500m on four pods, each on a node of its own, whose kubelets take samples 10 to 20 s apart. */
class Cluster {
  readonly clock = new FakeClock();
  readonly world: ControllerWorld;
  readonly #stopping = new AbortController();
  readonly #engine: ReturnType<typeof createScrapeEngine>;
  #tick: () => void = () => undefined;
  #growsAtMs = Number.POSITIVE_INFINITY;

  constructor(fastResolutionMs: number, seed: number) {
    const settings = scrapeSettings({
      fastResolutionMs,
      sampleMaxAgeMs: 300_000,
      maxConcurrentScrapes: 10,
      maxContainersPerNode: 10,
    });
    const hotNodes = new HotNodes();
    const nodes = new FakeNodes();
    const kubelets = new ScriptedKubelets(this.clock);
    this.#engine = createScrapeEngine({
      clock: this.clock,
      logger: new RecordingLogger(),
      nodes,
      hotNodes,
      onNodesChanged: (listener) => nodes.onChanged(listener),
      fetchExposition: kubelets.fetchExposition,
      monitor: createMetricsMonitor(new Registry(), settings.resolutionMs),
      store: new WindowStore(settings),
      settings,
      everySecond: (task) => {
        this.#tick = task;
        return () => undefined;
      },
    });
    this.world = new ControllerWorld({ clock: this.clock, reader: this.#engine.reader, hotNodes });
    this.world.scales.set('web', { specReplicas: 4, statusReplicas: 4 });
    for (let index = 0; index < 4; index++) {
      const name = `n${index}`;
      this.world.runPod(`web-${index}`, { labels: { app: 'web' }, nodeName: name });
      nodes.set(node({ name, addresses: [{ type: 'InternalIP', address: `${name}.test` }] }));
      const sampledAtMs = refreshes(this.clock.now(), seed * 4 + index);
      kubelets.set(`${name}.test`, () => this.#exposition(`web-${index}`, sampledAtMs(this.clock.now())));
    }
    this.world.api.put();
  }

  /** What is used doubles from now on; resolves to the seconds until there are more replicas. */
  async secondsToScale(): Promise<number> {
    const fromMs = this.clock.now();
    this.#growsAtMs = fromMs;
    while (this.world.scales.updates.length === 0) await this.pass(0.25);
    return (this.clock.now() - fromMs) / 1000;
  }

  async start(): Promise<void> {
    this.#engine.start(this.#stopping.signal);
    await this.pass(45);
    await this.world.start();
  }

  async pass(seconds: number): Promise<void> {
    for (let quarter = 0; quarter < seconds * 4; quarter++) {
      await this.clock.advance(250);
      if (this.clock.now() % 1000 === 0) this.#tick();
    }
  }

  async stop(): Promise<void> {
    await this.#engine.stop();
    await endOf(this.world);
  }

  #exposition(pod: string, timestampMs: number): string {
    const usedCoreMs = 0.5 * (timestampMs % 1e9) + 0.5 * Math.max(0, timestampMs - this.#growsAtMs);
    const cpuSeconds = usedCoreMs / 1000;
    return expositionText({
      timestampMs,
      cpuSeconds,
      containers: [{ namespace: 'shop', pod, timestampMs, cpuSeconds }],
    });
  }
}

/** When the last sample was taken: 10 to 20 s lie between two. */
function refreshes(fromMs: number, seed: number): (nowMs: number) => number {
  const times = [fromMs - 20_000];
  for (let state = seed + 1, atMs = fromMs - 20_000; atMs < fromMs + 600_000; ) {
    state = (state * 48_271) % 0x7fffffff;
    atMs += 10_000 + Math.floor((state / 0x7fffffff) * 40) * 250;
    times.push(atMs);
  }
  return (nowMs) => times.findLast((atMs) => atMs <= nowMs) ?? fromMs;
}

describe('from a step of usage to new replicas', () => {
  const seconds = async (fastResolutionMs: number): Promise<readonly number[]> => {
    const taken: number[] = [];
    for (let seed = 0; seed < 12; seed++) {
      const cluster = new Cluster(fastResolutionMs, seed * 1000);
      await cluster.start();
      await cluster.pass(40 + seed * 2.5);
      taken.push(await cluster.secondsToScale());
      await cluster.stop();
    }
    return taken;
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('it takes what the kubelets take and a fast step, some seconds less than at the resolution', async () => {
    const fast = await seconds(5000);
    expect(Math.max(...fast), String(fast)).to.be.below(20 + 5 + 1);
    const slow = await seconds(15_000);
    expect(mean(fast), `${String(fast)} against ${String(slow)}`).to.be.below(mean(slow) - 2);
  }).timeout(120_000);
});
