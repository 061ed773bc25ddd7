// Pure: NodeMetrics and PodMetrics as Kubernetes protobuf, byte for byte as metrics-server writes them (docs/metrics-api.md, M-77).
import { formatBytes, formatNanoCores } from '../lib/quantity.ts';
import type { MetricsObject, ObjectIdentity } from './metrics-object.ts';
import { emptyListMeta, encodeVarint, field, stringMap, uint } from './protobuf.ts';
import type { StampedBytes } from './stamped-bytes.ts';

/** Seconds since the epoch take five bytes from 1978 to 3058. */
const noTime = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x00]);

/** The time of an answer, as it fills the hole. */
export function protobufStamp(nowMs: number): Buffer {
  return encodeVarint(Math.floor(nowMs / 1000));
}

function time(ms: number): Buffer {
  return Buffer.concat([uint(1, Math.floor(ms / 1000)), uint(2, 0)]);
}

/** ObjectMeta: strings are written even when empty. */
function encodeMetadata({ namespace = '', name, labels }: ObjectIdentity): StampedBytes {
  const head = Buffer.concat([field(1, name), field(2), field(3, namespace), field(4), field(5), field(6), uint(7, 0)]);
  const created = field(8, uint(1, 0).subarray(0, 1), noTime, uint(2, 0));
  // creationTimestamp: its tag and length, and the tag of its seconds, are one byte each.
  return { bytes: Buffer.concat([head, created, stringMap(11, labels)]), stampAt: head.length + 3 };
}

function withMetadata(identity: ObjectIdentity, rest: Buffer): StampedBytes {
  const metadata = encodeMetadata(identity);
  const wrapped = field(1, metadata.bytes);
  const stampAt = wrapped.length - metadata.bytes.length + metadata.stampAt;
  return { bytes: Buffer.concat([wrapped, rest]), stampAt };
}

/** One object, without envelope. */
export function encodeObject(object: MetricsObject): StampedBytes {
  const { identity, usage } = object;
  const window = Buffer.concat([field(2, time(usage.timestampMs)), field(3, uint(1, usage.windowNs))]);
  return withMetadata(identity, Buffer.concat([window, usageFields(object)]));
}

function usageFields({ kind, usage }: MetricsObject): Buffer {
  if (kind === 'NodeMetrics') return quantities(4, usage);
  return Buffer.concat(
    usage.containers.map((container) => field(4, field(1, container.name), quantities(2, container))),
  );
}

function quantities(
  number: number,
  { cpuNanoCores, memoryBytes }: { cpuNanoCores: number; memoryBytes: number },
): Buffer {
  const entry = (name: string, text: string): Buffer => field(number, field(1, name), field(2, field(1, text)));
  return Buffer.concat([entry('cpu', formatNanoCores(cpuNanoCores)), entry('memory', formatBytes(memoryBytes))]);
}

/** PartialObjectMetadata, without envelope. */
export function encodePartial(identity: ObjectIdentity): StampedBytes {
  return withMetadata(identity, Buffer.alloc(0));
}

/** `object` as an item of a list. */
export function asListItem(object: StampedBytes): StampedBytes {
  const bytes = field(2, object.bytes);
  return { bytes, stampAt: object.stampAt + bytes.length - object.bytes.length };
}

/** What stands before the items of a list. */
export const listHead = field(1, emptyListMeta);
