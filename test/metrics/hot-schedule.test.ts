// When a hot node is scraped: docs/metrics-math.md section 7.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { learnRefresh, nextHotScrapeAt, sharedFastMs, shortestRefreshMs } from '../../src/metrics/hot-schedule.ts';

const resolutionMs = 15_000;
const fastMs = 5000;

describe('nextHotScrapeAt (7.2)', () => {
  /** Seconds from the end of the last scrape to the next one; the oldest sample was that old then. */
  const check = (rule: string, ageSeconds: number, refreshSeconds: number, seconds: number): void => {
    it(rule, () => {
      const hot = { endedAtMs: 100_000, sampledAtMs: 100_000 - ageSeconds * 1000, refreshMs: refreshSeconds * 1000 };
      expect(nextHotScrapeAt(hot, fastMs, resolutionMs)).to.equal(100_000 + seconds * 1000);
    });
  };
  check('half a fast step after the earliest refresh', 2, 10, 10.5);
  check('in steps of 250 ms', 2.1, 10, 10.5);
  check('not sooner than a fast step after the last scrape', 9, 10, 5);
  check('every fast step while the refresh is late', 30, 10, 5);
  check('not later than the resolution, however slow the kubelet is', 0, 30, 15);
  check('as if sampled just now when the sample is of the future', -60, 10, 12.5);
  check('as if sampled just now when there is no sample', Number.NEGATIVE_INFINITY, 10, 12.5);

  const cases = fc.record({
    endedAtMs: fc.nat(10 ** 9),
    ageMs: fc.integer({ min: -100_000, max: 100_000 }),
    refreshMs: fc.integer({ min: shortestRefreshMs, max: 60_000 }),
    fast: fc.integer({ min: 1000, max: resolutionMs }),
  });

  it('is never in vain before the earliest refresh, unless a resolution is over', () => {
    fc.assert(
      fc.property(cases, ({ endedAtMs, ageMs, refreshMs, fast }) => {
        const sampledAtMs = endedAtMs - ageMs;
        const atMs = nextHotScrapeAt({ endedAtMs, sampledAtMs, refreshMs }, fast, resolutionMs);
        const earliestMs = Math.min(sampledAtMs, endedAtMs) + refreshMs;
        expect(atMs >= earliestMs || atMs >= endedAtMs + resolutionMs).to.equal(true);
      }),
    );
  });

  it('is at least once per resolution, and at most once per fast step', () => {
    fc.assert(
      fc.property(cases, ({ endedAtMs, ageMs, refreshMs, fast }) => {
        const hot = { endedAtMs, sampledAtMs: endedAtMs - ageMs, refreshMs };
        expect(nextHotScrapeAt(hot, fast, resolutionMs) - endedAtMs).to.be.within(fast, resolutionMs + 249);
      }),
    );
  });
});

describe('learnRefresh (7.3)', () => {
  const learn = (knownMs: number, seen: readonly number[]): number => seen.reduce(learnRefresh, knownMs);

  it('believes a shorter distance at once', () => {
    expect(learn(30_000, [20_000])).to.equal(20_000);
  });

  it('believes no kubelet to be quicker than 10 s, as windows would become shorter', () => {
    expect(learn(30_000, [1000])).to.equal(10_000);
  });

  it('hardly forgets because of one long distance', () => {
    expect(learn(10_000, [30_000])).to.be.within(10_001, 10_100);
  });

  it('learns a longer interval little by little', () => {
    const slow = Array.from({ length: 1000 }, (_, index) => 30_000 + ((index * 7919) % 30_000));
    expect(learn(10_000, slow)).to.be.within(29_000, 35_000);
  });

  it('stays near the shortest of jittered distances', () => {
    const jittered = Array.from({ length: 1000 }, (_, index) => 10_000 + ((index * 7919) % 10_000));
    expect(learn(10_000, jittered)).to.be.within(10_000, 11_500);
  });
});

describe('sharedFastMs (7.4)', () => {
  type Kind = 'rising' | 'near';
  const check = (rule: string, hotNodes: number, kind: Kind, from: number, to: number): void => {
    it(rule, () => expect(sharedFastMs(fastMs, resolutionMs, hotNodes, kind)).to.be.within(from, to));
  };
  check('is what the flag says for one node', 1, 'rising', 5000, 5000);
  check('and for 375 where something changes', 375, 'rising', 5000, 5000);
  check('is longer from then on', 400, 'rising', 5001, 5500);
  check('and nearly the resolution for 5,000', 5000, 'rising', 13_000, 13_100);
  check('is what the flag says for 37 nodes where nothing changes', 37, 'near', 5000, 5000);
  check('and nearly the resolution for 500 of them', 500, 'near', 13_000, 13_100);

  const checkNone = (rule: string, fast: number, hotNodes: number, kind: Kind): void => {
    it(rule, () => expect(sharedFastMs(fast, resolutionMs, hotNodes, kind)).to.equal(undefined));
  };
  checkNone('is none where it would gain less than a tenth', fastMs, 680, 'near');
  checkNone('is none for 5,000 nodes where nothing changes', fastMs, 5000, 'near');
  checkNone('is none when the flag says so', resolutionMs, 1, 'rising');

  const bounds = { rising: 50, near: 5 } as const;
  for (const kind of ['rising', 'near'] as const) {
    it(`keeps all nodes that are ${kind} together within ${bounds[kind]} scrapes a second beyond those at the resolution`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1000, max: 15_000 }), (nodes, fast) => {
          const sharedMs = sharedFastMs(fast, resolutionMs, nodes, kind) ?? resolutionMs;
          const perSecond = (nodes * 1000) / sharedMs;
          const usual = (nodes * 1000) / resolutionMs;
          expect(perSecond).to.be.most(usual + bounds[kind] + 0.001);
          expect(sharedMs).to.be.within(fast, resolutionMs);
        }),
      );
    });
  }
});
