// Edge: the store of samples as a file of --state-dir. Rules: docs/metrics-math.md 4.7 to 4.9.
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { breathe } from '../lib/breathe.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { BeliefRules, WindowStore } from './window-store.ts';

/**
 * The file, numbers little-endian:
 *
 *   "headroom samples"   formatVersion   when it was written
 *   per node: size { name   UID   what WindowStore.writeNode writes }
 *   CRC-32 of all of that
 */
const fileType = 'headroom samples';
/** Raised when any `write` on the way from WindowStore to its columns changes; other files are ignored. */
const formatVersion = 1;
const checksumBytes = 4;
/** Work between two breaths, in bytes of the file: some 440 containers, written in 0.3 ms and read in 3 ms. */
const pieceBytes = 65_536;

/** What there is now, as the API server says. */
export interface Present extends Pick<BeliefRules, 'ran'> {
  /** undefined: there is no such node, or it is not scraped. */
  uidOf(nodeName: string): string | undefined;
}

export interface SnapshotTimes {
  /** Wall-clock time now. */
  readonly nowMs: number;
  /** Wall-clock time at which the time line of the store begins, the monotonic one of this process. */
  readonly originMs: number;
}

/** Writes the store piece by piece; others work in between, so nodes may differ in age, never the parts of one. Throws what the file system throws. */
export async function writeSnapshot(
  file: Pick<FileHandle, 'writeFile'>,
  store: WindowStore,
  present: Pick<Present, 'uidOf'>,
  { nowMs, originMs }: SnapshotTimes,
): Promise<void> {
  const out = new ByteWriter();
  let checksum = 0;
  const flush = async (): Promise<void> => {
    checksum = crc32(out.written, checksum);
    await file.writeFile(out.written);
    out.clear();
  };
  out.text(fileType);
  out.uint32(formatVersion);
  out.float64(nowMs);
  for (const name of store.nodeNames()) {
    const uid = present.uidOf(name);
    if (uid === undefined) continue;
    writeRecord(out, { name, uid }, () => store.writeNode(name, out, originMs));
    if (out.length >= pieceBytes) await flush();
  }
  await flush();
  out.uint32(checksum);
  await file.writeFile(out.written);
}

function writeRecord(out: ByteWriter, { name, uid }: { name: string; uid: string }, writeNode: () => void): void {
  const sizeAt = out.length;
  out.uint32(0);
  const startsAt = out.length;
  out.text(name);
  out.text(uid);
  writeNode();
  out.patchUint32(sizeAt, out.length - startsAt);
}

/**
 * Takes what is believed into a store without nodes; a node is the one that was sampled when its UID is the same. Returns when the file was written. Throws, with
 * the store as it was, when the contents are not whole, of another version or cluster, or from the future.
 */
export async function readSnapshot(
  contents: Buffer,
  store: WindowStore,
  present: Present,
  { nowMs, originMs }: SnapshotTimes,
): Promise<number> {
  const from = new ByteReader(withoutChecksum(contents));
  if (from.text() !== fileType) throw new Error('it holds no samples');
  const version = from.uint32();
  if (version !== formatVersion) throw new Error(`format ${version} is not ${formatVersion}`);
  const writtenAtMs = from.float64();
  if (writtenAtMs > nowMs) throw new Error('it is from the future');
  const rules = { nowMs: nowMs - originMs, writtenAtMs: writtenAtMs - originMs, originMs, ran: present.ran };
  let records = 0;
  let ofNodes = 0;
  let work = 0;
  while (!from.isAtEnd) {
    const record = from.bytes();
    records++;
    ofNodes += Number(readNode(new ByteReader(record), store, present, rules));
    work += record.length;
    if (work < pieceBytes) continue;
    work = 0;
    await breathe();
  }
  if (records > 0 && ofNodes === 0) throw new Error('none of its nodes is in this cluster');
  return writtenAtMs;
}

/** Whether the node is there, however little of it was believed. */
function readNode(record: ByteReader, store: WindowStore, present: Present, rules: BeliefRules): boolean {
  const name = record.text();
  const uid = record.text();
  if (uid !== present.uidOf(name)) return false;
  store.readNode(name, record, rules);
  return true;
}

function withoutChecksum(contents: Buffer): Buffer {
  const end = contents.length - checksumBytes;
  if (end < 0 || contents.readUInt32LE(end) !== crc32(contents.subarray(0, end))) throw new Error('it is damaged');
  return contents.subarray(0, end);
}
