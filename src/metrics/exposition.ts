// Pure, hot: the five families that Headroom needs, out of a kubelet's /metrics/resource, from bytes to columns. Never throws; in the steady
// state it allocates nothing per line. Rules: docs/metrics-math.md sections 1 and 2.
import { ByteWords, nearLineFeed, standsAt } from './byte-words.ts';
import { DecimalScanner } from './decimal-scanner.ts';
import { looksLikeExposition } from './exposition-shape.ts';
import { findLabelTextEnd, readContainerIdentity } from './label-text.ts';
import { NodeReadings, seenCpu, seenMemory, seenStart } from './node-readings.ts';
import { identityKey, SeriesLayout } from './series-layout.ts';

/** What a body turned out to be. `no-samples` is an exposition without any of the five families; `not-an-exposition` is something else. */
export type ExpositionOutcome =
  | { readonly kind: 'parsed'; readonly badLines: number; readonly droppedSamples: number }
  | { readonly kind: 'no-samples'; readonly badLines: number }
  | { readonly kind: 'not-an-exposition' };

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const LOWER_C = 0x63;
const LOWER_M = 0x6d;
const LOWER_N = 0x6e;
const LOWER_S = 0x73;
const OPENING_BRACE = 0x7b;

const ascii = (text: string): ByteWords => new ByteWords(new TextEncoder().encode(text));

interface Family {
  readonly name: ByteWords;
  readonly isNode: boolean;
  readonly bit: typeof seenCpu | typeof seenMemory | typeof seenStart;
  /** Into `#nextRow`. */
  readonly index: number;
}

const nodeCpu: Family = { name: ascii('node_cpu_usage_seconds_total'), isNode: true, bit: seenCpu, index: 0 };
const nodeMemory: Family = { name: ascii('node_memory_working_set_bytes'), isNode: true, bit: seenMemory, index: 0 };
const cpu: Family = { name: ascii('container_cpu_usage_seconds_total'), isNode: false, bit: seenCpu, index: 0 };
const memory: Family = { name: ascii('container_memory_working_set_bytes'), isNode: false, bit: seenMemory, index: 1 };
const start: Family = { name: ascii('container_start_time_seconds'), isNode: false, bit: seenStart, index: 2 };

/** Integers from here on do not fit the signed 64-bit integers of Kubernetes quantities. */
const tooLarge = 2 ** 63;

/** In the year 2262: the last that Go tells in nanoseconds. Clients could read neither later ones nor longer windows, nor any list that one of them is in. */
const maxTimestampMs = 9_223_372_036_854;

const nothing = new Uint8Array(0);
const noWords = new ByteWords(nothing);

/** Parses one body at a time; one parser serves all nodes. */
export class ExpositionParser {
  readonly #maxContainers: number;
  readonly #number = new DecimalScanner();
  /** Per container family: the row after the one just met. */
  readonly #nextRow = new Int32Array(3);

  // The scrape in progress.
  #body: Uint8Array = nothing;
  /** The same bytes. */
  #words = noWords;
  #layout = new SeriesLayout();
  #readings = new NodeReadings();
  #requestedAtMs = 0;
  #goodLines = 0;
  #badLines = 0;
  #droppedSamples = 0;
  #isNewOrder = false;

  // The line in progress.
  #value = 0;
  #timestampMs = 0;
  #at = 0;

  /** `maxContainers` bounds what one kubelet can make us remember; samples of further containers are dropped and counted. */
  constructor(maxContainers: number) {
    this.#maxContainers = maxContainers;
  }

  /**
   * Reads the bytes into `readings`, whose rows are those of `layout`; `requestedAtMs` stands in for missing timestamps (rule 2.4).
   * New series get a row in the layout at once. When a body was parsed, call `settle` once its readings have been used.
   */
  parse(bytes: Uint8Array, layout: SeriesLayout, readings: NodeReadings, requestedAtMs: number): ExpositionOutcome {
    const body = withFinalLineFeed(bytes);
    this.#begin(body, layout, readings, requestedAtMs);
    while (this.#at < body.length) {
      this.#readLine();
      this.#at = findNextLine(body, this.#words, this.#at);
    }
    this.#body = nothing;
    this.#words = noWords;
    if (this.#goodLines > 0) {
      return { kind: 'parsed', badLines: this.#badLines, droppedSamples: this.#droppedSamples };
    }
    if (!looksLikeExposition(body)) return { kind: 'not-an-exposition' };
    return { kind: 'no-samples', badLines: this.#badLines };
  }

  /** Makes the layout what the body just parsed showed: its containers, in its order. The rows of the readings lose their meaning. */
  settle(): void {
    const readings = this.#readings;
    const layout = this.#layout;
    if (this.#isNewOrder || readings.orderLength !== layout.count) {
      layout.keepOnly(readings.order.subarray(0, readings.orderLength));
    }
  }

  #begin(body: Uint8Array, layout: SeriesLayout, readings: NodeReadings, requestedAtMs: number): void {
    this.#body = body;
    this.#words = new ByteWords(body);
    this.#layout = layout;
    this.#readings = readings;
    this.#requestedAtMs = requestedAtMs;
    this.#goodLines = 0;
    this.#badLines = 0;
    this.#droppedSamples = 0;
    this.#isNewOrder = false;
    this.#nextRow.fill(0);
    this.#at = 0;
    readings.reset(layout.count);
  }

  #readLine(): void {
    this.#at = skipBlanks(this.#body, this.#at);
    const family = familyAt(this.#body, this.#words, this.#at);
    if (family === undefined) return;
    this.#at = skipBlanks(this.#body, this.#at + family.name.length);
    const isGood = family.isNode ? this.#readNodeLine(family) : this.#readContainerLine(family);
    if (isGood) this.#goodLines++;
    else this.#badLines++;
  }

  /** The labels of a node's series say nothing: the node is the one that was asked (rule 2.1). */
  #readNodeLine(family: Family): boolean {
    if (this.#body[this.#at] === OPENING_BRACE) {
      const textEnd = findLabelTextEnd(this.#body, this.#at + 1);
      if (textEnd < 0) return false;
      this.#at = textEnd;
    }
    if (!this.#readSample()) return false;
    const amount = toInteger(this.#value, family);
    if (amount >= tooLarge) return false;
    const readings = this.#readings;
    readings.nodeSeen |= family.bit;
    readings.nodeTimestampMs = this.#timestampMs;
    if (family.bit === seenCpu) readings.nodeCpuNs = amount;
    else readings.nodeMemoryBytes = amount;
    return true;
  }

  #readContainerLine(family: Family): boolean {
    if (this.#body[this.#at] !== OPENING_BRACE) return false;
    const textAt = this.#at + 1;
    // Fast path: the series that followed this one last time.
    const guess = this.#nextRow[family.index] ?? 0;
    const knownLength = this.#layout.matchText(guess, this.#words, textAt);
    if (knownLength > 0) {
      this.#nextRow[family.index] = guess + 1;
      this.#at = textAt + knownLength;
      if (family.bit === seenStart && this.#readKnownStart(guess)) return true;
      return this.#readContainerSample(family, textAt, guess);
    }
    const textEnd = findLabelTextEnd(this.#body, textAt);
    if (textEnd < 0) return false;
    this.#at = textEnd;
    return this.#readContainerSample(family, textAt, -1);
  }

  /** A start time written as it was last time means what it meant then. */
  #readKnownStart(row: number): boolean {
    const end = this.#at + this.#layout.matchStart(row, this.#body, this.#at);
    if (end === this.#at || this.#body[end] !== LINE_FEED) return false;
    this.#at = end;
    this.#readings.mark(row, seenStart);
    this.#readings.startNs[row] = this.#layout.startNs(row);
    return true;
  }

  /** Value and timestamp at `#at`; `guessedRow` is -1 when the labels at `textAt` are yet to be read. A row is made only for a good sample. */
  #readContainerSample(family: Family, textAt: number, guessedRow: number): boolean {
    const valueAt = this.#at;
    if (!this.#readSample()) return false;
    const amount = toInteger(this.#value, family);
    if (amount >= tooLarge) return false;
    const row = guessedRow >= 0 ? guessedRow : this.#resolveRow(family, textAt, valueAt);
    if (row === undefined) return false;
    if (row < 0) return true;
    this.#store(family, row, amount);
    if (family.bit === seenStart) this.#layout.learnStart(row, this.#body.subarray(valueAt, this.#at), amount);
    return true;
  }

  #store(family: Family, row: number, amount: number): void {
    const readings = this.#readings;
    readings.mark(row, family.bit);
    if (family.bit === seenStart) {
      readings.startNs[row] = amount;
      return;
    }
    readings.timestampMs[row] = this.#timestampMs;
    if (family.bit === seenCpu) readings.cpuNs[row] = amount;
    else readings.memoryBytes[row] = amount;
  }

  /** The row of the container that the labels name: undefined when they name none, -1 when there is no room for another. */
  #resolveRow(family: Family, textAt: number, textEnd: number): number | undefined {
    const text = this.#body.subarray(textAt, textEnd);
    const names = readContainerIdentity(text);
    if (names === undefined) return undefined;
    const identity = identityKey(names.namespace, names.pod, names.container);
    let row = this.#layout.find(identity);
    if (row < 0 && this.#layout.count >= this.#maxContainers) {
      this.#droppedSamples++;
      return -1;
    }
    if (row < 0) {
      row = this.#layout.add(identity, text);
      this.#readings.reserve(this.#layout.count);
    }
    this.#isNewOrder = true;
    this.#nextRow[family.index] = row + 1;
    return row;
  }

  /** `value [timestamp]` up to the end of the line, into `#value` and `#timestampMs`; false when it is no sample. */
  #readSample(): boolean {
    const body = this.#body;
    const valueAt = skipBlanks(body, this.#at);
    const value = this.#number.scan(body, valueAt);
    const valueEnd = this.#number.end;
    this.#at = skipBlanks(body, valueEnd);
    if (!(value >= 0)) return false; // negative or NaN
    this.#value = value;
    this.#timestampMs = this.#requestedAtMs;
    if (isLineEnd(body, this.#at)) return true;
    return this.#at > valueEnd && this.#readTimestamp();
  }

  #readTimestamp(): boolean {
    const body = this.#body;
    const first = this.#at;
    let at = first;
    let timestampMs = 0;
    for (; ; at++) {
      const digit = (body[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      timestampMs = timestampMs * 10 + digit;
    }
    this.#timestampMs = timestampMs;
    this.#at = skipBlanks(body, at);
    return at > first && timestampMs <= maxTimestampMs && isLineEnd(body, this.#at);
  }
}

/** Seconds to whole nanoseconds, bytes to whole bytes: truncated after one double multiplication (rule 2.3). */
function toInteger(value: number, family: Family): number {
  return Math.trunc(family.bit === seenMemory ? value : value * 1e9);
}

/** The family whose series begins at `at`. One byte tells which name it could be, then the whole name is compared. */
function familyAt(body: Uint8Array, words: ByteWords, at: number): Family | undefined {
  let candidate: Family | undefined;
  if (body[at] === LOWER_C) {
    const byte = body[at + 'container_'.length];
    if (byte === LOWER_C) candidate = cpu;
    else if (byte === LOWER_M) candidate = memory;
    else if (byte === LOWER_S) candidate = start;
  } else if (body[at] === LOWER_N) {
    const byte = body[at + 'node_'.length];
    if (byte === LOWER_C) candidate = nodeCpu;
    else if (byte === LOWER_M) candidate = nodeMemory;
  }
  return candidate !== undefined && hasName(body, words, at, candidate.name) ? candidate : undefined;
}

function hasName(body: Uint8Array, words: ByteWords, at: number, name: ByteWords): boolean {
  if (!standsAt(words, at, name, 0, name.length)) return false;
  const next = body[at + name.length];
  return next === OPENING_BRACE || next === SPACE || next === TAB;
}

function skipBlanks(body: Uint8Array, at: number): number {
  let position = at;
  while (body[position] === SPACE || body[position] === TAB) position++;
  return position;
}

function findNextLine(body: Uint8Array, words: ByteWords, at: number): number {
  let position = nearLineFeed(words, at);
  while (body[position] !== LINE_FEED) position++;
  return position + 1;
}

function isLineEnd(body: Uint8Array, at: number): boolean {
  return body[at] === LINE_FEED || (body[at] === CARRIAGE_RETURN && body[at + 1] === LINE_FEED);
}

/**
 * Every loop here stops at a line feed and so needs no look at where the body ends; a read past the end would also make V8 compile all reads
 * of its loop for the case. Bodies end with one; those that do not are copied.
 */
function withFinalLineFeed(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || bytes[bytes.length - 1] === LINE_FEED) return bytes;
  const body = new Uint8Array(bytes.length + 1);
  body.set(bytes);
  body[bytes.length] = LINE_FEED;
  return body;
}
