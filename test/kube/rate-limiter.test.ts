import { expect } from 'chai';
import { RateLimiter } from '../../src/kube/rate-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('RateLimiter', () => {
  const never = new AbortController().signal;
  let clock: FakeClock;
  let sent: string[];

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
  });

  const send = (limiter: RateLimiter, name: string, priority: 'read' | 'write' = 'read', signal = never): void => {
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
  });
});
