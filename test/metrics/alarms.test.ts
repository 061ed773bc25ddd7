// One timer for all who wait for an instant.
import { expect } from 'chai';
import type { Clock } from '../../src/lib/clock.ts';
import { Alarms } from '../../src/metrics/alarms.ts';
import { FakeClock } from '../support/fake-clock.ts';

describe('Alarms', () => {
  const startMs = new FakeClock().monotonic();

  class Bells {
    readonly clock = new FakeClock();
    readonly alarms: Alarms;
    readonly rung: string[] = [];
    /** Milliseconds of each sleep of the clock. */
    readonly sleeps: number[] = [];

    constructor() {
      const clock: Clock = {
        now: () => this.clock.now(),
        monotonic: () => this.clock.monotonic(),
        deadline: (ms, signal) => this.clock.deadline(ms, signal),
        sleep: (ms, signal) => {
          this.sleeps.push(ms);
          return this.clock.sleep(ms, signal);
        },
      };
      this.alarms = new Alarms(clock);
    }

    readonly ring = (name: string) => (): void => {
      this.rung.push(`${name} at ${this.clock.monotonic() - startMs}`);
    };
  }

  it('ring in order of their time, not before it and not twice', async () => {
    const { alarms, clock, ring, rung } = new Bells();
    alarms.after(30, ring('late'));
    alarms.after(10, ring('early'));
    alarms.at(startMs + 20, ring('between'));
    await clock.advance(29);
    expect(rung).to.deep.equal(['early at 10', 'between at 20']);
    await clock.advance(1000);
    expect(rung).to.deep.equal(['early at 10', 'between at 20', 'late at 30']);
  });

  it('share one sleep when they are due at one time', async () => {
    const { alarms, clock, ring, rung, sleeps } = new Bells();
    for (const name of ['a', 'b', 'c']) alarms.after(250, ring(name));
    await clock.advance(250);
    expect(rung).to.have.length(3);
    expect(sleeps).to.deep.equal([250]);
  });

  it('sleep for whole milliseconds, as timers do that would wake up too early otherwise', async () => {
    const { alarms, clock, ring, rung, sleeps } = new Bells();
    alarms.at(startMs + 9.5, ring('a'));
    await clock.advance(20);
    expect(rung).to.deep.equal(['a at 10']);
    expect(sleeps).to.deep.equal([10]);
  });

  it('ring at once when their time is over', async () => {
    const { alarms, clock, ring, rung } = new Bells();
    alarms.after(-5, ring('past'));
    expect(rung).to.deep.equal([]);
    await clock.advance(0);
    expect(rung).to.deep.equal(['past at 0']);
  });

  it('do not ring when they were cancelled, and leave nothing that waits when none is left', async () => {
    const { alarms, clock, ring, rung } = new Bells();
    const first = alarms.after(10, ring('first'));
    const second = alarms.after(20, ring('second'));
    alarms.cancel(first);
    alarms.cancel(second);
    alarms.cancel(second);
    await clock.advance(0);
    alarms.after(30, ring('third'));
    await clock.advance(100);
    expect(rung).to.deep.equal(['third at 30']);
    alarms.cancel(first);
    alarms.after(1, ring('fourth'));
    await clock.advance(100);
    expect(rung).to.deep.equal(['third at 30', 'fourth at 101']);
  });

  it('wake nobody for one that was cancelled', async () => {
    const { alarms, clock, ring, sleeps } = new Bells();
    alarms.after(10, ring('next'));
    alarms.cancel(alarms.after(20, ring('deadline')));
    alarms.after(30, ring('last'));
    await clock.advance(100);
    expect(sleeps).to.deep.equal([10, 20]);
  });

  it('may be set while others ring', async () => {
    const { alarms, clock, ring, rung } = new Bells();
    alarms.after(10, () => alarms.after(5, ring('set')));
    alarms.after(30, ring('other'));
    await clock.advance(100);
    expect(rung).to.deep.equal(['set at 15', 'other at 30']);
  });
});
