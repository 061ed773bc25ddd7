import { expect } from 'chai';
import { quantile, summarize } from '../../bench/statistics.ts';

describe('bench/statistics', () => {
  const check = (share: number, values: readonly number[], expected: number): void => {
    it(`the ${share} quantile of ${JSON.stringify(values)} is ${expected}`, () => {
      expect(quantile(values, share)).to.equal(expected);
    });
  };

  check(0, [3, 5], 3);
  check(0.5, [7], 7);
  check(0.5, [1, 2], 1);
  check(0.5, [1, 2, 3], 2);
  check(0.99, [1, 2, 3, 4], 4);
  check(1, [1, 2, 3, 4], 4);

  it('a quantile of nothing is refused', () => {
    expect(() => quantile([], 0.5)).to.throw(RangeError);
  });

  it('a summary sorts by value, not by text, and leaves the given values alone', () => {
    const values = [10, 9, 100, 1];
    expect(summarize(values)).to.deep.equal({ count: 4, mean: 30, p50: 9, p90: 100, p95: 100, p99: 100, max: 100 });
    expect(values).to.deep.equal([10, 9, 100, 1]);
  });
});
