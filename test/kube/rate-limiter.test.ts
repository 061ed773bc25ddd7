import { expect } from 'chai';
import { RateLimiter } from '../../src/kube/rate-limiter.ts';
import type { Priority } from '../../src/kube/types.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('RateLimiter', () => {
  const never = new AbortController().signal;
  let clock: FakeClock;
  let sent: string[];

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
  });

  const send = (limiter: RateLimiter, name: string, priority: Priority = 'read', signal = never): void => {
    limiter.acquire(priority, signal).then(
      () => sent.push(name),
      () => sent.push(`${name} gave up`),
    );
  };

  it('lets a burst through at once and the rest at the rate', async () => {
    const limiter = new RateLimiter({ clock, qps: 2, burst: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) send(limiter, name);
    await clock.advance(0);
    expect(sent).to.deep.equal(['a', 'b', 'c']);
    await clock.advance(500);
    expect(sent).to.deep.equal(['a', 'b', 'c', 'd']);
    await clock.advance(500);
    expect(sent).to.deep.equal(['a', 'b', 'c', 'd', 'e']);
  });

  it('saves up no more than the burst', async () => {
    const limiter = new RateLimiter({ clock, qps: 100, burst: 2 });
    await clock.advance(60_000);
    for (const name of ['a', 'b', 'c']) send(limiter, name);
    await clock.advance(0);
    expect(sent).to.deep.equal(['a', 'b']);
    await clock.advance(10);
    expect(sent).to.deep.equal(['a', 'b', 'c']);
  });

  it('lets writes that wait go before reads that wait longer', async () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 1 });
    send(limiter, 'first');
    send(limiter, 'read');
    send(limiter, 'write', 'write');
    await clock.advance(2_000);
    expect(sent).to.deep.equal(['first', 'write', 'read']);
  });

  it('gives most turns to the urgent, and some to everybody who waits', async () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 1 });
    send(limiter, 'first');
    for (let index = 0; index < 14; index++) {
      for (const priority of ['read', 'write', 'urgent'] as const) send(limiter, priority, priority);
    }
    await clock.advance(14_000);
    const count = (priority: Priority): number => sent.filter((name) => name === priority).length;
    expect([count('urgent'), count('write'), count('read')]).to.deep.equal([6, 4, 4]);
  });

  it('gives turns that nobody needs to the most urgent who waits', async () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 1 });
    send(limiter, 'first');
    for (let index = 0; index < 8; index++) send(limiter, 'read', 'read');
    for (let index = 0; index < 8; index++) send(limiter, 'write', 'write');
    await clock.advance(7_000);
    expect(sent.slice(1)).to.have.members([...Array.from({ length: 5 }, () => 'write'), 'read', 'read']);
  });

  it('hands out several tokens at once only when all of them are there', async () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 3 });
    expect([limiter.tryAcquire(2), limiter.tryAcquire(2), limiter.tryAcquire(1)]).to.deep.equal([true, false, true]);
    limiter.acquire('write', never, 2).then(
      () => sent.push('two'),
      () => undefined,
    );
    await clock.advance(1_000);
    expect(limiter.tryAcquire(1), 'nobody overtakes who waits').to.equal(false);
    expect(sent).to.deep.equal([]);
    await clock.advance(1_000);
    expect(sent).to.deep.equal(['two']);
  });

  it('has room while half of the burst is there and nobody waits', async () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 4 });
    const seen = [2, 1].map((tokens) => limiter.tryAcquire(tokens) && limiter.hasRoom);
    expect(seen).to.deep.equal([true, false]);
    await clock.advance(1_000);
    expect(limiter.hasRoom).to.equal(true);
    send(limiter, 'a');
    send(limiter, 'b');
    send(limiter, 'c');
    expect(limiter.hasRoom).to.equal(false);
    await clock.advance(1_000);
    limiter.giveBack(2);
    expect(limiter.hasRoom).to.equal(true);
  });

  it('has room for a single request when the burst is one', () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 1 });
    expect([limiter.hasRoom, limiter.tryAcquire(1), limiter.hasRoom]).to.deep.equal([true, true, false]);
  });

  it('forgets who gives up, without losing their token', async () => {
    const limiter = new RateLimiter({ clock, qps: 1, burst: 1 });
    const impatient = new AbortController();
    send(limiter, 'first');
    send(limiter, 'impatient', 'read', impatient.signal);
    send(limiter, 'patient');
    impatient.abort();
    await clock.advance(1_000);
    expect(sent).to.deep.equal(['first', 'impatient gave up', 'patient']);
  });

  it('has no limit when the rate is negative', async () => {
    const limiter = new RateLimiter({ clock, qps: -1, burst: 0 });
    for (let index = 0; index < 100; index++) send(limiter, String(index));
    await clock.advance(0);
    expect(sent).to.have.length(100);
    expect([limiter.hasRoom, limiter.tryAcquire(1000)]).to.deep.equal([true, true]);
  });
});
