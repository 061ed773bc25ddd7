import { expect } from 'chai';
import { StatusRounds } from '../../src/controller/status-rounds.ts';
import { RateLimiter } from '../../src/kube/rate-limiter.ts';
import { FakeClock } from '../support/fake-clock.ts';

const syncPeriodMs = 15_000;

/** What a time without any write does to the statuses of so many autoscalers whose usage is never twice the same. */
interface Course {
  readonly autoscalers: number;
  readonly qps: number;
  readonly burst: number;
  readonly minutes: number;
  /** When the first sync of an autoscaler begins, as a part of the period. Syncs keep their distances from then on. */
  readonly phase: (index: number) => number;
}

interface Told {
  /** The longest time that a status kept its values. */
  readonly oldestMs: number;
  readonly writesPerSecond: number;
  readonly fewestTokensLeft: number;
}

function run({ autoscalers, qps, burst, minutes, phase }: Course): Told {
  const clock = new FakeClock();
  const startMs = clock.monotonic();
  const limiter = new RateLimiter({ clock, qps, burst });
  const rounds = new StatusRounds(syncPeriodMs);
  const writtenAtMs = Array.from({ length: autoscalers }, () => startMs);
  const syncs = Array.from({ length: autoscalers }, (_, index) => ({ index, atMs: phase(index) * syncPeriodMs }));
  syncs.sort((a, b) => a.atMs - b.atMs);
  let oldestMs = 0;
  let writes = 0;
  for (let period = 0; period < minutes * 4; period++) {
    for (const { index, atMs } of syncs) {
      const nowMs = startMs + period * syncPeriodMs + atMs;
      clock.standStill(Math.max(0, nowMs - clock.monotonic()));
      oldestMs = Math.max(oldestMs, nowMs - (writtenAtMs[index] ?? 0));
      if (!rounds.allows(String(index), limiter.hasRoom, nowMs)) continue;
      if (!limiter.tryAcquire(1)) throw new Error('there was no room');
      writtenAtMs[index] = nowMs;
      writes += 1;
    }
  }
  let fewestTokensLeft = 0;
  while (limiter.tryAcquire(1)) fewestTokensLeft += 1;
  return { oldestMs, writesPerSecond: writes / (minutes * 60), fewestTokensLeft };
}

describe('rounds of new values', () => {
  const check = (title: string, phase: Course['phase']): void => {
    it(`rewrite each of 3,000 statuses within two rounds of 3,000 / 20 s: ${title}`, () => {
      const { oldestMs, writesPerSecond, fewestTokensLeft } = run({
        autoscalers: 3_000,
        qps: 20,
        burst: 30,
        minutes: 15,
        phase,
      });
      const roundMs = (3_000 / 20) * 1000 + syncPeriodMs;
      expect(oldestMs).to.be.at.most(2 * roundMs + syncPeriodMs);
      expect(writesPerSecond).to.be.within(16, 20.1);
      expect(fewestTokensLeft, 'for what matters more').to.be.at.least(14);
    });
  };
  check('syncs that are spread evenly', (index) => index / 3_000);
  // Weyl's sequence: as even as chance, and the same on every run.
  check('syncs that are spread as by chance', (index) => (index * Math.SQRT2) % 1);

  it('write everything at once while there is room for all', () => {
    const { oldestMs } = run({ autoscalers: 250, qps: 20, burst: 30, minutes: 5, phase: (index) => index / 250 });
    expect(oldestMs).to.equal(syncPeriodMs);
  });

  it('let nobody write twice while somebody waits', () => {
    const rounds = new StatusRounds(syncPeriodMs);
    expect([rounds.allows('a', false, 0), rounds.allows('b', false, 1)]).to.deep.equal([false, false]);
    expect([rounds.allows('a', true, 2), rounds.allows('a', true, 3)]).to.deep.equal([true, false]);
    expect([rounds.allows('new', true, 4), rounds.allows('b', true, 5)]).to.deep.equal([false, true]);
    expect([rounds.allows('new', true, 6), rounds.allows('a', true, 7)]).to.deep.equal([true, true]);
  });

  describe('do not wait for an autoscaler', () => {
    const checkLeaving = (title: string, leave: (rounds: StatusRounds) => void, nowMs = 10): void => {
      it(title, () => {
        const rounds = new StatusRounds(syncPeriodMs);
        expect(rounds.allows('gone', false, 0)).to.equal(false);
        leave(rounds);
        expect(rounds.allows('a', true, nowMs)).to.equal(true);
      });
    };
    checkLeaving('that was deleted', (rounds) => rounds.delete('gone'));
    checkLeaving('whose status was written for another reason', (rounds) => rounds.settled('gone'));
    checkLeaving('that did not come for three periods', () => undefined, 3 * syncPeriodMs + 1);
  });
});
