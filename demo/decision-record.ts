// Pure: a line of Headroom's JSON log -> the decision in it. The fields are those of src/controller/decision-log.ts.

export interface MetricRecord {
  /** As in conditions and events: `cpu resource utilization (percentage of request)`. */
  readonly name: string;
  /** Why the metric could not be computed; undefined when it could. */
  readonly failed: string | undefined;
  readonly rule: string | undefined;
  /** Usage over target. */
  readonly usageRatio: number | undefined;
  /** The same with missing and unready pods filled in. */
  readonly adjustedRatio: number | undefined;
  /** The ratios at which replicas stay. */
  readonly tolerance: { readonly from: number; readonly to: number } | undefined;
  readonly pods: { readonly ready: number; readonly unready: number; readonly missing: number };
}

export interface DecisionRecord {
  readonly atMs: number;
  /** Replicas were written; false: they were kept. */
  readonly hasChanged: boolean;
  /** `namespace/name` of the autoscaler, after its kind. */
  readonly autoscaler: string;
  readonly from: number;
  readonly to: number;
  /** Before stabilization and limits. */
  readonly proposed: number | undefined;
  /** After stabilization. */
  readonly stabilized: number | undefined;
  readonly heldByReplicas: number | undefined;
  readonly heldUntilMs: number | undefined;
  /** DesiredWithinRange, TooFewReplicas … */
  readonly limit: string | undefined;
  /** The lowest and highest replicas that bounds and policies allowed. */
  readonly allowed: { readonly lowest: number; readonly highest: number } | undefined;
  readonly metrics: readonly MetricRecord[];
}

type Json = Readonly<Record<string, unknown>>;

/** The decision of a log line; undefined when the line is about something else. */
export function readDecision(line: string): DecisionRecord | undefined {
  const entry = parseObject(line);
  const { message, timestamp, from, to } = entry;
  if (message !== 'replicas changed' && message !== 'replicas kept') return undefined;
  if (typeof timestamp !== 'string' || typeof from !== 'number' || typeof to !== 'number') return undefined;
  const allowed = numberPair(entry['allowed']);
  return {
    atMs: Date.parse(timestamp),
    hasChanged: message === 'replicas changed',
    autoscaler: text(entry['autoscaler']) ?? '',
    from,
    to,
    proposed: number(entry['proposed']),
    stabilized: number(entry['stabilized']),
    heldByReplicas: number(entry['heldByReplicas']),
    heldUntilMs: number(entry['heldUntilMs']),
    limit: text(entry['limit']),
    allowed: allowed === undefined ? undefined : { lowest: allowed[0], highest: allowed[1] },
    metrics: list(entry['metrics']).map(readMetric),
  };
}

function readMetric(value: unknown): MetricRecord {
  const metric = object(value);
  const pods = object(metric['pods']);
  const tolerance = numberPair(metric['tolerance']);
  return {
    name: text(metric['name']) ?? '',
    failed: text(metric['failed']),
    rule: text(metric['rule']),
    usageRatio: number(metric['usageRatio']),
    adjustedRatio: number(metric['adjustedRatio']),
    tolerance: tolerance === undefined ? undefined : { from: tolerance[0], to: tolerance[1] },
    pods: {
      ready: number(pods['ready']) ?? 0,
      unready: number(pods['unready']) ?? 0,
      missing: number(pods['missing']) ?? 0,
    },
  };
}

function parseObject(line: string): Json {
  try {
    return object(JSON.parse(line));
  } catch {
    return {}; // what Node itself writes to standard error is not JSON
  }
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function numberPair(value: unknown): readonly [number, number] | undefined {
  const [first, second] = list(value);
  return typeof first === 'number' && typeof second === 'number' ? [first, second] : undefined;
}
