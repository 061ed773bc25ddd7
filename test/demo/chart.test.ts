import { expect } from 'chai';
import { bars, gauge, type TimedValue, valuesByColumn } from '../../demo/chart.ts';
import { plainText } from '../../demo/text.ts';

const styleOf = (): 'accent' => 'accent';

describe('bars', () => {
  const check = (
    title: string,
    values: readonly (number | undefined)[],
    height: number,
    expected: readonly string[],
  ): void => {
    it(title, () => {
      expect(bars(values, { top: 8, height, styleOf }).map(plainText)).to.deep.equal(expected);
    });
  };
  check('rise with the value', [1, 2, 3, 4, 5, 6, 7, 8], 1, ['▁▂▃▄▅▆▇█']);
  check('show zero as a thin line', [0], 1, ['▁']);
  check('are cut at the top', [9, 800], 1, ['██']);
  check('are blank where nothing is known', [undefined, 8], 1, [' █']);
  check('take several lines', [2, 4, 5, 8], 2, ['  ▂█', '▄███']);

  it('are one span as long as the style stays', () => {
    const lines = bars([1, 2, 8], { top: 8, height: 1, styleOf: (value) => (value > 4 ? 'warn' : 'good') });
    expect(lines).to.deep.equal([
      [
        { text: '▁▂', style: 'good' },
        { text: '█', style: 'warn' },
      ],
    ]);
  });
});

describe('values by column', () => {
  const axis = { originMs: 1_000, columns: 4, columnMs: 100 };
  const samples = (...pairs: readonly (readonly [number, number | undefined])[]): readonly TimedValue[] =>
    pairs.map(([atMs, value]) => ({ atMs: 1_000 + atMs, value }));
  const check = (title: string, values: readonly TimedValue[], nowMs: number, expected: readonly unknown[]): void => {
    it(title, () => {
      expect(valuesByColumn(values, { ...axis, nowMs: 1_000 + nowMs })).to.deep.equal(expected);
    });
  };
  check('begin on the left, and leave the future open', samples([0, 1], [100, 2]), 150, [1, 2, undefined, undefined]);
  check('move on when the chart is full', samples([0, 1], [100, 2], [200, 3], [300, 4], [400, 5]), 400, [2, 3, 4, 5]);
  check('are the highest within a column', samples([0, 1], [50, 9], [99, 2]), 99, [9, undefined, undefined, undefined]);
  check('carry on over columns without a sample', samples([0, 1], [300, 4]), 300, [1, 1, 1, 4]);
  check('carry in what has left the chart', samples([0, 7]), 500, [7, 7, 7, 7]);
  check('are not known before the first sample', samples([0, undefined], [200, 3]), 300, [undefined, undefined, 3, 3]);

  it('of a moment do not change as the chart moves within a column', () => {
    const values = samples([0, 1], [120, 2], [280, 3], [310, 4]);
    const at = (nowMs: number) => valuesByColumn(values, { ...axis, nowMs: 1_000 + nowMs });
    expect(at(410)).to.deep.equal(at(490));
  });
});

describe('the gauge', () => {
  const check = (value: number, expected: string): void => {
    it(`at ${value} of a target of 50 is ${expected}`, () => {
      expect(plainText(gauge(value, 50, 11, 'good'))).to.equal(expected);
    });
  };
  check(0, '░░░░░┃░░░░░');
  check(25, '███░░┃░░░░░');
  check(50, '█████┃░░░░░');
  check(75, '█████┃██░░░');
  check(100, '█████┃█████');
  check(400, '█████┃█████');
});
