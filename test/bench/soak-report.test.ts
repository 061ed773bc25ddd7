import { expect } from 'chai';
import { countProblems } from '../../bench/soak-log.ts';
import { parseOptions } from '../../bench/soak-options.ts';
import { SoakRecord } from '../../bench/soak-record.ts';
import { complaints, figuresOf, memoryVerdict, renderReport } from '../../bench/soak-report.ts';
import { parseSelfMetrics } from '../../bench/soak-self-metrics.ts';
import { seededRandom } from '../cluster/sim/random.ts';

const metricsText = `# HELP nodejs_heap_size_used_bytes Process heap size used from Node.js in bytes.
nodejs_heap_size_total_bytes 60000000
nodejs_heap_size_used_bytes 40000000
nodejs_heap_space_size_used_bytes{space="old"} 30000000
nodejs_heap_space_size_used_bytes{space="new"} 9000000
nodejs_external_memory_bytes 5000000
nodejs_eventloop_lag_max_seconds 0.05
headroom_controller_sync_overdue_seconds 0.2
headroom_controller_sync_lateness_seconds_bucket{le="5"} 98
headroom_controller_sync_lateness_seconds_bucket{le="+Inf"} 100
headroom_controller_sync_lateness_seconds_count 100
headroom_kube_request_duration_seconds_count{verb="GET",code="200"} 5
headroom_kube_request_duration_seconds_count{verb="PATCH",code="409"} 2
headroom_kube_request_duration_seconds_count{verb="GET",code="none"} 1
headroom_metrics_scrape_failures_total{reason="timeout"} 3
headroom_controller_owns_native_hpas 1
`;

/** An hour in which memory grows by so much and nothing else is wrong. */
function recordOf(growthBytesPerHour: number): SoakRecord {
  const record = new SoakRecord(10);
  const metrics = { ...parseSelfMetrics(metricsText), lateSyncs: 0 };
  for (let second = 0; second <= 3600; second++) {
    const grown = (growthBytesPerHour * second) / 3600;
    const atMs = second * 1000;
    record.process.push({ atMs, residentBytes: 500e6 + grown + (second % 7) * 1e5, cpuSeconds: second / 20 });
    if (second % 15 === 0)
      record.metrics.push({ ...metrics, syncs: 100 + second, atMs, allocatedBytes: 900e6 + grown });
  }
  record.checks = 360;
  record.podsReplaced = 36_000;
  return record;
}

function complaintsAbout(record: SoakRecord): readonly string[] {
  return complaints(record, figuresOf(record, {}));
}

describe('bench/soak-report', () => {
  it('an hour without a finding is passed', () => {
    const record = recordOf(0);
    expect(complaintsAbout(record)).to.deep.equal([]);
    expect(renderReport(record, figuresOf(record, {}))).to.contain('| verdict | passed |');
  });

  it('memory that grows is told', () => {
    expect(complaintsAbout(recordOf(20e6))).to.deep.equal(['memory: grows']);
  });

  const check = (title: string, spoil: (record: SoakRecord) => void, expected: RegExp): void => {
    it(`${title} fails it`, () => {
      const record = recordOf(0);
      spoil(record);
      expect(complaintsAbout(record)).to.have.length(1);
      expect(complaintsAbout(record)[0]).to.match(expected);
    });
  };

  const finding = { kind: 'lost', key: 'shop/a', atMs: 0, detail: '' } as const;
  const seen = { served: 1, findings: [finding], agesMs: [1], firstServedAfterMs: [] };
  check('a sample that is lost', (record) => record.sawPods(seen), /^1 times: pod lost$/);
  check('an edit that is ignored', (record) => record.sawEdits({ obeyedAfterMs: [], ignored: ['x'] }), /^1 edits/);
  check('an end before its time', (record) => (record.failure = 'it broke'), /before its time: it broke/);
  check('no answer', (record) => record.unanswered++, /^1 lists/);
  check('a churn that fell behind', (record) => (record.podsReplaced = 34_000), /^only 9.4 pods per second/);
  check(
    'kubelets that stood still',
    (record) => (record.kubeletsLateByMs = 5_001),
    /^the simulated kubelets stood still/,
  );
  check('nothing checked', (record) => (record.checks = 0), /nothing was checked/);
  const last = (record: SoakRecord): Record<string, unknown> => record.metrics.at(-1) as never;
  check('a late sync', (record) => Object.assign(last(record), { lateSyncs: 1 }), /^1 syncs/);
  check('an overdue autoscaler', (record) => Object.assign(last(record), { syncOverdueSeconds: 5.1 }), /overdue/);

  const line = { level: 1, perHour: 0, marginPerHour: 0, laterPerHour: 0 };
  const judge = (perHour: number, marginPerHour: number, verdict: string): void => {
    it(`a slope of ${perHour / 1e6} ± ${marginPerHour / 1e6} MB/h: ${verdict}`, () => {
      expect(memoryVerdict([line, { ...line, perHour, marginPerHour, laterPerHour: perHour }])).to.equal(verdict);
    });
  };
  judge(4e6, 1e6, 'flat');
  judge(6e6, 2e6, 'flat');
  judge(8e6, 2e6, 'grows');
  judge(0, 31e6, 'undecided');
  judge(-50e6, 10e6, 'flat');

  it('what grew and does so no longer settles; what nobody knows the second half of grows', () => {
    const grown = { ...line, perHour: 20e6, marginPerHour: 2e6 };
    expect(memoryVerdict([line, { ...grown, laterPerHour: 4e6 }])).to.equal('settles');
    expect(memoryVerdict([line, { ...grown, laterPerHour: undefined }])).to.equal('grows');
  });

  // Sizes and times as soaks had them: a heap that is collected every three minutes, and what is resident beside it.
  const memoryOf = (besideHeapBytes: (minute: number) => number): SoakRecord => {
    const record = recordOf(0);
    const random = seededRandom(3);
    record.process.length = 0;
    record.metrics.length = 0;
    const metrics = { ...parseSelfMetrics(metricsText), lateSyncs: 0 };
    for (let second = 0; second <= 3600; second++) {
      const atMs = second * 1000;
      const heapUsedBytes = 60e6 + ((second % 170) / 170) * 60e6 + random() * 4e6;
      const heapTotalBytes = heapUsedBytes + 10e6;
      const allocatedBytes = heapTotalBytes + besideHeapBytes(second / 60) + random() * 1e6;
      // Touched bit by bit.
      const residentBytes = allocatedBytes - 40e6 + 2500 * second;
      record.process.push({ atMs, residentBytes, cpuSeconds: second / 20 });
      if (second % 15 === 0) record.metrics.push({ ...metrics, heapUsedBytes, heapTotalBytes, allocatedBytes, atMs });
    }
    return record;
  };
  const verdictOn = (title: string, besideHeapBytes: (minute: number) => number, verdict: string): void => {
    it(`beside a heap that rises and falls: ${title}: ${verdict}`, () => {
      expect(figuresOf(memoryOf(besideHeapBytes), {}).memory).to.equal(verdict);
    });
  };
  verdictOn('what stays', () => 300e6, 'flat');
  verdictOn('64 KB for each of three nodes a minute', (minute) => 300e6 + 3 * 65_600 * minute, 'grows');
  verdictOn('40 MB that fill up in ten minutes', (minute) => 300e6 + 40e6 * (1 - Math.exp(-minute / 4)), 'flat');
  verdictOn('a step of 20 MB after half an hour', (minute) => 300e6 + (minute > 30 ? 20e6 : 0), 'undecided');

  it('a trend that is not known decides nothing', () => {
    expect(memoryVerdict([line, undefined])).to.equal('undecided');
  });

  it('the text of /metrics is summed up', () => {
    expect(parseSelfMetrics(metricsText)).to.deep.equal({
      heapTotalBytes: 60e6,
      heapUsedBytes: 40e6,
      oldSpaceBytes: 30e6,
      externalBytes: 5e6,
      eventLoopDelaySeconds: 0.05,
      syncOverdueSeconds: 0.2,
      syncs: 100,
      lateSyncs: 2,
      apiRequests: 8,
      failedApiRequests: 3,
      scrapeFailures: 3,
      ownsHpas: true,
    });
  });

  it('warnings, errors and crashes in the log are counted by what they say', () => {
    const log = [
      '2026-11-21T11:00:56.123Z INFO  scaled autoscaler="default/web" from=2 to=4',
      '2026-11-21T11:00:56.123Z WARN  autoscaler has a problem autoscaler="default/web" problem="a=b c=d"',
      '2026-11-21T11:00:57.123Z WARN  autoscaler has a problem autoscaler="default/api"',
      '2026-11-21T11:00:58.123Z ERROR it broke',
      'TypeError: heatOf is not a function',
      '',
    ];
    expect(countProblems(log.join('\n'))).to.deep.equal({
      'WARN autoscaler has a problem': 2,
      'ERROR it broke': 1,
      'not of the logger: TypeError: heatOf is not a function': 1,
    });
  });
});

describe('bench/soak-options', () => {
  it('are an hour of 1,000 nodes unless told otherwise', () => {
    expect(parseOptions([])).to.include({
      nodes: 1000,
      hpas: 100,
      forMs: 3_600_000,
      podsPerSecond: 10,
      nodeEveryMs: 20_000,
    });
  });

  for (const argv of [['--for', '1s'], ['--for', '25h'], ['--nodes', '1'], ['--pods-per-second', 'x'], ['--what']]) {
    it(`${argv.join(' ')} is refused`, () => {
      expect(() => parseOptions(argv)).to.throw();
    });
  }
});
