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

const timeEnd = '","window":"';
const memoryStart = Buffer.from('","memory":"');
const containerEnd = Buffer.from('"}}');
const podEnd = Buffer.from('"}}]}');
const comma = 0x2c;
const dot = 0x2e;
const second = 0x73;

/** Texts that lists have in common and that are kept: seconds of samples, of which there are some fifty at a time, and names of containers, a few hundred. */
const maxSharedTexts = 1_000;

/** One for all lists: it remembers what they have in common. */
export class PodListEncoder {
  readonly #texts: PodTexts;
  readonly #shared = new SharedTexts();
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
    const usages = new UsageWriter(writer, this.#shared);
    const now = this.#shared.now(nowMs);
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

/** Texts that say the same in every list. A short list would otherwise cost as much for these as for all the rest of it. */
class SharedTexts {
  /** By second: the timestamp, and what stands between it and the window. */
  readonly #times = new Map<number, Uint8Array>();
  /** By name: what stands before the amounts of a container that is the first of its pod, or a later one. */
  readonly #firstStarts = new Map<string, Uint8Array>();
  readonly #laterStarts = new Map<string, Uint8Array>();

  /** The timestamp alone. */
  now(ms: number): Uint8Array {
    return this.time(ms).subarray(0, -timeEnd.length);
  }

  time(ms: number): Uint8Array {
    const second = Math.floor(ms / 1000);
    return this.#times.get(second) ?? keep(this.#times, second, `${formatTimeSeconds(ms)}${timeEnd}`);
  }

  containerStart(name: string, isFirst: boolean): Uint8Array {
    const starts = isFirst ? this.#firstStarts : this.#laterStarts;
    return (
      starts.get(name) ??
      keep(starts, name, `${isFirst ? '","containers":[' : ','}{"name":${jsonString(name)},"usage":{"cpu":"`)
    );
  }
}

/** When there are too many all begin anew: most are of seconds long past and pods long gone. */
function keep<Key>(texts: Map<Key, Uint8Array>, key: Key, text: string): Uint8Array {
  if (texts.size >= maxSharedTexts) texts.clear();
  const bytes = Buffer.from(text);
  texts.set(key, bytes);
  return bytes;
}

/** Everything of an item from the value of its timestamp on. */
class UsageWriter {
  readonly #writer: TextWriter;
  readonly #shared: SharedTexts;

  constructor(writer: TextWriter, shared: SharedTexts) {
    this.#writer = writer;
    this.#shared = shared;
  }

  write({ timestampMs, windowNs, containers, names, cpuNanoCores, memoryBytes }: PodReading): void {
    const writer = this.#writer;
    const shared = this.#shared;
    writer.bytes(shared.time(timestampMs));
    this.#writeWindow(windowNs);
    for (let index = 0; index < containers; index++) {
      if (index > 0) writer.bytes(containerEnd);
      writer.bytes(shared.containerStart(names[index] ?? '', index === 0));
      putNanoCores(cpuNanoCores[index] ?? 0, writer);
      writer.bytes(memoryStart);
      putBytes(memoryBytes[index] ?? 0, writer);
    }
    writer.bytes(podEnd);
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
