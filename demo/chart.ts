// Pure: small charts made of characters.
import { type Line, type Span, type Style, span } from './text.ts';

const eighths = ' ▁▂▃▄▅▆▇█';

export interface TimedValue {
  readonly atMs: number;
  readonly value: number | undefined;
}

export interface TimeAxis {
  /** Where the first column begins at first. */
  readonly originMs: number;
  readonly nowMs: number;
  readonly columns: number;
  /** Columns begin at whole multiples of this since the origin, so that bars keep their shape as they move left. */
  readonly columnMs: number;
}

/** When the leftmost column begins: at the origin until the chart is full, then it moves. */
export function firstColumnMs({ originMs, nowMs, columns, columnMs }: TimeAxis): number {
  const last = Math.floor((nowMs - originMs) / columnMs);
  return originMs + Math.max(0, last - columns + 1) * columnMs;
}

/** One value per column up to now: the highest of its samples, or the column's before where there is none. */
export function valuesByColumn(values: readonly TimedValue[], axis: TimeAxis): readonly (number | undefined)[] {
  const firstMs = firstColumnMs(axis);
  const columnOf = (atMs: number): number => Math.floor((atMs - firstMs) / axis.columnMs);
  const highest = new Map<number, number>();
  let before: number | undefined;
  for (const { atMs, value } of values) {
    if (value === undefined) continue;
    const column = columnOf(atMs);
    if (column < 0) before = value;
    else highest.set(column, Math.max(highest.get(column) ?? value, value));
  }
  return Array.from({ length: axis.columns }, (_, index) => {
    if (index > columnOf(axis.nowMs)) return undefined;
    before = highest.get(index) ?? before;
    return before;
  });
}

/** Bars from 0 to `top`, `height` lines high, the upper line first. What is higher is cut, what is unknown is blank. */
export function bars(
  values: readonly (number | undefined)[],
  {
    top,
    height,
    styleOf,
  }: { readonly top: number; readonly height: number; readonly styleOf: (value: number) => Style },
): readonly Line[] {
  const lines = Array.from({ length: height }, (): Span[] => []);
  for (const value of values) {
    const style = value === undefined ? undefined : styleOf(value);
    const filled = value === undefined ? 0 : eighthsOf(value / top, height);
    for (const [index, line] of lines.entries()) {
      const below = (height - 1 - index) * 8;
      append(line, eighths[Math.min(8, Math.max(0, filled - below))] ?? ' ', style);
    }
  }
  return lines;
}

/** Zero is a thin line: it is a value. */
function eighthsOf(ratio: number, height: number): number {
  return Math.min(8 * height, Math.max(1, Math.round(ratio * 8 * height)));
}

function append(line: Span[], text: string, style: Style | undefined): void {
  const previous = line.at(-1);
  if (previous !== undefined && previous.style === style) line.splice(-1, 1, span(previous.text + text, style));
  else line.push(span(text, style));
}

/** A bar from 0 to twice the target, with a mark at the target. */
export function gauge(value: number, target: number, width: number, style: Style): Line {
  const middle = Math.floor(width / 2);
  const filled = Math.round((value / (2 * target)) * width);
  const line: Span[] = [];
  for (let index = 0; index < width; index++) {
    if (index === middle) append(line, '┃', 'bold');
    else if (index < filled) append(line, '█', style);
    else append(line, '░', 'dim');
  }
  return line;
}
