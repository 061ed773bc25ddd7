// Pure: lists and objects as meta.k8s.io Tables, which `kubectl get` shows (docs/metrics-api.md, M-78).
import { formatDuration } from '../lib/duration.ts';
import { formatBinaryMilli, formatBytes, formatNanoCores } from '../lib/quantity.ts';
import { jsonString } from './go-json.ts';
import type { JsonEncoder, ListFrame } from './json-encoder.ts';
import type { MetricsObject } from './metrics-object.ts';

/** What stands beside the cells of a row: metadata (the default), the whole object, or nothing. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

const columns = [
  ['Name', 'name', 'Name of the resource'],
  ['cpu', 'quantity', ''],
  ['memory', 'quantity', ''],
  ['Window', 'duration', ''],
] as const;

const columnDefinitions = columns.map(
  ([name, format, description]) =>
    `{"name":"${name}","type":"string","format":"${format}","description":"${description}","priority":0}`,
);

function tableHead(apiVersion: string): string {
  return `{"kind":"Table","apiVersion":"${apiVersion}","metadata":{},`;
}

/** Everything before and behind the rows. */
export function tableFrame(apiVersion: string): ListFrame {
  const prefix = `${tableHead(apiVersion)}"columnDefinitions":[${columnDefinitions.join(',')}],"rows":[`;
  return { prefix, suffix: ']}' };
}

/** A Table without rows has no columns either. */
export function emptyTable(apiVersion: string): string {
  return `${tableHead(apiVersion)}"columnDefinitions":null,"rows":null}`;
}

export interface RowOptions {
  readonly include: IncludeObject;
  /** The Table's, which the metadata in it shares. */
  readonly apiVersion: string;
  /** That of a whole object. */
  readonly metricsVersion: string;
}

export function encodeRow(object: MetricsObject, encoder: JsonEncoder, options: RowOptions): string {
  const { include, apiVersion, metricsVersion } = options;
  let shown = 'null';
  if (include === 'Object') shown = encoder.object(object, metricsVersion);
  else if (include === 'Metadata') shown = encoder.partialObject(object.identity, apiVersion);
  return `{"cells":[${cellsOf(object).map(jsonString).join(',')}],"object":${shown}}`;
}

/** A pod's cells are the sums of its containers. */
function cellsOf({ kind, identity, usage }: MetricsObject): readonly string[] {
  const window = formatDuration(usage.windowNs);
  if (kind === 'NodeMetrics')
    return [identity.name, formatNanoCores(usage.cpuNanoCores), formatBytes(usage.memoryBytes), window];
  let cpuNanoCores = 0;
  for (const container of usage.containers) cpuNanoCores += container.cpuNanoCores;
  return [identity.name, formatNanoCores(cpuNanoCores), formatSumOfBytes(usage.containers), window];
}

function formatSumOfBytes(containers: readonly { readonly memoryBytes: number }[]): string {
  let sum = 0;
  for (const { memoryBytes } of containers) sum += memoryBytes;
  if (Number.isSafeInteger(sum)) return formatBytes(sum);
  // Each amount is exact, their sum need not be.
  const exact = containers.reduce((total, { memoryBytes }) => total + BigInt(memoryBytes), 0n);
  return formatBinaryMilli(exact * 1000n);
}
