// Pure: ratios of several runs as a chart in SVG: one group of bars per goal, one bar per size of cluster, on a logarithmic axis.
import type { Row } from './report.ts';

export interface ChartRun {
  /** `1,000 nodes`. */
  readonly name: string;
  readonly rows: readonly Row[];
}

interface Group {
  readonly goal: string;
  readonly label: string;
  /** As the target says it, where it is a ratio. */
  readonly target: number | undefined;
  /** One per run; undefined where it was not measured. */
  readonly ratios: readonly (number | undefined)[];
}

const width = 960;
const labelWidth = 400;
const axisWidth = width - labelWidth - 70;
const barHeight = 9;
const groupGap = 9;
const top = 64;
/** Ratios beyond are drawn at the edge, with their figure. */
const least = 0.005;
const most = 10;
const colors = ['#9ecae1', '#4292c6', '#08519c'];

/** The rows that have a goal and, in one run at least, a ratio. */
export function renderChart(runs: readonly ChartRun[]): string {
  const groups = groupsOf(runs);
  const groupHeight = runs.length * barHeight + groupGap;
  const height = top + groups.length * groupHeight + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(12, 22, 'Headroom over metrics-server and kube-controller-manager', 'font-size="15" font-weight="bold"'),
    ...legend(runs),
    ...axis(top - 6, height - 24),
    ...groups.flatMap((group, index) => renderGroup(group, top + index * groupHeight)),
    '</svg>\n',
  ].join('\n');
}

function groupsOf(runs: readonly ChartRun[]): readonly Group[] {
  const [first] = runs;
  const named = new Map<string, Row>();
  for (const { rows } of first === undefined ? [] : runs.toReversed()) {
    for (const row of rows)
      if (row.goal !== '' && row.ratio !== '') named.set(keyOf(row), named.get(keyOf(row)) ?? row);
  }
  return [...named].map(([key, { goal, label, target }]) => ({
    goal,
    label,
    target: /^≤ [\d.]+$/.test(target) ? Number(target.slice(2)) : undefined,
    ratios: runs.map(({ rows }) => {
      const ratio = rows.find((row) => keyOf(row) === key)?.ratio ?? '';
      return ratio === '' ? undefined : Number(ratio);
    }),
  }));
}

function keyOf({ goal, label, unit }: Row): string {
  return `${goal} ${label} ${unit}`;
}

function renderGroup({ goal, label, target, ratios }: Group, y: number): string[] {
  const height = ratios.length * barHeight;
  const bars = ratios.flatMap((ratio, run) => {
    if (ratio === undefined) return [];
    const from = Math.min(xOf(ratio), xOf(1));
    const barY = y + run * barHeight;
    const size = `width="${number(Math.abs(xOf(ratio) - xOf(1)))}" height="${barHeight - 1}"`;
    return [
      `<rect x="${number(from)}" y="${barY}" ${size} fill="${colors[run % colors.length]}"/>`,
      text(width - 60, barY + barHeight - 1, ratio.toFixed(2), 'font-size="9"'),
    ];
  });
  const mark =
    target === undefined
      ? []
      : [`<path d="M${number(xOf(target))} ${y - 2}v${height + 3}" stroke="#d62728" stroke-width="2"/>`];
  return [text(12, y + height / 2 + 4, `${goal}  ${label}`), ...bars, ...mark];
}

function axis(fromY: number, toY: number): string[] {
  return [0.01, 0.1, 1, 10].flatMap((ratio) => [
    `<path d="M${number(xOf(ratio))} ${fromY}V${toY}" stroke="${ratio === 1 ? '#444' : '#ddd'}"/>`,
    text(xOf(ratio), toY + 16, String(ratio), 'text-anchor="middle" font-size="10"'),
  ]);
}

function legend(runs: readonly ChartRun[]): string[] {
  const entries = runs.flatMap(({ name }, run) => [
    `<rect x="${labelWidth + run * 110}" y="34" width="10" height="10" fill="${colors[run % colors.length]}"/>`,
    text(labelWidth + run * 110 + 15, 43, name),
  ]);
  const x = labelWidth + runs.length * 110;
  return [...entries, `<path d="M${x + 5} 33v12" stroke="#d62728" stroke-width="2"/>`, text(x + 15, 43, 'target')];
}

function xOf(ratio: number): number {
  const bounded = Math.min(most, Math.max(least, ratio));
  return labelWidth + (Math.log(bounded / least) / Math.log(most / least)) * axisWidth;
}

function text(x: number, y: number, content: string, attributes = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${number(x)}" y="${number(y)}"${attributes === '' ? '' : ` ${attributes}`}>${escaped}</text>`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}
