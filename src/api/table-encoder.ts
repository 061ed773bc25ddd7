// Pure: lists and objects as meta.k8s.io Tables, which `kubectl get` shows (docs/metrics-api.md, M-78).
import { formatDuration } from '../lib/duration.ts';
import { formatBinaryMilli, formatBytes, formatNanoCores } from '../lib/quantity.ts';
import { jsonString } from './go-json.ts';
import { encodeItem, encodePartialObject, type ListFrame, withTypeJson } from './json-encoder.ts';
import type { MetricsObject } from './metrics-object.ts';
import { noStamp, type StampedBytes } from './stamped-bytes.ts';

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
  return {
    prefix: Buffer.from(
      `${tableHead(apiVersion)}"columnDefinitions":[${columnDefinitions.join(',')}],"rows":[`,
      'latin1',
    ),
    suffix: Buffer.from(']}', 'latin1'),
  };
}

/** A Table without rows has no columns either. */
export function emptyTable(apiVersion: string): Buffer {
  return Buffer.from(`${tableHead(apiVersion)}"columnDefinitions":null,"rows":null}`, 'latin1');
}

/** One row; `apiVersion` is the Table's, which the metadata in it shares. `metricsVersion` is that of a whole object. */
export function encodeRow(
  object: MetricsObject,
  include: IncludeObject,
  apiVersion: string,
  metricsVersion: string,
): StampedBytes {
  const cells = `{"cells":[${cellsOf(object).map(jsonString).join(',')}],"object":`;
  if (include === 'None') return { bytes: Buffer.from(`${cells}null}`, 'utf8'), stampAt: noStamp };
  const shown =
    include === 'Object'
      ? withTypeJson(object.kind, metricsVersion, encodeItem(object))
      : encodePartialObject(object.identity, apiVersion);
  const head = Buffer.from(cells, 'utf8');
  return { bytes: Buffer.concat([head, shown.bytes, Buffer.from('}')]), stampAt: head.length + shown.stampAt };
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
