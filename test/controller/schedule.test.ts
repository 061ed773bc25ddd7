import { expect } from 'chai';
import { minLookGapMs, Schedule } from '../../src/controller/schedule.ts';

const periodMs = 15_000;

describe('the schedule of looks', () => {
  /** A sync of `a` that begins and ends at once. */
  const sync = (schedule: Schedule, nowMs: number): void => schedule.synced('a', nowMs, nowMs);

  it('an autoscaler is due when it is new, a part of the period later, and then once per period', () => {
    const schedule = new Schedule(periodMs);
    expect([schedule.isDue('a', 0), schedule.isPeriodic('a', 0)]).to.deep.equal([true, false]);
    sync(schedule, 0);
    const firstMs = schedule.untilDueMs('a', 0);
    expect(firstMs).to.be.within(1, periodMs);
    expect([schedule.isDue('a', firstMs), schedule.isPeriodic('a', firstMs)]).to.deep.equal([true, true]);
    schedule.synced('a', firstMs, firstMs + 7);
    const secondMs = firstMs + 7 + periodMs;
    expect(schedule.isDue('a', secondMs - 0.5)).to.equal(false);
    expect(schedule.untilDueMs('a', secondMs - 1)).to.equal(1);
    expect([schedule.isDue('a', secondMs), schedule.isPeriodic('a', secondMs)]).to.deep.equal([true, true]);
    expect(schedule.untilDueMs('a', secondMs + 4_000)).to.equal(0);
  });

  it('an autoscaler that changed is due at once, and its periods stay as they are', () => {
    const schedule = new Schedule(periodMs);
    sync(schedule, 0);
    const periodAtMs = schedule.untilPeriodMs('a', 0);
    schedule.makeDue('a', 5);
    expect([schedule.isDue('a', 5), schedule.isPeriodic('a', 5)]).to.deep.equal([true, false]);
    sync(schedule, 5);
    expect(schedule.untilDueMs('a', 5)).to.equal(periodAtMs - 5);
  });

  it('an autoscaler that changes while it is looked at is due again', () => {
    const schedule = new Schedule(periodMs);
    schedule.makeDue('a', 6);
    schedule.synced('a', 5, 8);
    expect(schedule.isDue('a', 8)).to.equal(true);
  });

  it('what is deferred stays due, but its period has had its sync', () => {
    const schedule = new Schedule(periodMs);
    sync(schedule, 0);
    const periodAtMs = schedule.untilPeriodMs('a', 0);
    schedule.deferred('a', periodAtMs, periodAtMs);
    expect([schedule.isDue('a', periodAtMs), schedule.isPeriodic('a', periodAtMs)]).to.deep.equal([true, false]);
    expect(schedule.untilPeriodMs('a', periodAtMs)).to.equal(periodMs);
  });

  it('autoscalers that were seen at once spread evenly over the period, the same way on every run', () => {
    const offsets = (): number[] => {
      const schedule = new Schedule(periodMs);
      return Array.from({ length: 3000 }, (_, index) => {
        const key = `HorizontalPodAutoscaler/shop-${index % 50}/web-${index}`;
        schedule.synced(key, 0, 0);
        return schedule.untilDueMs(key, 0);
      });
    };
    const found = offsets();
    expect(offsets()).to.deep.equal(found);
    const perSecond = Array.from(
      { length: 15 },
      (_, second) => found.filter((ms) => Math.floor((ms - 1e-9) / 1000) === second).length,
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
