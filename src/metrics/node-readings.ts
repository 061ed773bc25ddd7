// Pure state: what one scrape of one node said, as columns. One object is reused for all scrapes.

/** Bits of `NodeReadings.seen` and `nodeSeen`. */
export const seenCpu = 1;
export const seenMemory = 2;
export const seenStart = 4;

/** The last value of each kind that a body holds, per row of the node's SeriesLayout. A column means nothing unless its bit is set in `seen`. */
export class NodeReadings {
  nodeSeen = 0;
  /** Core-nanoseconds since the counter began. */
  nodeCpuNs = 0;
  nodeMemoryBytes = 0;
  /** Milliseconds since the epoch: that of the later of the node's two lines (rule 2.4). */
  nodeTimestampMs = 0;

  seen = new Uint8Array(0);
  /** Core-nanoseconds since the container started. */
  cpuNs = new Float64Array(0);
  memoryBytes = new Float64Array(0);
  /** Nanoseconds since the epoch. */
  startNs = new Float64Array(0);
  /** Milliseconds since the epoch: that of the later of the container's CPU and memory lines (rule 2.4). */
  timestampMs = new Float64Array(0);
  /** Rows in the order in which the body first named them; `orderLength` of them. */
  order = new Int32Array(0);
  orderLength = 0;

  /** Starts a scrape of a node that has `rows` rows so far. */
  reset(rows: number): void {
    this.nodeSeen = 0;
    this.orderLength = 0;
    this.reserve(rows);
    this.seen.fill(0);
  }

  /** Makes room for rows added on the way. */
  reserve(rows: number): void {
    if (rows <= this.seen.length) return;
    const capacity = Math.max(rows, this.seen.length * 2, 64);
    this.seen = extended(this.seen, new Uint8Array(capacity));
    this.cpuNs = extended(this.cpuNs, new Float64Array(capacity));
    this.memoryBytes = extended(this.memoryBytes, new Float64Array(capacity));
    this.startNs = extended(this.startNs, new Float64Array(capacity));
    this.timestampMs = extended(this.timestampMs, new Float64Array(capacity));
    this.order = extended(this.order, new Int32Array(capacity));
  }

  /** Marks that `row` has the value of this kind. */
  mark(row: number, bit: number): void {
    const seen = this.seen[row] ?? 0;
    if (seen === 0) this.order[this.orderLength++] = row;
    this.seen[row] = seen | bit;
  }
}

function extended<T extends Uint8Array | Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
