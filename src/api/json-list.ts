// Pure: a LIST of NodeMetrics or PodMetrics as compact JSON: the text of JsonEncoder, written as bytes for a third less CPU (bench:list).
import { formatDuration } from '../lib/duration.ts';
import { putBytes, putNanoCores } from '../lib/quantity.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import type { JsonEncoder, ListFrame } from './json-encoder.ts';
import type { MetricsObject, ObjectIdentity } from './metrics-object.ts';
import { TextWriter } from './text-writer.ts';

const nanosPerSecond = 1e9;
const nanosPerMs = 1e6;

const itemStart = Buffer.from('{"metadata":{"name":');
const usageStart = Buffer.from('","usage":{"cpu":"');
const containersStart = Buffer.from('","containers":[{"name":');
const nextContainer = Buffer.from('"}},{"name":');
const cpuStart = Buffer.from(',"usage":{"cpu":"');
const memoryStart = Buffer.from('","memory":"');
const nodeEnd = Buffer.from('"}}');
const podEnd = Buffer.from('"}}]}');
const comma = 0x2c;
const dot = 0x2e;
const second = 0x73;

/** In chunks. Objects are asked for and written one at a time, so that nothing is held whole. */
export function* encodeJsonList(
  objects: Iterable<MetricsObject>,
  encoder: JsonEncoder,
  { prefix, suffix }: ListFrame,
): Generator<Buffer> {
  const writer = new TextWriter();
  const items = new ItemWriter(writer, encoder);
  let isFirst = true;
  writer.text(prefix);
  for (const object of objects) {
    if (!isFirst) writer.character(comma);
    isFirst = false;
    items.write(object);
    if (writer.isFull) yield writer.take();
  }
  writer.text(suffix);
  yield writer.take();
}

/** Keeps the bytes that neighbours have in common: two thirds of an item. */
class ItemWriter {
  readonly #writer: TextWriter;
  readonly #encoder: JsonEncoder;
  /** From behind the name to the timestamp. Neighbours have one ReplicaSet. */
  #behindName: Uint8Array = Buffer.alloc(0);
  #labels: ObjectIdentity['labels'] | undefined;
  #namespace: string | undefined;
  /** By second: the timestamp, and what stands between it and the window. */
  readonly #times = new Map<number, Uint8Array>();

  constructor(writer: TextWriter, encoder: JsonEncoder) {
    this.#writer = writer;
    this.#encoder = encoder;
  }

  write({ kind, identity, usage }: MetricsObject): void {
    const writer = this.#writer;
    writer.bytes(itemStart);
    writer.jsonString(identity.name);
    writer.bytes(this.#bytesBehindName(identity));
    writer.bytes(this.#timeBytes(usage.timestampMs));
    this.#writeWindow(usage.windowNs);
    if (kind === 'NodeMetrics') {
      writer.bytes(usageStart);
      this.#writeAmounts(usage);
      writer.bytes(nodeEnd);
      return;
    }
    let start = containersStart;
    for (const container of usage.containers) {
      writer.bytes(start);
      writer.jsonString(container.name);
      writer.bytes(cpuStart);
      this.#writeAmounts(container);
      start = nextContainer;
    }
    writer.bytes(podEnd);
  }

  #bytesBehindName(identity: ObjectIdentity): Uint8Array {
    if (identity.labels !== this.#labels || identity.namespace !== this.#namespace) {
      this.#labels = identity.labels;
      this.#namespace = identity.namespace;
      this.#behindName = Buffer.from(`${this.#encoder.behindName(identity)},"timestamp":"`);
    }
    return this.#behindName;
  }

  #timeBytes(ms: number): Uint8Array {
    const time = Math.floor(ms / 1000);
    let bytes = this.#times.get(time);
    if (bytes === undefined) {
      bytes = Buffer.from(`${formatTimeSeconds(ms)}","window":"`);
      this.#times.set(time, bytes);
    }
    return bytes;
  }

  /** Most windows are some seconds and whole milliseconds. */
  #writeWindow(ns: number): void {
    const writer = this.#writer;
    const seconds = Math.floor(ns / nanosPerSecond);
    const nanos = ns - seconds * nanosPerSecond;
    const millis = nanos / nanosPerMs;
    if (seconds < 1 || seconds > 59 || (millis | 0) !== millis) {
      writer.text(formatDuration(ns));
      return;
    }
    writer.integer(seconds);
    if (millis !== 0) this.#writeFraction(millis);
    writer.character(second);
  }

  #writeFraction(millis: number): void {
    this.#writer.character(dot);
    if (millis % 100 === 0) this.#writer.digits(millis / 100, 1);
    else if (millis % 10 === 0) this.#writer.digits(millis / 10, 2);
    else this.#writer.digits(millis, 3);
  }

  #writeAmounts({ cpuNanoCores, memoryBytes }: { cpuNanoCores: number; memoryBytes: number }): void {
    putNanoCores(cpuNanoCores, this.#writer);
    this.#writer.bytes(memoryStart);
    putBytes(memoryBytes, this.#writer);
  }
}
