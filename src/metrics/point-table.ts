// Pure state: the last two points of many counters, in columns. Containers have one table, nodes another.
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

/**
 * One slot per counter, a small integer that is handed out, freed and handed out again:
 *
 *   slot                        0        1        2 …
 *   last      timestampMs   [ 15000 |  NaN   | 15120 ]     NaN: no point yet
 *             cpuNs         [  …    |        |   …   ]
 *             startNs       [  …    |        |   …   ]     0: unknown
 *             memoryBytes   [  …    |        |   …   ]
 *   previous  timestampMs   [  NaN  |  NaN   |   0   ]     NaN: nothing to rate against, so no usage
 *             subMsNs       [       |        |   0   ]
 *             cpuNs         [       |        |   …   ]
 *             startNs       [       |        |   …   ]
 *
 * 64 bytes per slot. Invariant: where there is a previous point it is earlier than the last and no counter decreased between them.
 */
export class PointTable {
  readonly #resolutionMs: number;
  #capacity = 0;
  #used = 0;
  readonly #free: number[] = [];
  #withUsage = 0;

  #lastTimestampMs = new Float64Array(0);
  #lastCpuNs = new Float64Array(0);
  #lastStartNs = new Float64Array(0);
  #lastMemoryBytes = new Float64Array(0);
  #previousTimestampMs = new Float64Array(0);
  #previousSubMsNs = new Float64Array(0);
  #previousCpuNs = new Float64Array(0);
  #previousStartNs = new Float64Array(0);

  // Scratch, so that offering a point allocates nothing.
  readonly #last = newPoint();
  readonly #previous = newPoint();

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
    this.#lastTimestampMs[slot] = Number.NaN;
    this.#previousTimestampMs[slot] = Number.NaN;
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
    this.#lastTimestampMs[slot] = Number.NaN;
    this.#previousTimestampMs[slot] = Number.NaN;
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
    this.#lastTimestampMs[slot] = reading.timestampMs;
    this.#lastCpuNs[slot] = reading.cpuNs;
    this.#lastStartNs[slot] = reading.startNs;
    this.#lastMemoryBytes[slot] = reading.memoryBytes;
    return true;
  }

  hasUsage(slot: number): boolean {
    return !Number.isNaN(this.#previousTimestampMs[slot] ?? Number.NaN);
  }

  /** Sampled, but there is nothing to rate the sample against. */
  isWithoutUsage(slot: number): boolean {
    return !Number.isNaN(this.timestampMs(slot)) && !this.hasUsage(slot);
  }

  /** When the last point was taken; NaN when there is none. */
  timestampMs(slot: number): number {
    return this.#lastTimestampMs[slot] ?? Number.NaN;
  }

  /** Time from the point before to the last; NaN without two. */
  distanceMs(slot: number): number {
    return this.timestampMs(slot) - (this.#previousTimestampMs[slot] ?? Number.NaN);
  }

  memoryBytes(slot: number): number {
    return this.#lastMemoryBytes[slot] ?? Number.NaN;
  }

  /** CPU usage between the two points; undefined without two. */
  cpuUsage(slot: number): CpuUsage | undefined {
    const last = this.#loadLast(slot);
    const previous = this.#loadPrevious(slot);
    return last === undefined || previous === undefined ? undefined : computeCpuUsage(last, previous);
  }

  /** Writes the slot's two points. */
  write(slot: number, out: ByteWriter): void {
    for (const column of this.#columns()) out.float64(column[slot] ?? Number.NaN);
  }

  /** Fills an empty slot with what `write` wrote. */
  read(slot: number, from: ByteReader): void {
    for (const column of this.#columns()) column[slot] = from.float64();
    this.#withUsage += Number(this.hasUsage(slot));
  }

  #columns(): readonly Float64Array[] {
    return [
      this.#lastTimestampMs,
      this.#lastCpuNs,
      this.#lastStartNs,
      this.#lastMemoryBytes,
      this.#previousTimestampMs,
      this.#previousSubMsNs,
      this.#previousCpuNs,
      this.#previousStartNs,
    ];
  }

  #loadLast(slot: number): Point | undefined {
    const timestampMs = this.#lastTimestampMs[slot] ?? Number.NaN;
    if (Number.isNaN(timestampMs)) return undefined;
    this.#last.timestampMs = timestampMs;
    this.#last.cpuNs = this.#lastCpuNs[slot] ?? 0;
    this.#last.startNs = this.#lastStartNs[slot] ?? 0;
    return this.#last;
  }

  #loadPrevious(slot: number): Point | undefined {
    const timestampMs = this.#previousTimestampMs[slot] ?? Number.NaN;
    if (Number.isNaN(timestampMs)) return undefined;
    this.#previous.timestampMs = timestampMs;
    this.#previous.subMsNs = this.#previousSubMsNs[slot] ?? 0;
    this.#previous.cpuNs = this.#previousCpuNs[slot] ?? 0;
    this.#previous.startNs = this.#previousStartNs[slot] ?? 0;
    return this.#previous;
  }

  #storePrevious(slot: number, baseline: Exclude<Baseline, 'repeated'>, startNs: number): void {
    switch (baseline) {
      case 'none':
        this.#previousTimestampMs[slot] = Number.NaN;
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
    this.#previousTimestampMs[slot] = point.timestampMs;
    this.#previousSubMsNs[slot] = point.subMsNs;
    this.#previousCpuNs[slot] = point.cpuNs;
    this.#previousStartNs[slot] = point.startNs;
  }

  #grow(capacity: number): void {
    const grown = (column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(capacity);
      larger.set(column);
      return larger;
    };
    this.#capacity = capacity;
    this.#lastTimestampMs = grown(this.#lastTimestampMs);
    this.#lastCpuNs = grown(this.#lastCpuNs);
    this.#lastStartNs = grown(this.#lastStartNs);
    this.#lastMemoryBytes = grown(this.#lastMemoryBytes);
    this.#previousTimestampMs = grown(this.#previousTimestampMs);
    this.#previousSubMsNs = grown(this.#previousSubMsNs);
    this.#previousCpuNs = grown(this.#previousCpuNs);
    this.#previousStartNs = grown(this.#previousStartNs);
  }
}
