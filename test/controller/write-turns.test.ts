import { expect } from 'chai';
import { WriteTurns } from '../../src/controller/write-turns.ts';
import { RateLimiter } from '../../src/kube/rate-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';

const scaleUp = { requests: 2, priority: 'urgent' } as const;
const scaleDown = { requests: 2, priority: 'write' } as const;
const news = { requests: 1, priority: 'write' } as const;

describe('turns to write', () => {
  let clock: FakeClock;
  let limiter: RateLimiter;
  let turns: WriteTurns;
  let called: string[];

  /** One request a second, and none saved up. */
  beforeEach(() => {
    clock = new FakeClock();
    limiter = new RateLimiter({ clock, qps: 1, burst: 4 });
    limiter.tryAcquire(4);
    called = [];
    turns = new WriteTurns({ clock, budget: limiter, syncPeriodMs: 15_000, onTurn: (key) => called.push(key) });
  });

  it('come at once while there are tokens', async () => {
    await clock.advance(2_000);
    expect(turns.ask('a', scaleUp)).to.equal('go');
    expect(turns.ask('b', news)).to.equal('wait');
    expect(turns.waiting).to.equal(1);
  });

  it('are called, and held until they are used', async () => {
    expect(turns.ask('a', scaleUp)).to.equal('wait');
    await clock.advance(1_999);
    expect(called).to.deep.equal([]);
    await clock.advance(1);
    expect(called).to.deep.equal(['a']);
    expect(turns.isInLine('a')).to.equal(true);
    expect(turns.ask('a', scaleUp)).to.equal('go');
    expect([turns.isInLine('a'), turns.waiting]).to.deep.equal([false, 0]);
  });

  it('come to scaling up first, and in the order of asking', async () => {
    const wishes = { down: scaleDown, up: scaleUp, later: scaleUp, status: news };
    for (const [key, wish] of Object.entries(wishes)) turns.ask(key, wish);
    await clock.advance(10_000);
    expect(called.indexOf('up')).to.be.lessThan(called.indexOf('later'));
    expect(called.indexOf('down')).to.be.lessThan(called.indexOf('status'));
    expect(called[0]).to.equal('up');
    expect(called).to.have.members(Object.keys(wishes));
  });

  it('keep their place however often they are asked for', async () => {
    turns.ask('a', news);
    turns.ask('b', news);
    turns.ask('a', news);
    await clock.advance(1_000);
    expect(called).to.deep.equal(['a']);
  });

  it('are lost by who leaves, for whoever is next', async () => {
    turns.ask('a', news);
    turns.ask('b', news);
    turns.leave('a');
    await clock.advance(1_000);
    expect(called).to.deep.equal(['b']);
  });

  it('that were called and are not needed give their tokens back', async () => {
    turns.ask('a', scaleUp);
    await clock.advance(2_000);
    turns.ask('b', scaleUp);
    turns.leave('a');
    expect(limiter.hasRoom).to.equal(false);
    await clock.advance(2_000);
    expect(called).to.deep.equal(['a', 'b']);
  });

  it('that were called for more than is needed pay for less', async () => {
    turns.ask('a', scaleUp);
    await clock.advance(2_000);
    expect(turns.ask('a', news)).to.equal('go');
    expect(turns.ask('b', news)).to.equal('go');
  });

  it('that were called for less than is needed are asked for anew', async () => {
    turns.ask('a', news);
    await clock.advance(1_000);
    expect(turns.ask('a', scaleUp)).to.equal('wait');
    await clock.advance(1_000);
    expect(turns.ask('a', scaleUp)).to.equal('go');
  });

  it('are not needed for nothing', () => {
    turns.ask('a', news);
    expect(turns.ask('a', 'nothing')).to.equal('go');
    expect(turns.isInLine('a')).to.equal(false);
  });

  it('are no matter for new values: they are written while there is room, else left out', async () => {
    expect(turns.ask('a', 'values')).to.equal('leave-out');
    await clock.advance(1_000);
    expect(turns.ask('a', 'values')).to.equal('leave-out');
    await clock.advance(1_000);
    expect(turns.ask('b', 'values'), 'a was turned away, b was not').to.equal('leave-out');
    expect(turns.ask('a', 'values')).to.equal('go');
    expect(turns.waiting).to.equal(0);
  });

  it('end when nobody writes any more', async () => {
    turns.ask('a', news);
    turns.close();
    await clock.advance(10_000);
    expect(called).to.deep.equal([]);
    expect(turns.waiting).to.equal(0);
  });
});
