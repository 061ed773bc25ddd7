// Pure: NodeMetrics and PodMetrics as Kubernetes protobuf, byte for byte as metrics-server writes them (docs/metrics-api.md, M-77).
import { nextTurn } from '../lib/breathe.ts';
import { formatBytes, formatNanoCores } from '../lib/quantity.ts';
import type { MetricsObject, ObjectIdentity } from './metrics-object.ts';
import { emptyListMeta, envelope, field } from './protobuf.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import { sortedKeys } from './sorted-keys.ts';

interface Amounts {
  readonly cpuNanoCores: number;
  readonly memoryBytes: number;
}

/** Half a millisecond's worth. */
const itemsPerTurn = 256;
/** Bytes gathered before the next piece is begun. */
const chunkBytes = 65_536;
/** What stands before the items of a list. */
const listHead = field(1, emptyListMeta);

/** Encodes what one answer holds, whose time all of it bears. What it returns has no envelope, unless that is said. */
export class ProtobufEncoder {
  readonly #writer = new ProtobufWriter();
  readonly #nowSeconds: number;

  constructor(nowMs: number) {
    this.#nowSeconds = Math.floor(nowMs / 1000);
  }

  object(object: MetricsObject): Buffer {
    this.#writer.clear();
    this.#writeObject(object);
    return this.#writer.toBuffer();
  }

  /** PartialObjectMetadata. */
  partialObject(identity: ObjectIdentity): Buffer {
    this.#writer.clear();
    this.#writeMetadata(identity);
    return this.#writer.toBuffer();
  }

  /** A whole list in its envelope, in pieces. Its length stands before it, so all of it is encoded first, with pauses. */
  list(objects: Iterable<MetricsObject>, apiVersion: string, kind: string): Promise<Buffer[]> {
    return this.#list(objects, { apiVersion, kind }, (object) => this.#writeObject(object));
  }

  /** The same of PartialObjectMetadata. */
  partialList(objects: Iterable<MetricsObject>, apiVersion: string): Promise<Buffer[]> {
    const type = { apiVersion, kind: 'PartialObjectMetadataList' };
    return this.#list(objects, type, ({ identity }) => this.#writeMetadata(identity));
  }

  async #list(
    objects: Iterable<MetricsObject>,
    { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
    write: (object: MetricsObject) => void,
  ): Promise<Buffer[]> {
    const writer = this.#writer;
    const pieces: Buffer[] = [];
    let piece = Buffer.allocUnsafe(chunkBytes);
    let end = listHead.copy(piece);
    let length = 0;
    let items = 0;
    for (const object of objects) {
      items += 1;
      if (items % itemsPerTurn === 0) await nextTurn();
      writer.clear();
      write(object);
      writer.message(2, 0);
      if (end + writer.length > piece.length) {
        pieces.push(piece.subarray(0, end));
        length += end;
        piece = Buffer.allocUnsafe(Math.max(chunkBytes, writer.length));
        end = 0;
      }
      writer.copyTo(piece, end);
      end += writer.length;
    }
    pieces.push(piece.subarray(0, end));
    const { prefix, suffix } = envelope(apiVersion, kind, length + end);
    return [prefix, ...pieces, suffix];
  }

  // From here on backwards: see ProtobufWriter.

  #writeObject({ kind, identity, usage }: MetricsObject): void {
    const writer = this.#writer;
    if (kind === 'NodeMetrics') {
      this.#writeAmounts(4, usage);
    } else {
      for (const container of usage.containers.toReversed()) {
        const end = writer.length;
        this.#writeAmounts(2, container);
        writer.text(1, container.name);
        writer.message(4, end);
      }
    }
    const windowEnd = writer.length;
    writer.uint(1, usage.windowNs);
    writer.message(3, windowEnd);
    this.#writeTime(2, Math.floor(usage.timestampMs / 1000));
    this.#writeMetadata(identity);
  }

  #writeAmounts(number: number, { cpuNanoCores, memoryBytes }: Amounts): void {
    this.#writeAmount(number, 'memory', formatBytes(memoryBytes));
    this.#writeAmount(number, 'cpu', formatNanoCores(cpuNanoCores));
  }

  /** An entry of a map from names to Quantities. */
  #writeAmount(number: number, name: string, text: string): void {
    const end = this.#writer.length;
    this.#writer.text(1, text);
    this.#writer.message(2, end);
    this.#writer.text(1, name);
    this.#writer.message(number, end);
  }

  #writeTime(number: number, seconds: number): void {
    const end = this.#writer.length;
    this.#writer.uint(2, 0);
    this.#writer.uint(1, seconds);
    this.#writer.message(number, end);
  }

  /** ObjectMeta: strings are written even when empty. */
  #writeMetadata({ namespace = '', name, labels }: ObjectIdentity): void {
    const writer = this.#writer;
    const end = writer.length;
    writer.stringMap(11, labels, sortedKeys(labels));
    this.#writeTime(8, this.#nowSeconds);
    writer.uint(7, 0);
    for (const number of [6, 5, 4]) writer.text(number, '');
    writer.text(3, namespace);
    writer.text(2, '');
    writer.text(1, name);
    writer.message(1, end);
  }
}
