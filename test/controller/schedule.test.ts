import { expect } from 'chai';
import { minLookGapMs, Schedule } from '../../src/controller/schedule.ts';

const periodMs = 15_000;

describe('the schedule of looks', () => {
  /** A periodic sync of the key that begins and ends at once. Returns when the next period begins. */
  const sync = (schedule: Schedule, nowMs: number, key = 'a'): number => {
    schedule.beginPeriod(key, nowMs, nowMs);
    schedule.synced(key, nowMs);
    return nowMs + schedule.untilDueMs(key, nowMs);
  };

  it('an autoscaler is due when it is new, once more within a period, and from then on once per period', () => {
    const schedule = new Schedule(periodMs);
    let atMs = 0;
    for (let period = 0; period < 30; period++) {
      expect([schedule.isDue('a', atMs), schedule.isPeriodic('a', atMs)]).to.deep.equal([true, true]);
      const nextMs = sync(schedule, atMs);
      if (period === 0) expect(nextMs).to.be.within(1, periodMs);
      else expect(nextMs - atMs).to.equal(periodMs);
      expect(schedule.isDue('a', nextMs - 0.5)).to.equal(false);
      expect(schedule.untilDueMs('a', nextMs - 1)).to.equal(1);
      expect(schedule.untilDueMs('a', nextMs + 4_000)).to.equal(0);
      atMs = nextMs;
    }
  });

  it('a period begins when its sync does, however long that takes; periods that go by meanwhile have none', () => {
    const schedule = new Schedule(periodMs);
    const startMs = sync(schedule, 0);
    schedule.beginPeriod('a', startMs, startMs + 4_000);
    expect(schedule.untilPeriodMs('a', startMs + 4_000)).to.equal(periodMs - 4_000);
    schedule.beginPeriod('a', startMs, startMs + 2 * periodMs + 1);
    expect(schedule.untilPeriodMs('a', startMs + 2 * periodMs + 1)).to.equal(periodMs - 1);
  });

  it('a sync that comes late moves the periods, by whole steps: two are never a step less than a period apart', () => {
    const schedule = new Schedule(periodMs);
    const dueMs = sync(schedule, 0);
    expect(sync(schedule, dueMs + 249.9)).to.equal(dueMs + periodMs);
    expect(sync(schedule, dueMs + periodMs + 250)).to.equal(dueMs + 250 + 2 * periodMs);
  });

  for (const each of [15_000, 60_000, 1_000, 10]) {
    it(`with a period of ${each} ms, the first period is no longer, and others are no step shorter`, () => {
      const schedule = new Schedule(each);
      for (let key = 0; key < 200; key++) {
        const startMs = 12_345.678;
        const nextMs = sync(schedule, startMs, `key-${key}`);
        expect(nextMs).to.be.within(startMs, startMs + each);
        if (each >= 15_000) expect(nextMs % 250).to.equal(0);
        expect(sync(schedule, nextMs, `key-${key}`) - nextMs).to.be.within(each - Math.min(250, each / 10), each);
      }
    });
  }

  it('an autoscaler that changed is due at once, and its periods stay as they are', () => {
    const schedule = new Schedule(periodMs);
    const nextMs = sync(schedule, 0);
    schedule.makeDue('a', 5);
    expect([schedule.isDue('a', 5), schedule.isPeriodic('a', 5)]).to.deep.equal([true, false]);
    schedule.synced('a', 5);
    expect(schedule.untilDueMs('a', 5)).to.equal(nextMs - 5);
  });

  it('an autoscaler that changes while it is looked at is due again', () => {
    const schedule = new Schedule(periodMs);
    sync(schedule, 0);
    schedule.makeDue('a', 6);
    schedule.synced('a', 5);
    expect(schedule.isDue('a', 8)).to.equal(true);
  });

  it('a whole sync is overdue from the moment on at which its period begins or an edit asks for it, whichever is earlier', () => {
    const schedule = new Schedule(periodMs);
    expect(schedule.overdueMs('a', 7)).to.equal(0);
    const nextMs = sync(schedule, 0);
    expect(schedule.overdueMs('a', nextMs)).to.equal(0);
    expect(schedule.overdueMs('a', nextMs + 3)).to.equal(3);
    schedule.makeDue('a', nextMs + 1);
    expect(schedule.overdueMs('a', nextMs + 3)).to.equal(3);
    schedule.beginPeriod('a', nextMs + 3, nextMs + 3);
    expect(schedule.overdueMs('a', nextMs + 4)).to.equal(3);
    schedule.synced('a', nextMs + 3);
    expect(schedule.overdueMs('a', nextMs + 4)).to.equal(0);
  });

  it('a sync that waits on purpose is overdue only when it could begin and does not', () => {
    const schedule = new Schedule(periodMs);
    schedule.makeDue('a', 10);
    schedule.hold('a', 40);
    expect(schedule.overdueMs('a', 39)).to.equal(0);
    expect(schedule.overdueMs('a', 42)).to.equal(2);
    schedule.makeDue('a', 50);
    expect(schedule.overdueMs('a', 53)).to.equal(3);
  });

  it('the most overdue of all autoscalers is known; one that is gone is not', () => {
    const schedule = new Schedule(periodMs);
    expect(schedule.longestOverdueMs(100)).to.equal(0);
    schedule.makeDue('a', 10);
    schedule.makeDue('b', 4);
    expect(schedule.longestOverdueMs(100)).to.equal(96);
    schedule.delete('b');
    expect(schedule.longestOverdueMs(100)).to.equal(90);
  });

  it('autoscalers that were seen at once spread evenly over the period from their second sync on, the same way on every run', () => {
    const offsets = (): number[] => {
      const schedule = new Schedule(periodMs);
      return Array.from({ length: 3000 }, (_, index) =>
        sync(schedule, 0, `HorizontalPodAutoscaler/shop-${index % 50}/web-${index}`),
      );
    };
    const found = offsets();
    expect(offsets()).to.deep.equal(found);
    const perSecond = Array.from(
      { length: 15 },
      (_, second) => found.filter((ms) => Math.floor((ms - 1e-6) / 1000) === second).length,
    );
    expect(Math.min(...perSecond)).to.be.greaterThan(140);
    expect(Math.max(...perSecond)).to.be.lessThan(260);
  });

  it('the first event after a quiet time calls for a look at once, the next ones wait', () => {
    const schedule = new Schedule(periodMs);
    expect(schedule.untilLookMs('a', 0)).to.equal(0);
    schedule.looked('a', 100);
    expect(schedule.untilLookMs('a', 300)).to.equal(minLookGapMs - 200);
    expect(schedule.untilLookMs('a', 100 + minLookGapMs)).to.equal(0);
  });
});
