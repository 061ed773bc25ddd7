import { expect } from 'chai';
import type { ContenderFigures, RequestFigures, RequestKind } from '../../bench/figures.ts';
import { type Row, renderMarkdown, renderText, rows } from '../../bench/report.ts';
import { summarize } from '../../bench/statistics.ts';

const requestKinds: readonly RequestKind[] = [
  'listAllOncePerCycle',
  'listAll',
  'listAllGzip',
  'listAllProtobuf',
  'listNamespace',
  'listSelector',
  'getPod',
];

/** All figures 1, of their kind, except those given. */
function figures(name: ContenderFigures['name'], changes: Partial<ContenderFigures> = {}): ContenderFigures {
  const request: RequestFigures = {
    connections: 1,
    perSecond: 1,
    latencyMs: summarize([1]),
    bodyBytes: 1e6,
    cpuMsPerRequest: 1,
    peakGrowthBytes: 1e6,
  };
  return {
    name,
    version: 'v1',
    start: { servingAllSeconds: 1, cpuSeconds: 1, peakBytes: 1e6 },
    served: { pods: 1, cpuRatio: 1, memoryRatio: 1 },
    steady: {
      cycles: 4,
      cpuSecondsPerCycle: 1,
      residentBytes: 1e6,
      peakBytes: 1e6,
      scrapesPerCycle: 1,
      kubeletsCpuSecondsPerCycle: 1,
      apiServerCpuSecondsPerCycle: 1,
    },
    requests: Object.fromEntries(requestKinds.map((kind) => [kind, request])) as ContenderFigures['requests'],
    faults: undefined,
    residentAtEndBytes: 1e6,
    stopMs: 1000,
    ...changes,
  };
}

const scraping = (cpuSecondsPerCycle: number): Partial<ContenderFigures> => ({
  steady: { ...figures('headroom').steady, cpuSecondsPerCycle },
});

function rowOf(label: string, ...all: readonly ContenderFigures[]): Row {
  const row = rows(all).find((each) => each.label === label);
  if (row === undefined) throw new Error(`no row is called ${label}`);
  return row;
}

describe('bench/report', () => {
  const scrapeLabel = 'scrape and store, per 15 s cycle';

  const check = (reference: number, headroom: number, ratio: string, verdict: string): void => {
    it(`${headroom} CPU s against ${reference} is ${ratio} times as much: target ${verdict}`, () => {
      const row = rowOf(
        scrapeLabel,
        figures('reference', scraping(reference)),
        figures('headroom', scraping(headroom)),
      );
      expect(row).to.include({ ratio, target: '≤ 0.4', verdict });
    });
  };

  check(1, 0.4, '0.40', 'met');
  check(1, 0.41, '0.41', 'missed');
  check(0.5, 0.6, '1.20', 'missed');

  it('one contender alone has no ratio and no verdict', () => {
    expect(rowOf(scrapeLabel, figures('headroom'))).to.include({
      reference: '',
      headroom: '1.000',
      ratio: '',
      verdict: '',
    });
  });

  it('a reference of nothing has no ratio', () => {
    const row = rowOf(scrapeLabel, figures('reference', scraping(0)), figures('headroom'));
    expect(row).to.include({ reference: '0.000', ratio: '', verdict: '' });
  });

  it('a target of a value, not of a ratio, is held against Headroom alone', () => {
    const ages = { ageHealthySeconds: summarize([10]), ageWithHungNodeSeconds: summarize([20]) };
    const slow = { faults: { ...ages, goneAfterFailureSeconds: 30 } };
    const row = (headroom: ContenderFigures): Row =>
      rowOf('one kubelet hangs: others older by, mean', figures('reference', slow), headroom);
    expect(row(figures('headroom', slow))).to.include({ headroom: '10.0', target: '≤ 0.5 s', verdict: 'missed' });
    const steadfast = { faults: { ...slow.faults, ageWithHungNodeSeconds: summarize([10]) } };
    expect(row(figures('headroom', steadfast))).to.include({ headroom: '0.0', verdict: 'met' });
  });

  const autoscaling = (evaluationsPerSecond: number): Partial<ContenderFigures> => ({
    autoscaling: {
      hpas: 3000,
      firstRoundSeconds: 10,
      evaluationsPerSecond,
      looksPerEvaluation: 1,
      unevaluated: 0,
      unscaled: 0,
      cpuMsPerEvaluation: 1,
      ownCpuMsPerEvaluation: 0.6,
      contenderCores: 0.1,
      requestsPerEvaluation: 0,
      scrapesPerCycle: 1000,
      residentBytes: 1e9,
      stepToScaleSeconds: summarize([1]),
      herdToScaleSeconds: undefined,
    },
  });

  it('what nobody measured has no row', () => {
    const labels = rows([figures('reference'), figures('headroom')]).map(({ label }) => label);
    expect(labels).to.not.include('age of samples, mean');
    expect(labels).to.not.include('API requests per evaluation');
  });

  it('what one contender has no figure for stays empty', () => {
    const row = rowOf('API requests per evaluation', figures('reference'), figures('headroom', autoscaling(200)));
    expect(row).to.include({ reference: '', headroom: '0.00', ratio: '', target: '≤ 0.00', verdict: 'met' });
  });

  it('a target may be a lower bound: every autoscaler once per sync period', () => {
    const row = (evaluationsPerSecond: number): Row =>
      rowOf('evaluations, share of what is due', figures('headroom', autoscaling(evaluationsPerSecond)));
    expect(row(200)).to.include({ headroom: '100', target: '≥ 98 %', verdict: 'met' });
    expect(row(103)).to.include({ headroom: '52', verdict: 'missed' });
  });

  it('every row stands in both renderings, after the heads', () => {
    const table = rows([figures('reference'), figures('headroom')]);
    const text = renderText(table).split('\n');
    const markdown = renderMarkdown(table).split('\n');
    expect(text).to.have.length(table.length + 1);
    expect(markdown).to.have.length(table.length + 2);
    expect(text[1]).to.match(/^P1 +scrape and store, per 15 s cycle +CPU s +1\.000 +1\.000 +1\.00 +≤ 0\.4 +missed$/);
    expect(markdown[2]).to.equal(
      '| P1 | scrape and store, per 15 s cycle | CPU s | 1.000 | 1.000 | 1.00 | ≤ 0.4 | missed |',
    );
  });
});
