// Pure: demand as a configuration says it, checked, and the curve it stands for.
import type { DemandCurve, Knot } from './demand-curve.ts';

/** Values are cores or bytes, times are seconds since the demand was set; a bare number is constant. */
export type Demand =
  | number
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'step'; readonly from: number; readonly to: number; readonly atSeconds: number }
  | {
      readonly kind: 'ramp';
      readonly from: number;
      readonly to: number;
      readonly atSeconds: number;
      readonly durationSeconds: number;
    }
  | { readonly kind: 'sine'; readonly mean: number; readonly amplitude: number; readonly periodSeconds: number }
  /** Rows of a recording; each value holds until the next row. */
  | { readonly kind: 'trace'; readonly rows: readonly Knot[]; readonly repeatSeconds?: number };

const knotsPerPeriod = 360;

/** The curve of a demand. Negative values become 0: nobody gives work back. */
export function demandCurve(demand: Demand): DemandCurve {
  const curve = typeof demand === 'number' ? constant(demand) : namedCurve(demand);
  return { ...curve, knots: curve.knots.map((knot) => ({ ...knot, value: Math.max(0, knot.value) })) };
}

function constant(value: number): DemandCurve {
  return { knots: [{ atSeconds: 0, value }] };
}

function namedCurve(demand: Exclude<Demand, number>): DemandCurve {
  switch (demand.kind) {
    case 'constant':
      return constant(demand.value);
    case 'step':
      return line(demand, 0);
    case 'ramp':
      return line(demand, demand.durationSeconds);
    case 'sine':
      return sine(demand.mean, demand.amplitude, demand.periodSeconds);
    case 'trace':
      return trace(demand.rows, demand.repeatSeconds);
  }
}

function line({ from, to, atSeconds }: { from: number; to: number; atSeconds: number }, lasts: number): DemandCurve {
  return {
    knots: [
      { atSeconds, value: from },
      { atSeconds: atSeconds + lasts, value: to },
    ],
  };
}

/** A knot per degree differs from the true sine by less than 0.004 % of its amplitude. */
function sine(mean: number, amplitude: number, periodSeconds: number): DemandCurve {
  const knots = Array.from({ length: knotsPerPeriod + 1 }, (_, degree) => ({
    atSeconds: (periodSeconds * degree) / knotsPerPeriod,
    value: mean + amplitude * Math.sin((2 * Math.PI * degree) / knotsPerPeriod),
  }));
  return { knots, periodSeconds };
}

function trace(rows: readonly Knot[], repeatSeconds: number | undefined): DemandCurve {
  const sorted = rows.toSorted((a, b) => a.atSeconds - b.atSeconds);
  const knots = sorted.flatMap((row, index) => {
    const previous = sorted[index - 1];
    return previous === undefined ? [row] : [{ atSeconds: row.atSeconds, value: previous.value }, row];
  });
  return repeatSeconds === undefined ? { knots } : { knots, periodSeconds: repeatSeconds };
}

/** Rows of a trace from CSV text `seconds,value`; a heading, blank lines and `#` comments are skipped. Throws a RangeError. */
export function parseTrace(csv: string): readonly Knot[] {
  const rows: Knot[] = [];
  for (const [index, text] of csv.split(/\r?\n/).entries()) {
    if (text.trim() === '' || text.startsWith('#')) continue;
    const cells = /^\s*(?<seconds>[\d.eE+-]+)\s*,\s*(?<value>[\d.eE+-]+)\s*$/.exec(text)?.groups;
    const row = { atSeconds: Number(cells?.['seconds']), value: Number(cells?.['value']) };
    const valid = Number.isFinite(row.atSeconds) && Number.isFinite(row.value);
    if (valid) rows.push(row);
    else if (rows.length > 0) throw new RangeError(`line ${index + 1} is not "seconds,value": ${text}`);
  }
  if (rows.length === 0) throw new RangeError('a trace needs at least one line "seconds,value"');
  return rows;
}

const fields = {
  constant: ['value'],
  step: ['from', 'to', 'atSeconds'],
  ramp: ['from', 'to', 'atSeconds', 'durationSeconds'],
  sine: ['mean', 'amplitude', 'periodSeconds'],
} as const;

const periods: ReadonlySet<string> = new Set(['periodSeconds', 'repeatSeconds', 'durationSeconds']);

/** A demand from parsed JSON. Throws a RangeError that says what is wrong. */
export function parseDemand(value: unknown): Demand {
  if (typeof value === 'number') return numberIn({ value }, 'value', 'a demand');
  const object: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { kind } = object;
  if (kind === 'trace') return parseTraceDemand(object);
  if (typeof kind !== 'string' || !Object.hasOwn(fields, kind)) {
    throw new RangeError(`a demand is a number or has a kind, one of ${Object.keys(fields).join(', ')}, trace`);
  }
  const names = fields[kind as keyof typeof fields];
  const numbers = names.map((name) => [name, numberIn(object, name, `demand ${kind}`)]);
  return { kind, ...Object.fromEntries(numbers) } as Demand;
}

function parseTraceDemand(object: Readonly<Record<string, unknown>>): Demand {
  const rows = Array.isArray(object['rows']) ? (object['rows'] as unknown[]) : [];
  if (rows.length === 0) throw new RangeError('demand trace needs rows');
  const parsed = rows.map((row): Knot => {
    const cells: Readonly<Record<string, unknown>> = typeof row === 'object' && row !== null ? { ...row } : {};
    return {
      atSeconds: numberIn(cells, 'atSeconds', 'a row of a trace'),
      value: numberIn(cells, 'value', 'a row of a trace'),
    };
  });
  if (object['repeatSeconds'] === undefined) return { kind: 'trace', rows: parsed };
  const repeatSeconds = numberIn(object, 'repeatSeconds', 'demand trace');
  if (parsed.some((row) => row.atSeconds > repeatSeconds)) {
    throw new RangeError('demand trace has rows after its repeatSeconds');
  }
  return { kind: 'trace', rows: parsed, repeatSeconds };
}

function numberIn(object: Readonly<Record<string, unknown>>, name: string, what: string): number {
  const value = object[name];
  const valid = typeof value === 'number' && Number.isFinite(value) && (periods.has(name) ? value > 0 : value >= 0);
  if (!valid) throw new RangeError(`${what} needs a ${periods.has(name) ? 'positive' : 'non-negative'} ${name}`);
  return value;
}
