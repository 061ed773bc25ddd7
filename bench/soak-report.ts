// Pure: what a soak found, as figures, verdicts and a table.
import type { LogCounts } from './soak-log.ts';
import type { SoakRecord } from './soak-record.ts';
import { type Point, perPeriod, type Trend, trendOf } from './soak-trend.ts';
import { type Summary, summarize } from './statistics.ts';

/** `settles`: it grew, and no longer does. */
export type MemoryVerdict = 'flat' | 'settles' | 'grows' | 'undecided' | 'too short';

export interface SoakFigures {
  readonly minutes: number;
  /** What was left out at the beginning of the trends. */
  readonly warmUpMinutes: number;
  /**
   * All trends: bytes per hour. This one is told, not judged: what was allocated long ago is touched bit by bit. Of the 64 KB that each connection reads into, as much becomes resident as its longest
   * answer so far took, and the gaps of nodes that left are filled: hours of growth that end where `besideHeap` is.
   */
  readonly resident: Trend | undefined;
  /**
   * What is allocated beside V8's heap: connections, buffers, code, stacks. The heap grows by dozens of MB until it is collected, in which a leak of
   * connections would not be seen for hours.
   */
  readonly besideHeap: Trend | undefined;
  /** Of the lowest heap of each five minutes, in which all of it is collected: what stays. */
  readonly heapFloor: Trend | undefined;
  readonly externalFloor: Trend | undefined;
  readonly memory: MemoryVerdict;
  readonly peakResidentBytes: number;
  readonly cpuSecondsPerMinute: number;
  readonly eventLoopDelaySeconds: Summary | undefined;
  readonly apiRequestsPerSecond: number;
  readonly failedApiRequests: number;
  readonly scrapeFailures: number;
  readonly syncs: number;
  readonly lateSyncs: number;
  readonly mostOverdueSeconds: number;
  readonly podsFirstServedAfterSeconds: Summary | undefined;
  readonly nodesFirstServedAfterSeconds: Summary | undefined;
  readonly obeyedAfterSeconds: Summary | undefined;
  readonly meanSampleAgeSeconds: Summary | undefined;
  readonly log: LogCounts;
}

/** Growth that would double half a gigabyte in less than four days. Nobody could tell less from noise in an hour. */
const growthLimitBytesPerHour = 5e6;
/** A trend that is less sure than this says nothing. */
const widestMarginBytesPerHour = 30e6;
/** Heaps and allocators reach their size in the first minutes. */
const warmUpMs = 600_000;
const shortestTrendMinutes = 30;
const minuteMs = 60_000;
/** All of the heap is collected every two or three minutes. */
const floorPeriodMs = 5 * minuteMs;
const bearableOverdueSeconds = 5;
/** As much as the limits of samples allow a busy machine. */
const bearableStillMs = 5_000;
const leastChurnRatio = 0.95;

export function figuresOf(record: SoakRecord, log: LogCounts): SoakFigures {
  const { process, metrics } = record;
  const first = process[0];
  const last = process.at(-1);
  const minutes = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 60_000;
  const warmUp = Math.min(warmUpMs, (minutes * 60_000) / 3);
  const fromMs = (first?.atMs ?? 0) + warmUp;
  const trends = memoryTrends(record, fromMs);
  const long = minutes - warmUp / 60_000 >= shortestTrendMinutes;
  return {
    minutes,
    warmUpMinutes: warmUp / 60_000,
    ...trends,
    memory: long ? memoryVerdict([trends.besideHeap, trends.heapFloor, trends.externalFloor]) : 'too short',
    peakResidentBytes: Math.max(0, ...process.map(({ residentBytes }) => residentBytes)),
    cpuSecondsPerMinute: ((last?.cpuSeconds ?? 0) - (first?.cpuSeconds ?? 0)) / minutes,
    eventLoopDelaySeconds: summaryOf(metrics.slice(1).map(({ eventLoopDelaySeconds }) => eventLoopDelaySeconds)),
    ...grown(record),
    mostOverdueSeconds: Math.max(0, ...metrics.map(({ syncOverdueSeconds }) => syncOverdueSeconds)),
    podsFirstServedAfterSeconds: inSeconds(record.podsFirstServedAfterMs),
    nodesFirstServedAfterSeconds: inSeconds(record.nodesFirstServedAfterMs),
    obeyedAfterSeconds: inSeconds(record.obeyedAfterMs),
    meanSampleAgeSeconds: inSeconds(record.meanSampleAgesMs),
    log,
  };
}

type MemoryTrends = Pick<SoakFigures, 'resident' | 'besideHeap' | 'heapFloor' | 'externalFloor'>;

function memoryTrends({ process, metrics }: SoakRecord, fromMs: number): MemoryTrends {
  const trend = (points: readonly Point[], periodMs: number, share: number): Trend | undefined => {
    const warm = points.filter(({ atMs }) => atMs >= fromMs);
    return trendOf(perPeriod(warm, periodMs, share));
  };
  return {
    resident: trend(
      process.map(({ atMs, residentBytes: value }) => ({ atMs, value })),
      minuteMs,
      0.5,
    ),
    besideHeap: trend(
      metrics.map(({ atMs, allocatedBytes, heapTotalBytes }) => ({ atMs, value: allocatedBytes - heapTotalBytes })),
      minuteMs,
      0.5,
    ),
    heapFloor: trend(
      metrics.map(({ atMs, heapUsedBytes: value }) => ({ atMs, value })),
      floorPeriodMs,
      0,
    ),
    externalFloor: trend(
      metrics.map(({ atMs, externalBytes: value }) => ({ atMs, value })),
      floorPeriodMs,
      0,
    ),
  };
}

/** It grows when even the least slope that is likely is too steep, and the second half is too steep by itself: what grew before that has settled. */
export function memoryVerdict(trends: readonly (Trend | undefined)[]): MemoryVerdict {
  const known = trends.filter((trend) => trend !== undefined);
  const grew = known.filter(({ perHour, marginPerHour }) => perHour - marginPerHour > growthLimitBytesPerHour);
  if (grew.some(({ laterPerHour = Infinity }) => laterPerHour > growthLimitBytesPerHour)) return 'grows';
  const unsure = known.some(({ marginPerHour }) => marginPerHour > widestMarginBytesPerHour);
  if (unsure || known.length < trends.length) return 'undecided';
  return grew.length > 0 ? 'settles' : 'flat';
}

/** What is wrong, as sentences; none: the soak is passed. */
export function complaints(record: SoakRecord, figures: SoakFigures): readonly string[] {
  const { findingCounts, ignoredEdits, unanswered, failure, kubeletsLateByMs, wantedPodsPerSecond } = record;
  const podsPerSecond = record.podsReplaced / (figures.minutes * 60);
  const lists = Object.entries(findingCounts).map(([kind, count]) => `${count} times: ${kind}`);
  return [
    ...(failure === undefined ? [] : [`it ended before its time: ${failure}`]),
    ...(figures.memory === 'grows' || figures.memory === 'undecided' ? [`memory: ${figures.memory}`] : []),
    ...lists,
    ...(ignoredEdits > 0 ? [`${ignoredEdits} edits of autoscalers had no effect in time`] : []),
    ...(figures.lateSyncs > 0 ? [`${figures.lateSyncs} syncs began more than 5 s late`] : []),
    ...(figures.mostOverdueSeconds > bearableOverdueSeconds
      ? [`an autoscaler was overdue for ${figures.mostOverdueSeconds.toFixed(1)} s`]
      : []),
    ...(figures.syncs === 0 ? ['no sync was counted'] : []),
    ...(podsPerSecond < leastChurnRatio * wantedPodsPerSecond
      ? [`only ${podsPerSecond.toFixed(1)} pods per second were replaced`]
      : []),
    ...(kubeletsLateByMs > bearableStillMs
      ? [
          `the simulated kubelets stood still for ${(kubeletsLateByMs / 1000).toFixed(1)} s: findings about samples may be the machine's`,
        ]
      : []),
    ...(unanswered > 0 ? [`${unanswered} lists were not answered with 200`] : []),
    ...(record.checks === 0 ? ['nothing was checked'] : []),
  ];
}

export function renderReport(record: SoakRecord, figures: SoakFigures): string {
  const wrong = complaints(record, figures);
  const rows: (readonly [string, string])[] = [
    ['time', `${figures.minutes.toFixed(1)} min`],
    ['pods replaced one by one', `${record.podsReplaced}`],
    ['pods in all', `${record.podsStopped} gone, ${record.podsStarted} new`],
    ['nodes replaced', `${record.nodesReplaced}`],
    ['autoscalers', `${record.edits} edits, ${record.scaledUp} scaled up, ${record.scaledDown} down`],
    ['resident', trendText(figures.resident)],
    ['allocated beside the heap', trendText(figures.besideHeap)],
    ['heap, lowest of five minutes', trendText(figures.heapFloor)],
    ['external memory, lowest of five minutes', trendText(figures.externalFloor)],
    ['memory', `${figures.memory} (first ${figures.warmUpMinutes.toFixed(0)} min left out)`],
    ['peak resident', `${(figures.peakResidentBytes / 1e6).toFixed(0)} MB`],
    ['CPU', `${figures.cpuSecondsPerMinute.toFixed(2)} s per minute`],
    ['event loop late by, longest of 15 s', secondsText(figures.eventLoopDelaySeconds)],
    [
      'requests to the API server',
      `${figures.apiRequestsPerSecond.toFixed(2)} /s, ${figures.failedApiRequests} failed`,
    ],
    ['scrapes that failed', `${figures.scrapeFailures}`],
    ['lists checked', `${record.checks}`],
    ['/metrics not answered within 2 s', `${record.unreadMetrics} times`],
    ['simulated kubelets stood still for', `${(record.kubeletsLateByMs / 1000).toFixed(1)} s at most`],
    ['age of samples, mean of a list', secondsText(figures.meanSampleAgeSeconds)],
    ['oldest sample', `${(record.oldestSampleMs / 1000).toFixed(1)} s`],
    ['new pods served after', secondsText(figures.podsFirstServedAfterSeconds)],
    ['new nodes served after', secondsText(figures.nodesFirstServedAfterSeconds)],
    [
      'syncs',
      `${figures.syncs}, ${figures.lateSyncs} more than 5 s late; most overdue ${figures.mostOverdueSeconds.toFixed(2)} s`,
    ],
    ['edits obeyed after', secondsText(figures.obeyedAfterSeconds)],
    [
      'log',
      Object.entries(figures.log)
        .map(([line, count]) => `${count} x ${line}`)
        .join('; ') || 'no warnings, no errors',
    ],
    ['verdict', wrong.length === 0 ? 'passed' : `FAILED: ${wrong.join('; ')}`],
  ];
  return rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n');
}

function grown({
  metrics,
}: SoakRecord): Pick<
  SoakFigures,
  'apiRequestsPerSecond' | 'failedApiRequests' | 'scrapeFailures' | 'syncs' | 'lateSyncs'
> {
  const first = metrics[0];
  const last = metrics.at(-1);
  if (first === undefined || last === undefined) {
    return { apiRequestsPerSecond: 0, failedApiRequests: 0, scrapeFailures: 0, syncs: 0, lateSyncs: 0 };
  }
  const seconds = Math.max(1, (last.atMs - first.atMs) / 1000);
  return {
    apiRequestsPerSecond: (last.apiRequests - first.apiRequests) / seconds,
    failedApiRequests: last.failedApiRequests - first.failedApiRequests,
    scrapeFailures: last.scrapeFailures - first.scrapeFailures,
    syncs: last.syncs - first.syncs,
    lateSyncs: last.lateSyncs - first.lateSyncs,
  };
}

function summaryOf(values: readonly number[]): Summary | undefined {
  return values.length === 0 ? undefined : summarize(values);
}

function inSeconds(ms: readonly number[]): Summary | undefined {
  return summaryOf(ms.map((value) => value / 1000));
}

function trendText(trend: Trend | undefined): string {
  if (trend === undefined) return 'too few points';
  const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const later = trend.laterPerHour === undefined ? '' : `, ${mb(trend.laterPerHour)} in the second half`;
  return `${mb(trend.level)} MB, ${mb(trend.perHour)} ± ${mb(trend.marginPerHour)} MB/h${later}`;
}

function secondsText(summary: Summary | undefined): string {
  if (summary === undefined) return 'none';
  const { p50, p99, max } = summary;
  return `p50 ${p50.toFixed(2)}, p99 ${p99.toFixed(2)}, max ${max.toFixed(2)} s`;
}
