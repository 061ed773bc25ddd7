// Pure: figures of both contenders -> the rows of the table, as text for people and as Markdown.
import type { AutoscalingFigures, ContenderFigures, RequestFigures, RequestKind } from './figures.ts';

/** What the ratio (Headroom over reference), or Headroom's own figure, must not exceed. */
type Target = {
  readonly of: 'ratio' | 'value';
} & ({ readonly atMost: number } | { readonly atLeast: number });

/** A unit and how many decimals of it mean something. */
interface Quantity {
  readonly unit: string;
  readonly digits: number;
}

interface Metric extends Quantity {
  /** Of the goals P1 … P9; empty where none applies. */
  readonly goal: string;
  readonly label: string;
  readonly target?: Target;
  value(figures: ContenderFigures): number | undefined;
}

export interface Row {
  readonly goal: string;
  readonly label: string;
  readonly unit: string;
  readonly reference: string;
  readonly headroom: string;
  readonly ratio: string;
  readonly target: string;
  readonly verdict: string;
}

/** --horizontal-pod-autoscaler-sync-period of both. */
const syncPeriodSeconds = 15;
const mega = 1e6;
const cpuSeconds: Quantity = { unit: 'CPU s', digits: 3 };
const megabytes: Quantity = { unit: 'MB', digits: 0 };
const seconds: Quantity = { unit: 's', digits: 1 };
const milliseconds: Quantity = { unit: 'ms', digits: 1 };
const fineMilliseconds: Quantity = { unit: 'ms', digits: 3 };
const perSecond: Quantity = { unit: '/s', digits: 0 };
const count: Quantity = { unit: '', digits: 0 };

const metrics: readonly Metric[] = [
  metric('P1', 'scrape and store, per 15 s cycle', cpuSeconds, (f) => f.steady.cpuSecondsPerCycle, ratio(0.4)),
  metric('P4', 'resident while scraping', megabytes, (f) => f.steady.residentBytes / mega),
  metric('', 'peak while scraping', megabytes, (f) => f.steady.peakBytes / mega),
  metric('', 'resident after all of this', megabytes, (f) => f.residentAtEndBytes / mega),
  ...list('P2', 'LIST all pods, JSON, once per cycle', 'listAllOncePerCycle', { cpu: ratio(0.1), time: ratio(0.2) }),
  ...list('P2', 'LIST all pods, JSON, again at once', 'listAll', { cpu: ratio(0.1), time: ratio(0.2) }),
  metric('P2', 'LIST all pods, JSON: size', { unit: 'MB', digits: 2 }, (f) => f.requests.listAll.bodyBytes / mega),
  metric('P2', 'LIST all pods, JSON: memory on top', megabytes, (f) => f.requests.listAll.peakGrowthBytes / mega),
  ...list('', 'LIST all pods, JSON, gzip', 'listAllGzip', {}),
  ...list('', 'LIST all pods, protobuf', 'listAllProtobuf', {}),
  ...list('', 'LIST one namespace, JSON', 'listNamespace', {}),
  ...load('P3b', 'LIST by label selector, 8 connections', 'listSelector', ratio(0.2)),
  ...load('P3a', 'GET one pod, 8 connections', 'getPod', ratio(0.8)),
  metric('P9', 'start until all pods are served', seconds, (f) => f.start.servingAllSeconds),
  metric('P9', 'start until all pods are served', cpuSeconds, (f) => f.start.cpuSeconds),
  metric('', 'start until all pods are served: peak', megabytes, (f) => f.start.peakBytes / mega),
  metric('P9', 'restart until all pods are served', seconds, (f) => f.restart?.servingAllSeconds, ratio(0.5)),
  metric('', 'restart until all pods are served', cpuSeconds, (f) => f.restart?.cpuSeconds),
  metric('', 'age of samples, mean', seconds, (f) => f.faults?.ageHealthySeconds.mean),
  metric('', 'age of samples, p99', seconds, (f) => f.faults?.ageHealthySeconds.p99),
  metric('P7', 'one kubelet hangs: others older by, mean', seconds, addedAge('mean'), { of: 'value', atMost: 0.5 }),
  metric('P7', 'one kubelet hangs: others older by, p99', seconds, addedAge('p99'), { of: 'value', atMost: 1 }),
  metric('P8', 'a kubelet fails for one cycle: its pods gone for', seconds, (f) => f.faults?.goneAfterFailureSeconds, {
    of: 'value',
    atMost: 0,
  }),
  metric('', 'end after SIGTERM', seconds, (f) => f.stopMs / 1000),
  metric(
    'P4',
    'resident while autoscaling, all processes',
    megabytes,
    (f) => scaled(f, (a) => a.residentBytes / mega),
    ratio(0.33),
  ),
  metric(
    'P5a',
    'one evaluation of an HPA, with the API server: CPU',
    fineMilliseconds,
    (f) => scaled(f, (a) => a.cpuMsPerEvaluation),
    ratio(0.01),
  ),
  metric('', 'one evaluation of an HPA, without the API server: CPU', fineMilliseconds, (f) =>
    scaled(f, (a) => a.ownCpuMsPerEvaluation),
  ),
  metric('P5b', 'evaluations (sync period 15 s)', perSecond, (f) => scaled(f, (a) => a.evaluationsPerSecond)),
  metric('P5b', 'evaluations, share of what is due', { unit: '%', digits: 0 }, evaluatedShare, {
    of: 'value',
    atLeast: 98,
  }),
  metric('P5b', 'autoscaling: CPU', { unit: 'cores', digits: 3 }, (f) => scaled(f, (a) => a.contenderCores), {
    of: 'value',
    atMost: 0.1,
  }),
  metric(
    'P5c',
    'API requests per evaluation',
    { unit: '', digits: 2 },
    (f) => scaled(f, (a) => a.requestsPerEvaluation),
    { of: 'value', atMost: 0 },
  ),
  metric('', 'looks, per evaluation', { unit: '', digits: 2 }, (f) => scaled(f, (a) => a.looksPerEvaluation)),
  metric('', 'scrapes while autoscaling, per cycle', { unit: '', digits: 0 }, (f) =>
    scaled(f, (a) => a.scrapesPerCycle),
  ),
  metric('', 'first evaluation of all HPAs', seconds, (f) => scaled(f, (a) => a.firstRoundSeconds)),
  metric('', 'HPAs not evaluated in eight periods', count, (f) => scaled(f, (a) => a.unevaluated)),
  metric('P6', 'usage step to scale, p50', seconds, (f) => scaled(f, (a) => a.stepToScaleSeconds?.p50), ratio(0.55)),
  metric('P6', 'usage step to scale, p95', seconds, (f) => scaled(f, (a) => a.stepToScaleSeconds?.p95), ratio(0.55)),
  metric('', 'all HPAs at once: usage step to scale, p50', seconds, (f) => scaled(f, (a) => a.herdToScaleSeconds?.p50)),
  metric('', 'all HPAs at once: usage step to scale, last', seconds, (f) =>
    scaled(f, (a) => a.herdToScaleSeconds?.max),
  ),
  metric('', 'apps not scaled in twelve periods after the step', count, (f) => scaled(f, (a) => a.unscaled)),
];

function scaled(
  { autoscaling }: ContenderFigures,
  pick: (figures: AutoscalingFigures) => number | undefined,
): number | undefined {
  return autoscaling && pick(autoscaling);
}

function evaluatedShare(figures: ContenderFigures): number | undefined {
  return scaled(figures, ({ evaluationsPerSecond, hpas }) => (100 * evaluationsPerSecond * syncPeriodSeconds) / hpas);
}

/** Without those that nobody has a figure for. */
export function rows(all: readonly ContenderFigures[]): readonly Row[] {
  const reference = all.find(({ name }) => name === 'reference');
  const headroom = all.find(({ name }) => name === 'headroom');
  return metrics.flatMap((each): readonly Row[] => {
    const theirs = reference && each.value(reference);
    const ours = headroom && each.value(headroom);
    if (theirs === undefined && ours === undefined) return [];
    const quotient = theirs === undefined || ours === undefined || theirs <= 0 ? undefined : ours / theirs;
    const text = (value: number | undefined): string => value?.toFixed(each.digits) ?? '';
    const row = {
      goal: each.goal,
      label: each.label,
      unit: each.unit,
      reference: text(theirs),
      headroom: text(ours),
      ratio: quotient?.toFixed(2) ?? '',
      target: describeTarget(each),
      verdict: verdict(each.target, quotient, ours),
    };
    return [row];
  });
}

const heads: Row = {
  goal: 'goal',
  label: 'what',
  unit: 'unit',
  reference: 'reference',
  headroom: 'Headroom',
  ratio: 'ratio',
  target: 'target',
  verdict: '',
};
const columns = ['goal', 'label', 'unit', 'reference', 'headroom', 'ratio', 'target', 'verdict'] as const;
const rightAligned: ReadonlySet<string> = new Set(['reference', 'headroom', 'ratio']);

/** Columns under each other, for a terminal. */
export function renderText(table: readonly Row[]): string {
  const lines = [heads, ...table];
  const widths = columns.map((column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      columns
        .map((column, index) => {
          const width = widths[index] ?? 0;
          return rightAligned.has(column) ? line[column].padStart(width) : line[column].padEnd(width);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function renderMarkdown(table: readonly Row[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = columns.map((column) => (rightAligned.has(column) ? '---:' : '---'));
  const body = table.map((row) => line(columns.map((column) => row[column])));
  return [line(columns.map((column) => heads[column])), line(rule), ...body].join('\n');
}

function describeTarget({ target, unit, digits }: Metric): string {
  if (target === undefined) return '';
  const bound = 'atMost' in target ? target.atMost : target.atLeast;
  const sign = 'atMost' in target ? '≤' : '≥';
  return `${sign} ${target.of === 'ratio' ? bound : `${bound.toFixed(digits)} ${unit}`.trimEnd()}`;
}

function verdict(target: Target | undefined, quotient: number | undefined, ours: number | undefined): string {
  const held = target?.of === 'ratio' ? quotient : ours;
  if (target === undefined || held === undefined) return '';
  const isMet = 'atMost' in target ? held <= target.atMost : held >= target.atLeast;
  return isMet ? 'met' : 'missed';
}

function metric(goal: string, label: string, quantity: Quantity, value: Metric['value'], target?: Target): Metric {
  return { goal, label, ...quantity, value, ...(target === undefined ? {} : { target }) };
}

function ratio(atMost: number): Target {
  return { of: 'ratio', atMost };
}

function list(goal: string, label: string, kind: RequestKind, targets: { cpu?: Target; time?: Target }): Metric[] {
  const of = (pick: (figures: RequestFigures) => number) => (f: ContenderFigures) => pick(f.requests[kind]);
  return [
    metric(
      goal,
      `${label}: CPU`,
      milliseconds,
      of((r) => r.cpuMsPerRequest),
      targets.cpu,
    ),
    metric(
      goal,
      `${label}: p50`,
      milliseconds,
      of((r) => r.latencyMs.p50),
      targets.time,
    ),
    metric(
      '',
      `${label}: slowest`,
      milliseconds,
      of((r) => r.latencyMs.max),
    ),
  ];
}

function load(goal: string, label: string, kind: RequestKind, cpu: Target): Metric[] {
  const of = (pick: (figures: RequestFigures) => number) => (f: ContenderFigures) => pick(f.requests[kind]);
  return [
    metric(
      goal,
      `${label}: CPU each`,
      fineMilliseconds,
      of((r) => r.cpuMsPerRequest),
      cpu,
    ),
    metric(
      '',
      `${label}: answers`,
      perSecond,
      of((r) => r.perSecond),
    ),
    metric(
      '',
      `${label}: p50`,
      fineMilliseconds,
      of((r) => r.latencyMs.p50),
    ),
    metric(
      '',
      `${label}: p99`,
      fineMilliseconds,
      of((r) => r.latencyMs.p99),
    ),
  ];
}

function addedAge(statistic: 'mean' | 'p99'): Metric['value'] {
  return ({ faults }) =>
    faults === undefined ? undefined : faults.ageWithHungNodeSeconds[statistic] - faults.ageHealthySeconds[statistic];
}
