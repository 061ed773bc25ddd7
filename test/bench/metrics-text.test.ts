import { expect } from 'chai';
import { sumOf } from '../../bench/metrics-text.ts';

describe('bench/metrics-text', () => {
  const page = [
    '# HELP looks_total Looks.',
    '# TYPE looks_total counter',
    'looks_total{trigger="sync",outcome="commit"} 5',
    'looks_total{trigger="sync",outcome="defer"} 2',
    'looks_total{trigger="event",outcome="it \\"said\\" so"} 1.5e+2',
    'looks_total_of_others 9',
    'plain 7',
  ].join('\n');

  it('adds up all samples of a name, and no others', () => {
    expect(sumOf(page, 'looks_total')).to.equal(157);
  });

  it('adds up those whose labels are wanted', () => {
    expect(sumOf(page, 'looks_total', ({ trigger }) => trigger === 'sync')).to.equal(7);
    expect(sumOf(page, 'looks_total', ({ outcome }) => outcome?.startsWith('it') === true)).to.equal(150);
  });

  it('reads samples without labels', () => {
    expect(sumOf(page, 'plain')).to.equal(7);
  });

  it('what is not there sums up to nothing', () => {
    expect(sumOf(page, 'look')).to.equal(0);
  });
});
