import { expect } from 'chai';
import { minLookGapMs, Schedule } from '../../src/controller/schedule.ts';

const periodMs = 15_000;

describe('the schedule of looks', () => {
  it('an autoscaler is due when it is new, and a period after each sync', () => {
    const schedule = new Schedule(periodMs);
    expect(schedule.isDue('a', 0)).to.equal(true);
    schedule.synced('a', 0);
    schedule.synced('a', 1_000);
    expect(schedule.isDue('a', 15_999)).to.equal(false);
    expect(schedule.untilDueMs('a', 15_999)).to.equal(1);
    expect(schedule.isDue('a', 16_000)).to.equal(true);
    expect(schedule.untilDueMs('a', 20_000)).to.equal(0);
  });

  it('an autoscaler that changed is due at once', () => {
    const schedule = new Schedule(periodMs);
    schedule.synced('a', 0);
    schedule.makeDue('a', 5);
    expect(schedule.isDue('a', 5)).to.equal(true);
  });

  it('autoscalers that were seen at once spread evenly over the period, the same way on every run', () => {
    const offsets = (): number[] => {
      const schedule = new Schedule(periodMs);
      return Array.from({ length: 3000 }, (_, index) => {
        const key = `HorizontalPodAutoscaler/shop-${index % 50}/web-${index}`;
        schedule.synced(key, 0);
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
