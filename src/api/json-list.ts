// Pure: a LIST of PodMetrics as compact JSON: the text of JsonEncoder, written as bytes for a fraction of its CPU (bench:list).
import { formatDuration } from '../lib/duration.ts';
import { putBytes, putNanoCores } from '../lib/quantity.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import type { PodReading } from '../metrics/types.ts';
import { ChunkBuffers } from './chunk-buffers.ts';
import { jsonString } from './go-json.ts';
import type { ListFrame } from './json-encoder.ts';
import { PodTexts } from './pod-texts.ts';
import type { PodWalk } from './pod-walk.ts';
import { TextWriter } from './text-writer.ts';

const nanosPerSecond = 1e9;
const nanosPerMs = 1e6;

const memoryStart = Buffer.from('","memory":"');
const containerEnd = Buffer.from('"}}');
const podEnd = Buffer.from('"}}]}');
const comma = 0x2c;
const dot = 0x2e;
const second = 0x73;

/** Names of containers whose text is kept during one list; a cluster has a few hundred. */
const maxContainerStarts = 1_000;

/** One for all lists: it remembers what they have in common. */
export class PodListEncoder {
  readonly #texts: PodTexts;
  readonly #buffers = new ChunkBuffers();

  constructor(texts = new PodTexts()) {
    this.#texts = texts;
  }

  /**
   * In chunks. Pods are asked for and written one at a time, so that nothing is held whole. `nowMs` becomes metadata.creationTimestamp of every
   * item.
   */
  *encode(walk: PodWalk, nowMs: number, { prefix, suffix }: ListFrame): Generator<Buffer> {
    const writer = new TextWriter(this.#buffers);
    const usages = new UsageWriter(writer);
    const now = Buffer.from(formatTimeSeconds(nowMs));
    let isFirst = true;
    writer.text(prefix);
    for (let pod = walk.next(); pod !== undefined; pod = walk.next()) {
      if (!isFirst) writer.character(comma);
      isFirst = false;
      this.#texts.put(pod, now, writer);
      usages.write(walk.usage);
      if (writer.isFull) yield writer.take();
    }
    writer.text(suffix);
    yield writer.take();
  }

  /** Takes back a chunk that nobody reads any more. */
  recycle(chunk: Buffer): void {
    this.#buffers.giveBack(chunk);
  }
}

/** Everything of an item from the value of its timestamp on. */
class UsageWriter {
  readonly #writer: TextWriter;
  /** By second: the timestamp, and what stands between it and the window. */
  readonly #times = new Map<number, Uint8Array>();
  /** By name: what stands before the amounts of a container that is the first of its pod, or a later one. */
  readonly #firstStarts = new Map<string, Uint8Array>();
  readonly #laterStarts = new Map<string, Uint8Array>();

  constructor(writer: TextWriter) {
    this.#writer = writer;
  }

  write({ timestampMs, windowNs, containers, names, cpuNanoCores, memoryBytes }: PodReading): void {
    const writer = this.#writer;
    writer.bytes(this.#timeBytes(timestampMs));
    this.#writeWindow(windowNs);
    for (let index = 0; index < containers; index++) {
      if (index > 0) writer.bytes(containerEnd);
      writer.bytes(this.#startBytes(names[index] ?? '', index === 0));
      putNanoCores(cpuNanoCores[index] ?? 0, writer);
      writer.bytes(memoryStart);
      putBytes(memoryBytes[index] ?? 0, writer);
    }
    writer.bytes(podEnd);
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

  #startBytes(name: string, isFirst: boolean): Uint8Array {
    const starts = isFirst ? this.#firstStarts : this.#laterStarts;
    const known = starts.get(name);
    if (known !== undefined) return known;
    const bytes = Buffer.from(`${isFirst ? '","containers":[' : ','}{"name":${jsonString(name)},"usage":{"cpu":"`);
    if (starts.size < maxContainerStarts) starts.set(name, bytes);
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
}
