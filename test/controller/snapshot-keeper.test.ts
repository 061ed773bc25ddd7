// Whole controllers, one after the other on one state: stopped, killed, away for long.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ControllerWorld } from '../support/controller-fakes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { until } from '../support/until.ts';

/** --horizontal-pod-autoscaler-downscale-stabilization. */
const windowMs = 300_000;
const busyMilli = 900;
const idleMilli = 10;

describe('what is remembered over the end of a process', () => {
  let root: string;
  let clock: FakeClock;
  let worlds: ControllerWorld[];

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'headroom-state-'));
    clock = new FakeClock();
    worlds = [];
  });

  afterEach(async () => {
    for (const world of worlds) await world.controller.stop();
    await rm(root, { recursive: true });
  });

  const directoryOf = (process: number): string => join(root, String(process));

  /** The next process. It finds the Deployment with so many replicas, and the status that the one before it has left. */
  async function begin(
    replicas: number,
    cpuMilli: number,
    spec: Readonly<Record<string, unknown>> = {},
  ): Promise<ControllerWorld> {
    const before = worlds.at(-1);
    const world = new ControllerWorld({ clock, stateDir: directoryOf(worlds.length) });
    worlds.push(world);
    world.deploy('web', replicas, cpuMilli);
    world.api.put({ uid: 'u', spec, ...(before === undefined ? {} : { status: before.status() }) });
    await world.start();
    return world;
  }

  const snapshotOf = (process: number): Promise<string> =>
    readFile(join(directoryOf(process), 'autoscaler-history.json'), 'utf8');

  /** The last process is gone as it stands: the next one finds its files of now, and none that it might still write in this test. */
  const kill = (): Promise<void> => cp(directoryOf(worlds.length - 1), directoryOf(worlds.length), { recursive: true });

  async function stop(): Promise<void> {
    await worlds.at(-1)?.controller.stop();
    await kill();
  }

  /** A process that scales from 2 to 4, and has saved that. */
  async function scaleUp(spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const world = await begin(2, busyMilli, spec);
    expect(world.scales.replicas('web')).to.equal(4);
    await clock.advance(1_100);
    await until(async () => (await snapshotOf(worlds.length - 1)).includes('"lastScaleAtMs":1'));
  }

  /** After how many seconds, to the next ten, replicas come down from 4 to 1. */
  async function secondsUntilDown(world: ControllerWorld): Promise<number> {
    for (let seconds = 10; seconds <= 1_000; seconds += 10) {
      await clock.advance(10_000);
      if (world.scales.replicas('web') === 1) return seconds;
    }
    return Number.POSITIVE_INFINITY;
  }

  describe('of recommendations: replicas come down', () => {
    const window = windowMs / 1000;

    it('a window after the start when the process before was killed right after it scaled up', async () => {
      await scaleUp();
      await kill();
      await clock.advance(20_000);
      expect(await secondsUntilDown(await begin(4, idleMilli))).to.be.within(window, window + 30);
    });

    it('a window after the start when it was killed later, between two snapshots', async () => {
      await scaleUp();
      await clock.advance(50_000);
      await kill();
      expect(await secondsUntilDown(await begin(4, idleMilli))).to.be.within(window, window + 30);
    });

    it('a window after the last high recommendation, and no later, when it was stopped', async () => {
      await scaleUp();
      await stop();
      await clock.advance(60_000);
      expect(await secondsUntilDown(await begin(4, idleMilli))).to.be.within(window - 65, window - 30);
    });

    it('a window after the start when it was stopped long ago, as nobody knows what was wanted since', async () => {
      await scaleUp();
      await stop();
      await clock.advance(130_000);
      expect(await secondsUntilDown(await begin(4, idleMilli))).to.be.within(window, window + 30);
    });

    it('a window after the start of the last of three when the second was killed before it saved anything', async () => {
      await scaleUp();
      await stop();
      await begin(4, busyMilli);
      await until(async () => (await snapshotOf(1)).includes('"isFinal":false'));
      await kill();
      expect(await secondsUntilDown(await begin(4, idleMilli))).to.be.within(window, window + 30);
    });
  });

  describe('of changes of replicas: a policy of 2 pods in 10 minutes', () => {
    const policies = [{ type: 'Pods', value: 2, periodSeconds: 600 }];
    const spec = { behavior: { scaleUp: { policies, selectPolicy: 'Max' } } };

    /** What the load would have is 8. */
    async function replicasAfter(world: ControllerWorld, ms: number): Promise<number | undefined> {
      await clock.advance(ms);
      return world.scales.replicas('web');
    }

    it('has none left after a process that used them was killed', async () => {
      await scaleUp(spec);
      await kill();
      const world = await begin(4, busyMilli, spec);
      expect(await replicasAfter(world, 570_000)).to.equal(4);
      expect(await replicasAfter(world, 60_000)).to.equal(6);
    });

    it('has none left either when it was killed before it could save that', async () => {
      await begin(2, idleMilli * 50, spec);
      await clock.advance(61_100);
      await until(async () => (await snapshotOf(0)) !== '');
      await kill();
      const world = worlds[0];
      await world?.sample('web', busyMilli);
      expect(world?.scales.replicas('web')).to.equal(4);
      const next = await begin(4, busyMilli, spec);
      expect(await replicasAfter(next, 550_000)).to.equal(4);
    });

    it('has none left when the next process, which learnt that from the status, was killed soon after', async () => {
      await begin(2, idleMilli * 50, spec);
      await clock.advance(61_100);
      await until(async () => (await snapshotOf(0)) !== '');
      await kill();
      await worlds[0]?.sample('web', busyMilli);
      const second = await begin(4, idleMilli * 50, spec);
      await second.period(2);
      await until(async () => (await snapshotOf(1)).includes('"lastScaleAtMs":1'));
      expect(second.condition('AbleToScale')).not.to.contain('SucceededRescale');
      await kill();
      expect(await replicasAfter(await begin(4, busyMilli, spec), 500_000)).to.equal(4);
    });

    it('has as many as it had after a process that used none', async () => {
      await begin(2, idleMilli * 50, spec);
      await stop();
      const world = await begin(2, busyMilli, spec);
      expect(await replicasAfter(world, 0)).to.equal(4);
    });
  });

  it('is saved within seconds of a change of replicas, else once a minute', async () => {
    await begin(2, busyMilli);
    const world = worlds[0];
    const saved = async (): Promise<number> => {
      const text = (await world?.registry.metrics()) ?? '';
      return Number(/headroom_controller_snapshots_total\{outcome="written"\} (\d+)/.exec(text)?.[1]);
    };
    await clock.advance(1_100);
    await until(async () => (await saved()) === 1);
    await clock.advance(58_000);
    expect(await saved()).to.equal(1);
    await clock.advance(3_000);
    await until(async () => (await saved()) === 2);
  });
});
