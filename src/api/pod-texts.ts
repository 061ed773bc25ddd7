// Pure state: what a LIST as JSON says of each pod that does not change with its samples, as bytes: two thirds of the list.
import type { ListedPod } from '../lib/views.ts';
import { jsonString, jsonStringMap } from './go-json.ts';
import type { TextWriter } from './text-writer.ts';

const arenaBytes = 1_048_576;
/** Larger texts are made anew each time: labels are shared by the pods of a template, these copies are not, and anybody may give his pods a megabyte of labels. */
const maxTextBytes = 4_096;
/** Fields of a row: in which arena, from where to where, and where creationTimestamp stands. */
const arenaField = 0;
const startField = 1;
const endField = 2;
const timeField = 3;
const fields = 4;

const timeHole = '.'.repeat('2026-11-21T11:00:56Z'.length);

interface PodText {
  readonly bytes: Buffer;
  /** Where the time of the answer stands, 20 characters from there. */
  readonly timeAt: number;
}

/**
 * Made when a pod is listed for the first time: rendering it costs as much as all the rest of its item. They lie one behind the other in the order
 * of the list, so that copying them reads memory in one direction.
 *
 *   ordinal -> pod, row { arena, start, end, time }
 *   arena      {"metadata":{"name":"web-1","namespace":"shop","creationTimestamp":"....................","labels":{…}},"timestamp":"{"metadata":…
 *
 * Bound: some 200 bytes and the labels for each pod that was listed; half as much more for those that are gone.
 */
export class PodTexts {
  readonly #arenas: Buffer[] = [];
  #end = arenaBytes;
  #liveBytes = 0;
  #deadBytes = 0;
  /** By ordinal: whose text it is. */
  readonly #pods: ListedPod[] = [];
  #rows = new Int32Array(0);

  /** Memory in use. */
  get heldBytes(): number {
    return this.#arenas.length * arenaBytes;
  }

  /** Writes the pod's text. `time` is that of the answer, 20 characters. */
  put(pod: ListedPod, time: Uint8Array, writer: TextWriter): void {
    const row = pod.ordinal * fields;
    if (this.#pods[pod.ordinal] !== pod) {
      const text = render(pod);
      if (text.bytes.length > maxTextBytes) {
        text.bytes.set(time, text.timeAt);
        writer.bytes(text.bytes);
        return;
      }
      this.#keep(pod, row, text);
    }
    const rows = this.#rows;
    const arena = this.#arenas[rows[row + arenaField] ?? 0];
    if (arena === undefined) throw new Error('BUG: a text in no arena');
    // Nobody else reads it meanwhile: every list writes its time just before it copies.
    arena.set(time, rows[row + timeField]);
    writer.copy(arena, rows[row + startField] ?? 0, rows[row + endField] ?? 0);
  }

  #keep(pod: ListedPod, row: number, { bytes, timeAt }: PodText): void {
    this.#makeRoom(row, bytes.length);
    if (this.#pods[pod.ordinal] !== undefined) this.#forget(row);
    this.#pods[pod.ordinal] = pod;
    const start = this.#end;
    this.#arenas.at(-1)?.set(bytes, start);
    this.#end += bytes.length;
    this.#liveBytes += bytes.length;
    this.#rows.set([this.#arenas.length - 1, start, this.#end, start + timeAt], row);
  }

  #makeRoom(row: number, length: number): void {
    // Pods come and go. Starting anew costs one slower list.
    if (this.#deadBytes > this.#liveBytes / 2 + arenaBytes) this.#clear();
    if (row >= this.#rows.length) {
      const larger = new Int32Array(Math.max(64 * fields, row * 2));
      larger.set(this.#rows);
      this.#rows = larger;
    }
    if (this.#end + length <= arenaBytes) return;
    this.#arenas.push(Buffer.allocUnsafeSlow(arenaBytes));
    this.#end = 0;
  }

  #forget(row: number): void {
    const length = (this.#rows[row + endField] ?? 0) - (this.#rows[row + startField] ?? 0);
    this.#liveBytes -= length;
    this.#deadBytes += length;
  }

  #clear(): void {
    this.#arenas.length = 0;
    this.#pods.length = 0;
    this.#end = arenaBytes;
    this.#liveBytes = 0;
    this.#deadBytes = 0;
  }
}

function render({ name, namespace, labels }: ListedPod): PodText {
  const before = `{"metadata":{"name":${jsonString(name)},"namespace":${jsonString(namespace)},"creationTimestamp":"`;
  const labelsText = jsonStringMap(labels);
  const withLabels = labelsText === '{}' ? '' : `,"labels":${labelsText}`;
  const bytes = Buffer.from(`${before}${timeHole}"${withLabels}},"timestamp":"`);
  return { bytes, timeAt: Buffer.byteLength(before) };
}
