// Pure: NodeMetrics and PodMetrics as JSON, byte for byte as metrics-server writes them (docs/metrics-api.md, M-71, M-72).
import { formatDuration } from '../lib/duration.ts';
import { formatBytes, formatNanoCores } from '../lib/quantity.ts';
import { formatTimeSeconds } from '../lib/time.ts';
import { jsonString, jsonStringMap } from './go-json.ts';
import type { MetricsObject, ObjectIdentity } from './metrics-object.ts';

/**
 * Encodes the items of one answer, whose time all of them bear. Nothing encoded is kept: text is made faster from the numbers than what it was
 * made of last time can be compared, and 150,000 encoded pods would take 75 MB.
 */
export class JsonEncoder {
  readonly #nowText: string;
  /** By second: the samples of a cluster are of few seconds. */
  readonly #timeTexts = new Map<number, string>();
  /** What stands behind the name, which neighbours in a list share: they have one ReplicaSet. Half of an item, so worth remembering. */
  #behindName = '';
  #labels: ObjectIdentity['labels'] | undefined;
  #namespace: string | undefined;

  constructor(nowMs: number) {
    this.#nowText = formatTimeSeconds(nowMs);
  }

  /** An item of a list: no kind and apiVersion. */
  item({ kind, identity, usage }: MetricsObject): string {
    const window = `"timestamp":"${this.#timeText(usage.timestampMs)}","window":"${formatDuration(usage.windowNs)}"`;
    const amounts = kind === 'NodeMetrics' ? usageJson(usage) : containersJson(usage.containers);
    return `{${this.#metadata(identity)},${window},${amounts}}`;
  }

  /** An object of its own. */
  object(object: MetricsObject, apiVersion: string): string {
    return `{"kind":"${object.kind}","apiVersion":"${apiVersion}",${this.item(object).slice(1)}`;
  }

  /** PartialObjectMetadata of an object; `apiVersion` is meta.k8s.io/v1 or v1beta1. */
  partialObject(identity: ObjectIdentity, apiVersion: string): string {
    return `{"kind":"PartialObjectMetadata","apiVersion":"${apiVersion}",${this.#metadata(identity)}}`;
  }

  /** What stands in the metadata behind the name, and closes them. */
  behindName({ namespace, labels }: Pick<ObjectIdentity, 'namespace' | 'labels'>): string {
    if (labels !== this.#labels || namespace !== this.#namespace) {
      this.#labels = labels;
      this.#namespace = namespace;
      const place = namespace === undefined ? '' : `"namespace":${jsonString(namespace)},`;
      this.#behindName = `,${place}"creationTimestamp":"${this.#nowText}"${labelsJson(labels)}}`;
    }
    return this.#behindName;
  }

  #metadata(identity: ObjectIdentity): string {
    return `"metadata":{"name":${jsonString(identity.name)}${this.behindName(identity)}`;
  }

  #timeText(ms: number): string {
    const second = Math.floor(ms / 1000);
    let text = this.#timeTexts.get(second);
    if (text === undefined) {
      text = formatTimeSeconds(ms);
      this.#timeTexts.set(second, text);
    }
    return text;
  }
}

function labelsJson(labels: Readonly<Record<string, string>>): string {
  const text = jsonStringMap(labels);
  return text === '{}' ? '' : `,"labels":${text}`;
}

function containersJson(containers: Extract<MetricsObject, { kind: 'PodMetrics' }>['usage']['containers']): string {
  let text = '';
  for (const container of containers) {
    text += `${text === '' ? '' : ','}{"name":${jsonString(container.name)},${usageJson(container)}}`;
  }
  return `"containers":[${text}]`;
}

function usageJson({ cpuNanoCores, memoryBytes }: { cpuNanoCores: number; memoryBytes: number }): string {
  return `"usage":{"cpu":"${formatNanoCores(cpuNanoCores)}","memory":"${formatBytes(memoryBytes)}"}`;
}

/** Everything of a list before and behind its items; nothing else in it is a list. */
export interface ListFrame {
  readonly prefix: string;
  readonly suffix: string;
}

export function listFrame(kind: string, apiVersion: string): ListFrame {
  return { prefix: `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":{},"items":[`, suffix: ']}' };
}

/** Characters gathered before they are handed to the connection: a quarter of a millisecond's worth. Four times as many cost no less (bench:serving). */
const chunkLength = 65_536;

/** A whole list as UTF-8, in chunks. Objects are asked for and encoded one at a time, so that nothing is held whole. */
export function* encodeList<T>(
  objects: Iterable<T>,
  encode: (object: T) => string,
  { prefix, suffix }: ListFrame,
): Generator<Buffer> {
  let gathered = prefix;
  let separator = '';
  for (const object of objects) {
    gathered += separator + encode(object);
    separator = ',';
    if (gathered.length < chunkLength) continue;
    yield Buffer.from(gathered, 'utf8');
    gathered = '';
  }
  yield Buffer.from(gathered + suffix, 'utf8');
}
