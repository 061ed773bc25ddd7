// Pure: core/v1 Pod -> PodRecord. What recurs (labels, requests, names) becomes one object for all pods that share it.
import { parseQuantityMilli } from '../lib/quantity.ts';
import { parseTimeMs } from '../lib/time.ts';
import type { ContainerRequests, InitContainerRequests, PodTemplateView, ReadyCondition } from '../lib/views.ts';
import { InternTable } from './intern-table.ts';
import { PodRecord } from './pod-record.ts';
import { arrayOf, type Fields, fieldsOf, identityOf, stringMapOf, textOf } from './raw-object.ts';

type Labels = Readonly<Record<string, string>>;
type Requests = Readonly<Record<string, bigint>>;

/** Distinct texts, label sets and templates that are shared at a time; twice as many at most are held. */
const internCapacity = 16_384;

/** A projection with intern tables of its own; it throws HeadroomError OBJECT_INVALID or QuantityError for a bad object. */
export function createPodProjection(): (object: unknown) => PodRecord {
  const texts = new InternTable<string>(internCapacity);
  const labelSets = new InternTable<Labels>(internCapacity);
  const templates = new InternTable<PodTemplateView>(internCapacity);
  const shared = (text: string): string => texts.get(text, () => text);

  const shareLabels = (raw: unknown): Labels => {
    const labels = stringMapOf(raw);
    return labelSets.get(JSON.stringify(labels), () =>
      Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, shared(value)])),
    );
  };
  const shareTemplate = (spec: Fields): PodTemplateView => {
    const requests = rawRequests(spec);
    return templates.get(JSON.stringify(requests), () => templateOf(requests));
  };

  return (object) => {
    const { namespace, name, uid } = identityOf(object);
    const { metadata, spec, status } = partsOf(object);
    return new PodRecord({
      namespace: shared(namespace),
      name,
      uid,
      labels: shareLabels(metadata['labels']),
      nodeName: shared(textOf(spec['nodeName'])),
      phase: shared(textOf(status['phase'])),
      deleting: textOf(metadata['deletionTimestamp']) !== '',
      startedAtMs: parseTimeMs(textOf(status['startTime'])),
      ready: readyCondition(status),
      template: shareTemplate(spec),
    });
  };
}

function partsOf(object: unknown): { metadata: Fields; spec: Fields; status: Fields } {
  const fields = fieldsOf(object);
  return { metadata: fieldsOf(fields['metadata']), spec: fieldsOf(fields['spec']), status: fieldsOf(fields['status']) };
}

function readyCondition(status: Fields): ReadyCondition | undefined {
  for (const raw of arrayOf(status['conditions'])) {
    const condition = fieldsOf(raw);
    if (condition['type'] !== 'Ready') continue;
    const text = textOf(condition['status']);
    return {
      status: text === 'True' || text === 'False' ? text : 'Unknown',
      lastTransitionAtMs: parseTimeMs(textOf(condition['lastTransitionTime'])) ?? 0,
    };
  }
  return undefined;
}

/** The parts of a pod's spec that say what it requests, small enough to be the key of its template. */
interface RawRequests {
  readonly containers: readonly RawContainer[];
  readonly initContainers: readonly RawContainer[];
  readonly pod: unknown;
  readonly overhead: unknown;
}

interface RawContainer {
  readonly name: string;
  readonly requests: unknown;
  readonly restartPolicy: string;
}

function rawRequests(spec: Fields): RawRequests {
  return {
    containers: arrayOf(spec['containers']).map(rawContainer),
    initContainers: arrayOf(spec['initContainers']).map(rawContainer),
    pod: fieldsOf(spec['resources'])['requests'],
    overhead: spec['overhead'],
  };
}

function rawContainer(raw: unknown): RawContainer {
  const container = fieldsOf(raw);
  return {
    name: textOf(container['name']),
    requests: fieldsOf(container['resources'])['requests'],
    restartPolicy: textOf(container['restartPolicy']),
  };
}

function templateOf({ containers, initContainers, pod, overhead }: RawRequests): PodTemplateView {
  return {
    containers: containers.map(containerRequests),
    initContainers: initContainers.map(
      (container): InitContainerRequests => ({
        ...containerRequests(container),
        restartPolicyAlways: container.restartPolicy === 'Always',
      }),
    ),
    podRequestsMilli: pod === undefined || pod === null ? undefined : requestsMilli(pod),
    overheadMilli: overhead === undefined || overhead === null ? undefined : requestsMilli(overhead),
  };
}

function containerRequests({ name, requests }: RawContainer): ContainerRequests {
  return { name, requestsMilli: requestsMilli(requests) };
}

function requestsMilli(raw: unknown): Requests {
  // A quantity may come as a JSON number from a client that is not careful; the API server writes strings.
  return Object.fromEntries(
    Object.entries(fieldsOf(raw)).map(([resource, quantity]) => [resource, parseQuantityMilli(String(quantity))]),
  );
}
