// Pure: what the terminal shows while the demo runs. Story -> lines.
import { bars, firstColumnMs, gauge, type TimeAxis, valuesByColumn } from './chart.ts';
import { formatElapsed } from './elapsed.ts';
import { loadPhaseAt } from './load-course.ts';
import { describeLastLook, describeScaling, type ScalingText } from './scaling-text.ts';
import type { Scene } from './scene.ts';
import type { Sample, StoryView } from './story.ts';
import { breakAnywhere, fit, type Line, type Style, span, widthOf, wrap } from './text.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ScreenInput {
  readonly scene: Scene;
  readonly story: StoryView;
  readonly nowMs: number;
}

const widest = 110;
const labelWidth = 11;
const noteWidth = 32;
const narrowestChart = 12;
const whyIndent = 19;
const narrowestWhy = 20;
const columnMs = 3_000;

interface Layout {
  readonly chartHeight: number;
  readonly decisions: number;
  /** Long explanations take further lines; otherwise they are cut. */
  readonly wrapped: boolean;
  readonly conditions: boolean;
  readonly remarks: boolean;
  /** Blank lines between the sections. */
  readonly gaps: boolean;
}

/** From the roomiest to the tightest. */
const layouts: readonly Layout[] = [
  { chartHeight: 2, decisions: 8, wrapped: true, conditions: true, remarks: true, gaps: true },
  { chartHeight: 2, decisions: 5, wrapped: true, conditions: true, remarks: true, gaps: true },
  { chartHeight: 1, decisions: 5, wrapped: true, conditions: true, remarks: true, gaps: true },
  { chartHeight: 1, decisions: 4, wrapped: true, conditions: false, remarks: true, gaps: true },
  { chartHeight: 1, decisions: 3, wrapped: false, conditions: false, remarks: false, gaps: true },
  { chartHeight: 1, decisions: 2, wrapped: false, conditions: false, remarks: false, gaps: true },
  { chartHeight: 1, decisions: 1, wrapped: false, conditions: false, remarks: false, gaps: true },
  { chartHeight: 1, decisions: 1, wrapped: false, conditions: false, remarks: false, gaps: false },
];

/** At most as many lines as there are rows, none wider than the screen. On low screens the less important goes first. */
export function renderScreen(input: ScreenInput, size: ScreenSize): readonly Line[] {
  const width = Math.min(widest, size.columns);
  let lines: readonly Line[] = [];
  for (const layout of layouts) {
    lines = joinSections(
      [
        header(input, width),
        charts(input, width, layout.chartHeight),
        autoscalerRow(input, width),
        decisions(input, width, layout),
        layout.conditions ? conditions(input) : [],
        commands(input, width),
        layout.remarks ? remarks(input, width) : [],
      ],
      layout.gaps,
    );
    if (lines.length <= size.rows) break;
  }
  return lines.slice(0, size.rows).map((line) => fit(line, width));
}

function joinSections(sections: readonly (readonly Line[])[], gaps: boolean): readonly Line[] {
  return sections
    .filter((section) => section.length > 0)
    .flatMap((section, index) => (gaps && index > 0 ? [[], ...section] : section));
}

function header({ scene, story, nowMs }: ScreenInput, width: number): readonly Line[] {
  const elapsed = formatElapsed(nowMs - story.startedAtMs);
  const title = `  ${scene.nodes}, ${scene.example.name}`;
  const total = scene.forMs === undefined ? '' : ` of ${formatElapsed(scene.forMs)}`;
  const name = [span(' Headroom', 'bold')];
  const right = [span(elapsed, 'bold'), span(`${total}   Ctrl-C ends it `, 'dim')];
  const hasRoom = widthOf(name) + title.length + 2 + widthOf(right) <= width;
  const left = hasRoom ? [...name, span(title, 'dim')] : name;
  return [[...left, span(' '.repeat(Math.max(2, width - widthOf(left) - widthOf(right)))), ...right]];
}

function charts(input: ScreenInput, width: number, height: number): readonly Line[] {
  const { scene, story, nowMs } = input;
  const { targetPercent, maxReplicas } = scene.example;
  const columns = Math.max(narrowestChart, width - labelWidth - noteWidth);
  const axis: TimeAxis = { originMs: story.startedAtMs, nowMs, columns, columnMs };
  const target = targetPercent / 100;
  const chart = (
    pick: (sample: Sample) => number | undefined,
    shape: { readonly top: number; readonly height: number; readonly styleOf: (value: number) => Style },
  ): readonly Line[] => {
    const values = story.samples.map((sample) => ({ atMs: sample.atMs, value: pick(sample) }));
    return bars(valuesByColumn(values, axis), shape);
  };
  const usageStyle = (utilization: number): Style => styleOfUsage(utilization, target);
  const accent = (): Style => 'accent';
  return [
    ...row(
      'Load',
      chart(({ load }) => load, { top: 1, height: 1, styleOf: accent }),
      loadNote(input),
    ),
    ...row(
      'Usage',
      chart((sample) => sample.utilization, { top: 2 * target, height, styleOf: usageStyle }),
      usageNote(input),
    ),
    ...row(
      'Replicas',
      chart(({ replicas }) => replicas, { top: maxReplicas, height, styleOf: accent }),
      replicasNote(input),
    ),
    [span(' '.repeat(labelWidth)), span(timeLabels(axis, story), 'dim')],
    ...row('Usage now', [usageGauge(story, target, columns)], [span(`target ${targetPercent} %`, 'dim')]),
  ];
}

/** A chart with its label and, at the height of its lowest line, what it says right now. */
function row(label: string, chart: readonly Line[], note: Line): readonly Line[] {
  return chart.map((line, index) =>
    index === chart.length - 1
      ? [span(` ${label.padEnd(labelWidth - 1)}`, 'bold'), ...line, span('  '), ...note]
      : [span(' '.repeat(labelWidth)), ...line],
  );
}

function usageGauge({ cluster }: StoryView, target: number, columns: number): Line {
  const { utilization } = cluster ?? {};
  return gauge(utilization ?? 0, target, columns, styleOfUsage(utilization ?? 0, target));
}

/** Beyond the default tolerance of 10 % the autoscaler acts. */
function styleOfUsage(utilization: number, target: number): Style {
  if (utilization > target * 1.1) return 'warn';
  return utilization < target * 0.9 ? 'accent' : 'good';
}

function loadNote({ scene, story, nowMs }: ScreenInput): Line {
  const level = story.steps.at(-1)?.level ?? 'idle';
  const { endsAtMs } = loadPhaseAt(nowMs - story.startedAtMs);
  // Rounded up: it ends when the last second is over.
  const remaining = formatElapsed(story.startedAtMs + endsAtMs - nowMs + 999);
  return [span(`${level}: ${scene.loadTexts[level]}`), span(`, ${remaining} left`, 'dim')];
}

function usageNote({ story }: ScreenInput): Line {
  const { utilization, usedCores } = story.cluster ?? {};
  if (utilization === undefined || usedCores === undefined) return [span('waiting for the first scrapes', 'dim')];
  return [span(`${Math.round(utilization * 100)} % of request`), span(`, ${usedCores.toFixed(2)} cores`, 'dim')];
}

function replicasNote({ scene, story }: ScreenInput): Line {
  if (story.cluster === undefined) return [];
  const { minReplicas, maxReplicas } = scene.example;
  const { replicas, readyReplicas } = story.cluster;
  return [span(String(replicas)), span(`, ${readyReplicas} ready, from ${minReplicas} to ${maxReplicas}`, 'dim')];
}

function timeLabels(axis: TimeAxis, { startedAtMs }: StoryView): string {
  const fromMs = firstColumnMs(axis) - startedAtMs;
  const left = formatElapsed(fromMs);
  return left + formatElapsed(fromMs + axis.columns * axis.columnMs).padStart(axis.columns - left.length);
}

/** As kubectl prints it; where that is too wide, without the column that says least. */
function autoscalerRow({ story }: ScreenInput, width: number): readonly Line[] {
  const { columns = [], cells = [] } = story.cluster ?? {};
  const all = columns.map((column, index) => ({ column, cell: cells[index] ?? '' }));
  const isTooWide = printedColumns(all).some((text) => text.length > width);
  const [headings = '', values = ''] = printedColumns(
    isTooWide ? all.filter(({ column }) => column !== 'REFERENCE') : all,
  );
  return [heading('kubectl get hpa'), [span(headings, 'dim')], [span(values)]];
}

function printedColumns(table: readonly { readonly column: string; readonly cell: string }[]): readonly string[] {
  const padded = table.map(({ column, cell }) => {
    const width = Math.max(column.length, cell.length) + 3;
    return { column: column.padEnd(width), cell: cell.padEnd(width) };
  });
  const line = (texts: readonly string[]): string => `   ${texts.join('').trimEnd()}`;
  return [line(padded.map(({ column }) => column)), line(padded.map(({ cell }) => cell))];
}

function decisions({ scene, story }: ScreenInput, width: number, layout: Layout): readonly Line[] {
  const { scalings, lastDecision } = story;
  const whyWidth = layout.wrapped ? Math.max(narrowestWhy, width - whyIndent) : Number.POSITIVE_INFINITY;
  return [
    heading('What was decided, and why'),
    ...scalings.slice(-layout.decisions).flatMap((scaling) => {
      const { from, to } = scaling.decision;
      return decisionLines(describeScaling(scaling, story, scene), to > from ? 'warn' : 'good', whyWidth);
    }),
    ...(lastDecision === undefined
      ? []
      : decisionLines(describeLastLook(lastDecision, story, scene), 'bold', whyWidth)),
  ];
}

function decisionLines({ when, what, why }: ScalingText, style: Style, whyWidth: number): readonly Line[] {
  const [first = '', ...rest] = wrap(why, whyWidth);
  return [
    [span(`   ${when.padStart(5)}  `, 'dim'), span(what.padEnd(whyIndent - 12), style), span(`  ${first}`)],
    ...rest.map((text): Line => [span(' '.repeat(whyIndent) + text)]),
  ];
}

function conditions({ story }: ScreenInput): readonly Line[] {
  const list = story.cluster?.conditions ?? [];
  if (list.length === 0) return [];
  const typeWidth = Math.max(...list.map(({ type }) => type.length));
  const reasonWidth = Math.max(...list.map(({ reason }) => reason.length));
  return [
    heading('kubectl describe hpa'),
    ...list.map(
      ({ type, status, reason, message }): Line => [
        span(`   ${type.padEnd(typeWidth)}  ${status.padEnd(5)}  ${reason.padEnd(reasonWidth)}  `),
        span(message, 'dim'),
      ],
    ),
  ];
}

/** Never cut: they are there to be copied. */
function commands({ scene }: ScreenInput, width: number): readonly Line[] {
  const lines = scene.commands.flatMap((command) => breakAnywhere(`   ${command}`, width));
  return [heading('In another terminal'), ...lines.map((text): Line => [span(text, 'accent')])];
}

function remarks({ scene }: ScreenInput, width: number): readonly Line[] {
  return scene.remarks.flatMap((remark) => wrap(remark, width - 1).map((text): Line => [span(` ${text}`, 'dim')]));
}

function heading(text: string): Line {
  return [span(` ${text}`, 'bold')];
}
