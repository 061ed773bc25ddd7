// What many autoscalers do that want to write more than the rate limit allows.
import { expect } from 'chai';
import { ControllerWorld, syncPeriodMs } from '../support/controller-fakes.ts';

describe('a herd of autoscalers', () => {
  let world: ControllerWorld;
  const limit = { qps: 2, burst: 4 };
  /** What was recommended before counts for nothing. */
  const behavior = { scaleDown: { stabilizationWindowSeconds: 0 } };

  afterEach(async () => {
    const stopped = world.controller.stop();
    await world.clock.advance(10_000);
    await stopped;
  });

  /** So many HPAs, app-0 and on, at their target, whose statuses are written. */
  const settle = async (count: number): Promise<readonly string[]> => {
    world = new ControllerWorld({ limit });
    const names = Array.from({ length: count }, (_, index) => `app-${index}`);
    for (const name of names) {
      world.deploy(name, 2, 500);
      world.api.put({ name, target: name, spec: { behavior } });
    }
    await world.start();
    await world.clock.advance((count / limit.qps) * 1_000 + 2 * syncPeriodMs);
    for (const name of names) expect(world.status(name)).to.include({ currentReplicas: 2 });
    return names;
  };

  const requestCount = (): number => world.requests.length + world.scales.updates.length;

  it('writes within the limit, until all have scaled', async () => {
    const names = await settle(30);
    for (const name of names) world.use(name, 900);
    const before = requestCount();
    let most = 0;
    for (let second = 0; second < 60; second++) {
      const at = requestCount();
      await world.clock.advance(1_000);
      most = Math.max(most, requestCount() - at);
      expect(requestCount() - before).to.be.at.most(limit.burst + limit.qps * (second + 1));
    }
    expect(most).to.be.at.most(limit.burst + limit.qps);
    expect(names.map((name) => world.scales.replicas(name))).to.deep.equal(names.map(() => 4));
    for (const name of names) expect(world.status(name)).to.include({ desiredReplicas: 4 });
  });

  it('goes on being looked at once a period, whoever waits to write', async () => {
    const names = await settle(60);
    const lookedAtMs = new Map<string, number>(names.map((name) => [name, world.clock.now()]));
    let longestMs = 0;
    const read = world.scales.getScale.bind(world.scales);
    world.scales.getScale = (reference, namespace) => {
      const nowMs = world.clock.now();
      longestMs = Math.max(longestMs, nowMs - (lookedAtMs.get(reference.name) ?? 0));
      lookedAtMs.set(reference.name, nowMs);
      return read(reference, namespace);
    };
    for (const name of names) world.use(name, 900);
    await world.clock.advance(70_000);
    expect(longestMs).to.be.at.most(syncPeriodMs);
    expect(world.scales.updates.length).to.be.at.least(60);
  });

  it('scales up before it scales down', async () => {
    const names = await settle(20);
    const [up, down] = [names.slice(10), names.slice(0, 10)];
    for (const name of down) world.use(name, 200);
    for (const name of up) world.use(name, 900);
    await world.clock.advance(40_000);
    const order = world.scales.updates.map(({ reference }) => (up.includes(reference.name) ? 'up' : 'down'));
    expect(order).to.have.length(20);
    expect(order.slice(4, 10).filter((direction) => direction === 'up').length).to.be.at.least(3);
    expect(order.lastIndexOf('up')).to.be.lessThan(order.lastIndexOf('down'));
  });

  describe('decides when its turn has come, on what is true then:', () => {
    const check = (title: string, cpuMilli: number, expected: number): void => {
      it(title, async () => {
        const names = await settle(20);
        for (const name of names) world.use(name, 900);
        await world.clock.advance(syncPeriodMs);
        const waiting = names.filter((name) => world.scales.replicas(name) === 2);
        expect(waiting).not.to.deep.equal([]);
        for (const name of waiting) world.use(name, cpuMilli);
        await world.clock.advance(30_000);
        expect(waiting.map((name) => world.scales.replicas(name))).to.deep.equal(waiting.map(() => expected));
        expect(world.events.texts.filter((text) => !text.includes('SuccessfulRescale'))).to.deep.equal([]);
      });
    };
    check('replicas for the usage of now', 600, 3);
    check('nothing when nothing is needed any more', 500, 2);
  });

  it('tells new conditions of some while others scale', async () => {
    const names = await settle(40);
    const [broken = '', ...others] = names;
    for (const name of others) world.use(name, 900);
    world.scales.set(broken, { selector: '' });
    await world.clock.advance(2 * syncPeriodMs);
    expect(world.condition('ScalingActive', broken)).to.match(/^False InvalidSelector/);
    expect(
      others.some((name) => world.scales.replicas(name) === 2),
      'others still wait',
    ).to.equal(true);
  });

  it('leaves new values to a later sync while they are more than the limit allows, and writes all in their turn', async () => {
    const names = await settle(60);
    const valueOf = (name: string): unknown => JSON.stringify(world.status(name)['currentMetrics']);
    const rounds = new Map(names.map((name) => [name, 0]));
    const last = new Map(names.map((name) => [name, valueOf(name)]));
    for (let second = 0; second < 240; second++) {
      for (const name of names) world.use(name, 500 + (second % 40));
      await world.clock.advance(1_000);
      for (const name of names) {
        if (valueOf(name) === last.get(name)) continue;
        last.set(name, valueOf(name));
        rounds.set(name, (rounds.get(name) ?? 0) + 1);
      }
    }
    expect(Math.min(...rounds.values())).to.be.at.least(2);
    expect(world.scales.updates).to.deep.equal([]);
    const [first = ''] = names;
    await world.sample(first, 900);
    await world.clock.advance(500);
    expect(world.scales.replicas(first)).to.equal(4);
  });
});
