// When a node is scraped: docs/metrics-math.md section 6.
import { expect } from 'chai';
import { nextScrapeAt, nextStartScrapeAt, scrapePhaseOf } from '../../src/metrics/scrape-schedule.ts';

describe('scrapePhaseOf (6.1)', () => {
  it('is the same for a name each time, and within the resolution', () => {
    for (const name of ['', 'node-1', 'ip-10-0-0-1.eu-west-1.compute.internal']) {
      expect(scrapePhaseOf(name, 15_000)).to.equal(scrapePhaseOf(name, 15_000)).and.be.within(0, 14_999);
    }
  });

  it('is a multiple of 250 ms, so that scrapes begin in groups', () => {
    for (let i = 0; i < 100; i++) expect(scrapePhaseOf(`node-${i}`, 15_000) % 250).to.equal(0);
  });

  it('spreads names that differ in a digit evenly', () => {
    const perSecond = Array.from({ length: 15 }, () => 0);
    for (let i = 0; i < 5000; i++) {
      const second = Math.floor(scrapePhaseOf(`ip-10-0-${i >> 8}-${i & 255}.compute.internal`, 15_000) / 1000);
      perSecond[second] = (perSecond[second] ?? 0) + 1;
    }
    expect(Math.min(...perSecond)).to.be.above(250);
    expect(Math.max(...perSecond)).to.be.below(420);
  });
});

describe('nextScrapeAt', () => {
  const check = (rule: string, startedAt: number, failures: number, next: number): void => {
    it(rule, () => expect(nextScrapeAt(startedAt, 4000, 15_000, failures)).to.equal(next));
  };
  check('6.1 one resolution after a scrape that began on its phase', 19_000, 0, 34_000);
  check('6.1 on the phase although the scrape began late', 21_500, 0, 34_000);
  check('6.2 not sooner than half a resolution after the first scrape', 12_000, 0, 23_000);
  check('6.2 exactly half a resolution is enough', 11_500, 0, 19_000);
  check('6.2 half-way to the phase where that is more than a resolution away', 15_000, 0, 24_500);
  check('6.2 and from there on the phase', 24_500, 0, 34_000);
  check('6.3 one failure changes nothing', 19_000, 1, 34_000);
  check('6.3 two double the distance', 19_000, 2, 49_000);
  check('6.3 three double it again', 19_000, 3, 79_000);
  check('6.3 and that is the most', 19_000, 50, 79_000);
});

describe('nextStartScrapeAt', () => {
  const check = (rule: string, startedAt: number, next: number | undefined): void => {
    it(rule, () => expect(nextStartScrapeAt(startedAt, 4000, 15_000)).to.equal(next));
  };
  check('6.6 a third of a resolution after the first scrape', 4000, 9000);
  check('6.6 and after the second', 9000, 14_000);
  check('6.6 up to two resolutions after the first', 28_000, 33_000);
  check('6.6 and then no more', 29_000, undefined);
});
