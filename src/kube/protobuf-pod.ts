// Pure: core/v1 Pod in protobuf -> PodRecord, straight from the bytes: of the 3 KB of a pod, nothing becomes an object that is not kept.
import { HeadroomError } from '../lib/errors.ts';
import { objectKey } from '../lib/object-key.ts';
import type { PodTemplateView, ReadyCondition } from '../lib/views.ts';
import type { Codec, Reading } from './codec.ts';
import { InternTable } from './intern-table.ts';
import { conditionStatus, PodRecord, podInternCapacity } from './pod-record.ts';
import { podTemplate, type RawContainer } from './pod-template.ts';
import { createProtobufCodec } from './protobuf-codec.ts';
import type { ProtobufReader } from './protobuf-reader.ts';

// Field numbers: k8s.io/api core/v1/generated.proto, apimachinery pkg/apis/meta/v1 and pkg/api/resource.
const podFields = { metadata: 1, spec: 2, status: 3 } as const;
const metadataFields = { name: 1, namespace: 3, deletionTimestamp: 9, labels: 11 } as const;
const specFields = { containers: 2, nodeName: 10, initContainers: 20, overhead: 32, resources: 40 } as const;
const containerFields = { name: 1, resources: 8, restartPolicy: 24 } as const;
const resourcesFields = { requests: 2 } as const;
const quantityFields = { string: 1 } as const;
const statusFields = { phase: 1, conditions: 2, startTime: 7 } as const;
const conditionFields = { type: 1, status: 2, lastTransitionTime: 4 } as const;
const timeFields = { seconds: 1 } as const;
/** Of an entry of any map. */
const entryFields = { key: 1, value: 2 } as const;

type Labels = Readonly<Record<string, string>>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type PodFields = Mutable<ConstructorParameters<typeof PodRecord>[0]>;

/** Pods as protobuf, with intern tables of its own. */
export function createPodProtobufCodec(): Codec<PodRecord> {
  const reader = new PodReader();
  return createProtobufCodec({ kind: 'Pod', read: (pod) => reader.read(pod) });
}

/** What the pods of one template share is looked up by its bytes: they are alike as long as the API server encodes equal maps alike, which it does. */
class PodReader {
  readonly #texts = new InternTable<string>(podInternCapacity);
  readonly #labelSets = new InternTable<Labels>(podInternCapacity);
  readonly #templates = new InternTable<PodTemplateView>(podInternCapacity);

  read(pod: ProtobufReader): Reading<PodRecord> {
    let key: string | undefined;
    const found: PodFields = { ...nothing };
    try {
      while (pod.next()) {
        if (pod.field === podFields.metadata) {
          this.#readMetadata(pod.message(), found);
          key = keyOf(found);
        } else if (pod.field === podFields.spec) this.#readSpec(pod.message(), found);
        else if (pod.field === podFields.status) this.#readStatus(pod.message(), found);
        else pod.skip();
      }
      return { key: key ?? keyOf(found), object: new PodRecord(found) };
    } catch (problem) {
      return { key, problem };
    }
  }

  #readMetadata(metadata: ProtobufReader, found: PodFields): void {
    let labels = '';
    while (metadata.next()) {
      switch (metadata.field) {
        case metadataFields.name:
          found.name = metadata.text();
          break;
        case metadataFields.namespace:
          found.namespace = this.#shared(metadata.text());
          break;
        case metadataFields.deletionTimestamp:
          found.deleting = readTimeMs(metadata.message()) !== undefined;
          break;
        case metadataFields.labels:
          labels += metadata.verbatim();
          break;
        default:
          metadata.skip();
      }
    }
    found.labels = this.#labelSets.get(labels, () => this.#readLabels(metadata.again()));
  }

  #readLabels(metadata: ProtobufReader): Labels {
    const labels: [string, string][] = [];
    while (metadata.next()) {
      if (metadata.field === metadataFields.labels) labels.push(readEntry(metadata.message(), readText));
      else metadata.skip();
    }
    return Object.fromEntries(labels.map(([key, value]) => [key, this.#shared(value)]));
  }

  #readSpec(spec: ProtobufReader, found: PodFields): void {
    let requests = '';
    while (spec.next()) {
      switch (spec.field) {
        case specFields.nodeName:
          found.nodeName = this.#shared(spec.text());
          break;
        case specFields.containers:
          requests += `c${verbatimRequests(spec.message())}`;
          break;
        case specFields.initContainers:
          requests += `i${verbatimRequests(spec.message())}`;
          break;
        case specFields.resources:
        case specFields.overhead:
          requests += spec.verbatim();
          break;
        default:
          spec.skip();
      }
    }
    found.template = this.#templates.get(requests, () => readTemplate(spec.again()));
  }

  #readStatus(status: ProtobufReader, found: PodFields): void {
    while (status.next()) {
      switch (status.field) {
        case statusFields.phase:
          found.phase = this.#shared(status.text());
          break;
        case statusFields.startTime:
          found.startedAtMs = readTimeMs(status.message());
          break;
        case statusFields.conditions:
          if (found.ready === undefined) found.ready = readReadyCondition(status.message());
          else status.skip();
          break;
        default:
          status.skip();
      }
    }
  }

  #shared(text: string): string {
    return this.#texts.get(text, () => text);
  }
}

const nothing: PodFields = {
  namespace: '',
  name: '',
  labels: {},
  nodeName: '',
  phase: '',
  deleting: false,
  startedAtMs: undefined,
  ready: undefined,
  template: { containers: [], initContainers: [], podRequestsMilli: undefined, overheadMilli: undefined },
};

function keyOf({ namespace, name }: PodFields): string {
  if (name === '') throw new HeadroomError('OBJECT_INVALID', 'an object has no metadata.name');
  return objectKey(namespace, name);
}

/** The fields that readContainer reads, as they stand there. */
function verbatimRequests(container: ProtobufReader): string {
  let fields = '';
  while (container.next()) {
    switch (container.field) {
      case containerFields.name:
      case containerFields.resources:
      case containerFields.restartPolicy:
        fields += container.verbatim();
        break;
      default:
        container.skip();
    }
  }
  return fields;
}

function readTemplate(spec: ProtobufReader): PodTemplateView {
  const containers: RawContainer[] = [];
  const initContainers: RawContainer[] = [];
  const overhead: [string, string][] = [];
  let pod: Record<string, string> | undefined;
  while (spec.next()) {
    if (spec.field === specFields.containers) containers.push(readContainer(spec.message()));
    else if (spec.field === specFields.initContainers) initContainers.push(readContainer(spec.message()));
    else if (spec.field === specFields.resources) pod = readRequests(spec.message());
    else if (spec.field === specFields.overhead) overhead.push(readEntry(spec.message(), readQuantity));
    else spec.skip();
  }
  return podTemplate({
    containers,
    initContainers,
    pod: pod === undefined || Object.keys(pod).length === 0 ? undefined : pod,
    overhead: overhead.length === 0 ? undefined : Object.fromEntries(overhead),
  });
}

function readContainer(container: ProtobufReader): RawContainer {
  let name = '';
  let requests = {};
  let restartPolicy = '';
  while (container.next()) {
    if (container.field === containerFields.name) name = container.text();
    else if (container.field === containerFields.resources) requests = readRequests(container.message());
    else if (container.field === containerFields.restartPolicy) restartPolicy = container.text();
    else container.skip();
  }
  return { name, requests, restartPolicy };
}

function readRequests(resources: ProtobufReader): Record<string, string> {
  const requests: [string, string][] = [];
  while (resources.next()) {
    if (resources.field === resourcesFields.requests) requests.push(readEntry(resources.message(), readQuantity));
    else resources.skip();
  }
  return Object.fromEntries(requests);
}

/** The entry of a map: its key, and its value as `read` reads it. */
function readEntry(entry: ProtobufReader, read: (entry: ProtobufReader) => string): [string, string] {
  let key = '';
  let value = '';
  while (entry.next()) {
    if (entry.field === entryFields.key) key = entry.text();
    else if (entry.field === entryFields.value) value = read(entry);
    else entry.skip();
  }
  return [key, value];
}

function readText(field: ProtobufReader): string {
  return field.text();
}

function readQuantity(field: ProtobufReader): string {
  let text = '';
  for (const quantity = field.message(); quantity.next(); ) {
    if (quantity.field === quantityFields.string) text = quantity.text();
    else quantity.skip();
  }
  return text;
}

/** undefined for a condition of another type. */
function readReadyCondition(condition: ProtobufReader): ReadyCondition | undefined {
  let isReady = false;
  let status = '';
  let lastTransitionAtMs = 0;
  while (condition.next()) {
    if (condition.field === conditionFields.type) {
      isReady = condition.isText('Ready');
      if (!isReady) return undefined;
    } else if (condition.field === conditionFields.status) status = condition.text();
    else if (condition.field === conditionFields.lastTransitionTime)
      lastTransitionAtMs = readTimeMs(condition.message()) ?? 0;
    else condition.skip();
  }
  if (!isReady) return undefined;
  return { status: conditionStatus(status), lastTransitionAtMs };
}

/** metav1.Time: whole seconds. One that is not set is an empty message. */
function readTimeMs(time: ProtobufReader): number | undefined {
  let ms: number | undefined;
  while (time.next()) {
    if (time.field === timeFields.seconds) ms = time.integer() * 1000;
    else time.skip();
  }
  return ms;
}
