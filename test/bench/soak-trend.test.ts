import { expect } from 'chai';
import { type Point, perPeriod, trendOf } from '../../bench/soak-trend.ts';
import { seededRandom } from '../../test/cluster/sim/random.ts';

const minuteMs = 60_000;

/** One point a minute. */
function points(count: number, value: (minute: number) => number): readonly Point[] {
  return Array.from({ length: count }, (_, minute) => ({ atMs: minute * minuteMs, value: value(minute) }));
}

describe('bench/soak-trend', () => {
  const check = (title: string, value: (minute: number) => number, perHour: number, level: number): void => {
    it(title, () => {
      const trend = trendOf(points(61, value));
      expect(trend?.perHour).to.be.closeTo(perHour, 1e-6);
      expect(trend?.marginPerHour).to.be.closeTo(0, 1e-6);
      expect(trend?.level).to.be.closeTo(level, 1e-6);
    });
  };

  check('what does not change has no slope', () => 500, 0, 500);
  check('a straight line is its own slope', (minute) => 100 + 2 * minute, 120, 160);
  check('a slope may be negative', (minute) => -minute, -60, -30);

  it('noise makes a slope unsure, and the true one lies within the margin', () => {
    const random = seededRandom(7);
    const trend = trendOf(points(50, (minute) => minute + 20 * (random() - 0.5)));
    expect(trend?.marginPerHour).to.be.within(3, 20);
    expect(Math.abs((trend?.perHour ?? 0) - 60)).to.be.lessThan(trend?.marginPerHour ?? 0);
  });

  it('noise that remembers makes it less sure than noise that does not', () => {
    const random = seededRandom(7);
    const noise = Array.from({ length: 60 }, () => random() - 0.5);
    const slow = noise.map((_, index) => noise.slice(Math.max(0, index - 9), index + 1).reduce((a, b) => a + b, 0));
    const spreadOf = (values: readonly number[]): number =>
      Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
    const margin = (values: readonly number[]): number =>
      (trendOf(points(60, (minute) => values[minute] ?? 0))?.marginPerHour ?? 0) / spreadOf(values);
    expect(margin(slow)).to.be.greaterThan(1.5 * margin(noise));
  });

  it('the second half has a slope of its own', () => {
    const settling = trendOf(points(50, (minute) => Math.min(minute, 20)));
    expect(settling?.perHour).to.be.greaterThan(10);
    expect(settling?.laterPerHour).to.equal(0);
    expect(trendOf(points(8, (minute) => minute))?.laterPerHour).to.equal(undefined);
  });

  it('few points, or points of one instant, have no trend', () => {
    expect(trendOf(points(4, (minute) => minute))).to.equal(undefined);
    expect(trendOf(points(10, () => 1).map(({ value }) => ({ value, atMs: 5 })))).to.equal(undefined);
  });

  it('each period is one point: its median or its floor', () => {
    const seconds = Array.from({ length: 120 }, (_, second) => ({ atMs: second * 1000, value: second % 60 }));
    expect(perPeriod(seconds, minuteMs, 0.5)).to.deep.equal([
      { atMs: 30_000, value: 29 },
      { atMs: 90_000, value: 29 },
    ]);
    expect(perPeriod(seconds, minuteMs, 0).map(({ value }) => value)).to.deep.equal([0, 0]);
  });
});
