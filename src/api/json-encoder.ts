// Pure: NodeMetrics and PodMetrics as JSON, byte for byte as metrics-server writes them (docs/metrics-api.md, M-71, M-72).
import { formatDuration } from '../lib/duration.ts';
import { formatBytes, formatNanoCores } from '../lib/quantity.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import { jsonString, jsonStringMap } from './go-json.ts';
import type { MetricsObject, ObjectIdentity } from './metrics-object.ts';
import type { StampedBytes } from './stamped-bytes.ts';

/** The hole for the time of the answer: as long as any time is. */
const noTime = '0000-00-00T00:00:00Z';

/** The time of an answer, as it fills the hole. */
export function jsonStamp(nowMs: number): Buffer {
  return Buffer.from(formatTimeSeconds(nowMs), 'latin1');
}

/** metadata, up to its hole and from there on. */
function metadataParts({ namespace, name, labels }: ObjectIdentity): { readonly head: string; readonly tail: string } {
  const place = namespace === undefined ? '' : `"namespace":${jsonString(namespace)},`;
  const shownLabels = Object.keys(labels).length === 0 ? '' : `,"labels":${jsonStringMap(labels)}`;
  return { head: `"metadata":{"name":${jsonString(name)},${place}"creationTimestamp":"`, tail: `"${shownLabels}}` };
}

function stamped(head: string, tail: string): StampedBytes {
  return { bytes: Buffer.from(head + noTime + tail, 'utf8'), stampAt: Buffer.byteLength(head, 'utf8') };
}

/** An item of a list: no kind and apiVersion. */
export function encodeItem(object: MetricsObject): StampedBytes {
  const { head, tail } = metadataParts(object.identity);
  return stamped(`{${head}`, `${tail},${usageJson(object)}}`);
}

function usageJson({ kind, usage }: MetricsObject): string {
  const window = `"timestamp":"${formatTimeSeconds(usage.timestampMs)}","window":"${formatDuration(usage.windowNs)}"`;
  if (kind === 'NodeMetrics') return `${window},"usage":${quantitiesJson(usage)}`;
  const containers = usage.containers.map(
    (container) => `{"name":${jsonString(container.name)},"usage":${quantitiesJson(container)}}`,
  );
  return `${window},"containers":[${containers.join(',')}]`;
}

function quantitiesJson({ cpuNanoCores, memoryBytes }: { cpuNanoCores: number; memoryBytes: number }): string {
  return `{"cpu":"${formatNanoCores(cpuNanoCores)}","memory":"${formatBytes(memoryBytes)}"}`;
}

/** What makes an item an object of its own: kind and apiVersion in front of its fields. */
export function withTypeJson(kind: string, apiVersion: string, item: StampedBytes): StampedBytes {
  const type = Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}",`, 'latin1');
  return { bytes: Buffer.concat([type, item.bytes.subarray(1)]), stampAt: item.stampAt + type.length - 1 };
}

/** PartialObjectMetadata of an object; `apiVersion` is meta.k8s.io/v1 or v1beta1. */
export function encodePartialObject(identity: ObjectIdentity, apiVersion: string): StampedBytes {
  const { head, tail } = metadataParts(identity);
  return stamped(`{"kind":"PartialObjectMetadata","apiVersion":"${apiVersion}",${head}`, `${tail}}`);
}

/** Everything of a list before and behind its items; nothing else in it is a list. */
export interface ListFrame {
  readonly prefix: Buffer;
  readonly suffix: Buffer;
}

export function listFrame(kind: string, apiVersion: string): ListFrame {
  return {
    prefix: Buffer.from(`{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":{},"items":[`, 'latin1'),
    suffix: Buffer.from(']}', 'latin1'),
  };
}
