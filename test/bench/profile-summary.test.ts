import { expect } from 'chai';
import { summarizeProfile } from '../../bench/profile-summary.ts';

describe('bench/profile-summary', () => {
  const node = (id: number, functionName: string, url: string, lineNumber: number) => ({
    id,
    callFrame: { functionName, url, lineNumber },
  });
  const profile = {
    nodes: [
      node(1, '(idle)', '', -1),
      node(2, 'parse', 'file:///somewhere/headroom/src/metrics/exposition.ts', 41),
      node(3, 'parse', 'file:///somewhere/headroom/src/metrics/exposition.ts', 41),
      node(4, '', 'node:internal/timers', 0),
      node(5, '(garbage collector)', '', -1),
    ],
    samples: [1, 2, 3, 4, 5, 1],
    timeDeltas: [5000, 1000, 2000, 500, 500, 9000],
  };

  it('idle time is no cost, and a function called from two places is one function', () => {
    expect(summarizeProfile(profile, 10)).to.deep.equal({
      busyMs: 4,
      costs: [
        { place: 'parse src/metrics/exposition.ts:42', selfMs: 3, share: 0.75 },
        { place: '(anonymous) node:internal/timers:1', selfMs: 0.5, share: 0.125 },
        { place: '(garbage collector)', selfMs: 0.5, share: 0.125 },
      ],
    });
  });

  it('only the most expensive functions are kept', () => {
    expect(summarizeProfile(profile, 1).costs).to.have.length(1);
  });
});
