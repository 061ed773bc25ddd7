// Pure state: the last two points of many counters, side by side. Containers have one table, nodes another.
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import {
  type Baseline,
  type CpuUsage,
  chooseBaseline,
  computeCpuUsage,
  type Point,
  zeroPointAtStart,
} from './usage.ts';

type MutablePoint = { -readonly [field in keyof Point]: Point[field] };

/** A point with the memory that goes with it. */
export interface Reading extends Point {
  /** Working set at `timestampMs`, in bytes. */
  readonly memoryBytes: number;
}

const newPoint = (): MutablePoint => ({ timestampMs: 0, subMsNs: 0, cpuNs: 0, startNs: 0 });

/** Where a field stands in the row of its slot. */
const lastTimestampMs = 0;
const lastCpuNs = 1;
const lastStartNs = 2;
const lastMemoryBytes = 3;
const previousTimestampMs = 4;
const previousSubMsNs = 5;
const previousCpuNs = 6;
const previousStartNs = 7;
const fields = 8;

/**
 * One slot per counter, a small integer that is handed out, freed and handed out again. A slot has a row of eight numbers:
 *
 *   last      timestampMs     NaN: no point yet
 *             cpuNs
 *             startNs         0: unknown
 *             memoryBytes
 *   previous  timestampMs     NaN: nothing to rate against, so no usage
 *             subMsNs
 *             cpuNs
 *             startNs
 *
 * 64 bytes, side by side, because a pod's are never read together with its neighbours': in a column per field each of them is a
 * line of memory of its own. Invariant: where there is a previous point it is earlier than the last and no counter decreased between them.
 */
export class PointTable {
  readonly #resolutionMs: number;
  #capacity = 0;
  #used = 0;
  readonly #free: number[] = [];
  #withUsage = 0;

  #rows = new Float64Array(0);

  // Scratch, so that offering a point and asking for a usage allocate nothing.
  readonly #last = newPoint();
  readonly #previous = newPoint();
  readonly #usage = { cpuNanoCores: 0, windowNs: 0 };

  constructor(resolutionMs: number) {
    this.#resolutionMs = resolutionMs;
  }

  /** Slots that have a usage. */
  get withUsage(): number {
    return this.#withUsage;
  }

  /** Slots ever needed at once; every slot is smaller. */
  get size(): number {
    return this.#used;
  }

  /** An empty slot. */
  allocate(): number {
    const slot = this.#free.pop() ?? this.#used++;
    if (slot >= this.#capacity) this.#grow(Math.max(64, this.#capacity * 2));
    this.#rows[slot * fields + lastTimestampMs] = Number.NaN;
    this.#rows[slot * fields + previousTimestampMs] = Number.NaN;
    return slot;
  }

  /** Gives a slot back. */
  release(slot: number): void {
    this.clear(slot);
    this.#free.push(slot);
  }

  /** Forgets the slot's points. */
  clear(slot: number): void {
    if (this.hasUsage(slot)) this.#withUsage--;
    this.#rows[slot * fields + lastTimestampMs] = Number.NaN;
    this.#rows[slot * fields + previousTimestampMs] = Number.NaN;
  }

  /** Stores a reading after the rules of usage.ts; false when it repeats the last one and nothing changed. */
  offer(slot: number, reading: Reading): boolean {
    const last = this.#loadLast(slot);
    const previous = this.#loadPrevious(slot);
    const baseline = chooseBaseline(reading, last, previous, this.#resolutionMs);
    if (baseline === 'repeated') return false;
    const hadUsage = previous !== undefined;
    this.#storePrevious(slot, baseline, reading.startNs);
    this.#withUsage += Number(this.hasUsage(slot)) - Number(hadUsage);
    this.#rows[slot * fields + lastTimestampMs] = reading.timestampMs;
    this.#rows[slot * fields + lastCpuNs] = reading.cpuNs;
    this.#rows[slot * fields + lastStartNs] = reading.startNs;
    this.#rows[slot * fields + lastMemoryBytes] = reading.memoryBytes;
    return true;
  }

  hasUsage(slot: number): boolean {
    return !Number.isNaN(this.#rows[slot * fields + previousTimestampMs] ?? Number.NaN);
  }

  /** Sampled, but there is nothing to rate the sample against. */
  isWithoutUsage(slot: number): boolean {
    return !Number.isNaN(this.timestampMs(slot)) && !this.hasUsage(slot);
  }

  /** When the last point was taken; NaN when there is none. */
  timestampMs(slot: number): number {
    return this.#rows[slot * fields + lastTimestampMs] ?? Number.NaN;
  }

  /** Time from the point before to the last; NaN without two. */
  distanceMs(slot: number): number {
    return this.timestampMs(slot) - (this.#rows[slot * fields + previousTimestampMs] ?? Number.NaN);
  }

  memoryBytes(slot: number): number {
    return this.#rows[slot * fields + lastMemoryBytes] ?? Number.NaN;
  }

  /** CPU usage between the two points; undefined without two. Valid until the next call. */
  cpuUsage(slot: number): CpuUsage | undefined {
    const last = this.#loadLast(slot);
    const previous = this.#loadPrevious(slot);
    return last === undefined || previous === undefined ? undefined : computeCpuUsage(last, previous, this.#usage);
  }

  /** Writes the slot's two points. */
  write(slot: number, out: ByteWriter): void {
    for (let at = slot * fields; at < (slot + 1) * fields; at++) out.float64(this.#rows[at] ?? Number.NaN);
  }

  /** Fills an empty slot with what `write` wrote. */
  read(slot: number, from: ByteReader): void {
    for (let at = slot * fields; at < (slot + 1) * fields; at++) this.#rows[at] = from.float64();
    this.#withUsage += Number(this.hasUsage(slot));
  }

  #loadLast(slot: number): Point | undefined {
    const timestampMs = this.#rows[slot * fields + lastTimestampMs] ?? Number.NaN;
    if (Number.isNaN(timestampMs)) return undefined;
    this.#last.timestampMs = timestampMs;
    this.#last.cpuNs = this.#rows[slot * fields + lastCpuNs] ?? 0;
    this.#last.startNs = this.#rows[slot * fields + lastStartNs] ?? 0;
    return this.#last;
  }

  #loadPrevious(slot: number): Point | undefined {
    const timestampMs = this.#rows[slot * fields + previousTimestampMs] ?? Number.NaN;
    if (Number.isNaN(timestampMs)) return undefined;
    this.#previous.timestampMs = timestampMs;
    this.#previous.subMsNs = this.#rows[slot * fields + previousSubMsNs] ?? 0;
    this.#previous.cpuNs = this.#rows[slot * fields + previousCpuNs] ?? 0;
    this.#previous.startNs = this.#rows[slot * fields + previousStartNs] ?? 0;
    return this.#previous;
  }

  #storePrevious(slot: number, baseline: Exclude<Baseline, 'repeated'>, startNs: number): void {
    switch (baseline) {
      case 'none':
        this.#rows[slot * fields + previousTimestampMs] = Number.NaN;
        break;
      case 'previous':
        break;
      case 'last':
        this.#writePrevious(slot, this.#last);
        break;
      case 'start':
        this.#writePrevious(slot, zeroPointAtStart(startNs, this.#previous));
        break;
    }
  }

  #writePrevious(slot: number, point: Point): void {
    this.#rows[slot * fields + previousTimestampMs] = point.timestampMs;
    this.#rows[slot * fields + previousSubMsNs] = point.subMsNs;
    this.#rows[slot * fields + previousCpuNs] = point.cpuNs;
    this.#rows[slot * fields + previousStartNs] = point.startNs;
  }

  #grow(capacity: number): void {
    const larger = new Float64Array(capacity * fields);
    larger.set(this.#rows);
    this.#capacity = capacity;
    this.#rows = larger;
  }
}
