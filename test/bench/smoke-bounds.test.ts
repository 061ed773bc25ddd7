import { expect } from 'chai';
import { renderBounds } from '../../bench/smoke-bounds.ts';

describe('bench/smoke-bounds', () => {
  const verdictOf = (value: number): string | undefined =>
    renderBounds([{ what: 'ratio', value, atMost: 0.5 }])
      .split('  ')
      .at(-1);

  const check = (value: number, verdict: string): void => {
    it(`${value} against at most 0.5: ${verdict}`, () => {
      expect(verdictOf(value)).to.equal(verdict);
    });
  };

  check(0, 'holds');
  check(0.5, 'holds');
  check(0.51, 'BROKEN');
  // Nothing was measured.
  check(Number.NaN, 'BROKEN');

  it('lines stand under each other', () => {
    const lines = renderBounds([
      { what: 'short', value: 0, atMost: 1 },
      { what: 'rather longer', value: 12.345, atMost: 1 },
    ]);
    expect(lines).to.equal('short            0.00  at most 1.00  holds\nrather longer   12.35  at most 1.00  BROKEN');
  });
});
