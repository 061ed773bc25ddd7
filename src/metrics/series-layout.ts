// Pure state: what one node's exposition looked like last time, so that a series seen before costs a compare and not a parse.
import type { ByteReader } from './byte-reader.ts';
import { ByteWords, standsAt } from './byte-words.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readContainerIdentity } from './label-text.ts';

/** Bytes kept of a start time as written, which is the same in each scrape. A kubelet writes 22. */
const startTextBytes = 24;

/** A row without a place in the store yet. */
export const noSlot = -1;

/**
 * The containers of one node in the order in which the kubelet lists them. Kubelets list them in the same order in each family and in
 * each scrape, so that "the row after the one just met" is nearly always the right guess. Row r is:
 *
 *   #text       …|container="app",namespace="shop",pod="web-1"}|…    label text, closing brace included, all rows in one array
 *                ^ #ends[r-1]                                  ^ #ends[r]
 *   #starts     | 1.7000000001234567e+09  |  startTextBytes per row: blank and start time as written; #startLengths[r] of them are used
 *   #startNs[r]  what that text means                           slots[r]  where the store keeps the container, or noSlot
 *
 * Bound: the caller adds no row once `count` has reached its limit; rows that a scrape did not list are dropped by `keepOnly`.
 */
export class SeriesLayout {
  count = 0;
  slots = new Int32Array(0);
  #ends = new Uint32Array(0);
  #text = new Uint8Array(0);
  /** The same bytes. */
  #textWords = new ByteWords(this.#text);
  #startLengths = new Uint8Array(0);
  #starts = new Uint8Array(0);
  #startNs = new Float64Array(0);
  /** Identity -> row; built when a guess fails and dropped after the scrape, because in the steady state nobody needs it. */
  #rowByIdentity: Map<string, number> | undefined;

  /** Length of the row's label text when it stands at `at` in the body, else 0. A body ends with a line feed, which no text holds. */
  matchText(row: number, body: ByteWords, at: number): number {
    if (row >= this.count) return 0;
    const start = this.#textStart(row);
    const length = (this.#ends[row] ?? 0) - start;
    return standsAt(body, at, this.#textWords, start, length) ? length : 0;
  }

  /** Length of the row's start time text when it stands at `at` in the body, else 0. */
  matchStart(row: number, body: Uint8Array, at: number): number {
    const length = this.#startLengths[row] ?? 0;
    const start = row * startTextBytes;
    const starts = this.#starts;
    for (let i = 0; i < length; i++) {
      if (starts[start + i] !== body[at + i]) return 0;
    }
    return length;
  }

  startNs(row: number): number {
    return this.#startNs[row] ?? 0;
  }

  /** Remembers what a start time written so means; one that is too long is parsed each time. */
  learnStart(row: number, written: Uint8Array, startNs: number): void {
    if (written.length > startTextBytes) return;
    this.#starts.set(written, row * startTextBytes);
    this.#startLengths[row] = written.length;
    this.#startNs[row] = startNs;
  }

  /** The row of the container that this label text names, whatever the order of its labels; -1 when there is none. */
  find(identity: string): number {
    this.#rowByIdentity ??= this.#index();
    return this.#rowByIdentity.get(identity) ?? -1;
  }

  /** Adds a row for a container that `find` did not know. */
  add(identity: string, text: Uint8Array): number {
    const row = this.count++;
    const textStart = this.#textStart(row);
    this.#reserve(this.count, textStart + text.length);
    this.#text.set(text, textStart);
    this.#ends[row] = textStart + text.length;
    this.#startLengths[row] = 0;
    this.slots[row] = noSlot;
    this.#rowByIdentity?.set(identity, row);
    return row;
  }

  /** Label text of a row, closing brace included. A view: valid until rows are added or dropped. */
  text(row: number): Uint8Array {
    return this.#text.subarray(this.#textStart(row), this.#ends[row]);
  }

  /** Makes these the only rows, in this order. Memory shrinks to what they need. */
  keepOnly(rows: Int32Array): void {
    const length = rows.length;
    const old = { slots: this.slots, starts: this.#starts, startLengths: this.#startLengths, startNs: this.#startNs };
    const texts = Array.from(rows, (row) => this.text(row));
    const textBytes = texts.reduce((sum, text) => sum + text.length, 0);
    this.#allocate(length, textBytes);
    this.count = length;
    this.#rowByIdentity = undefined;
    let end = 0;
    for (let row = 0; row < length; row++) {
      const from = rows[row] ?? 0;
      const text = texts[row] ?? new Uint8Array(0);
      this.#text.set(text, end);
      end += text.length;
      this.#ends[row] = end;
      this.slots[row] = old.slots[from] ?? noSlot;
      this.#startLengths[row] = old.startLengths[from] ?? 0;
      this.#startNs[row] = old.startNs[from] ?? 0;
      this.#starts.set(old.starts.subarray(from * startTextBytes, (from + 1) * startTextBytes), row * startTextBytes);
    }
  }

  /** Writes the label texts of all rows. Start times are left out: the next scrape brings them. */
  write(out: ByteWriter): void {
    out.uint32(this.count);
    for (let row = 0; row < this.count; row++) out.uint32(this.#ends[row] ?? 0);
    out.bytes(this.#text.subarray(0, this.#textStart(this.count)));
  }

  /** Makes the rows of what `write` wrote, in a layout without rows. None has a place in the store. */
  read(from: ByteReader): void {
    const ends = Uint32Array.from({ length: from.uint32() }, () => from.uint32());
    const text = from.bytes();
    this.#allocate(ends.length, text.length);
    this.count = ends.length;
    this.#ends.set(ends);
    this.#text.set(text);
    this.slots.fill(noSlot);
  }

  #textStart(row: number): number {
    return row === 0 ? 0 : (this.#ends[row - 1] ?? 0);
  }

  #index(): Map<string, number> {
    const index = new Map<string, number>();
    for (let row = 0; row < this.count; row++) {
      const names = readContainerIdentity(this.text(row));
      if (names !== undefined) index.set(identityKey(names.namespace, names.pod, names.container), row);
    }
    return index;
  }

  #reserve(rows: number, textBytes: number): void {
    if (rows <= this.slots.length && textBytes <= this.#text.length) return;
    const old = { slots: this.slots, ends: this.#ends, text: this.#text };
    const oldStarts = { starts: this.#starts, startLengths: this.#startLengths, startNs: this.#startNs };
    this.#allocate(Math.max(rows, old.slots.length * 2, 8), Math.max(textBytes, old.text.length * 2, 1024));
    this.slots.set(old.slots);
    this.#ends.set(old.ends);
    this.#text.set(old.text);
    this.#starts.set(oldStarts.starts);
    this.#startLengths.set(oldStarts.startLengths);
    this.#startNs.set(oldStarts.startNs);
  }

  #allocate(rows: number, textBytes: number): void {
    this.slots = new Int32Array(rows);
    this.#ends = new Uint32Array(rows);
    this.#text = new Uint8Array(textBytes);
    this.#textWords = new ByteWords(this.#text);
    this.#startLengths = new Uint8Array(rows);
    this.#starts = new Uint8Array(rows * startTextBytes);
    this.#startNs = new Float64Array(rows);
  }
}

/** One string for the three names of a container; names hold no slash (readContainerIdentity refuses them). */
export function identityKey(namespace: string, pod: string, container: string): string {
  return `${namespace}/${pod}/${container}`;
}
