// Pure: core/v1 Pod -> PodRecord. What recurs (labels, requests, names) becomes one object for all pods that share it.
import { parseTimeMs } from '../lib/time.ts';
import type { PodTemplateView, ReadyCondition } from '../lib/views.ts';
import { InternTable } from './intern-table.ts';
import { conditionStatus, PodRecord, podInternCapacity } from './pod-record.ts';
import { podTemplate, type RawContainer, type RawRequests } from './pod-template.ts';
import { arrayOf, type Fields, fieldsOf, identityOf, stringMapOf, textOf } from './raw-object.ts';

type Labels = Readonly<Record<string, string>>;

/** A projection with intern tables of its own; it throws HeadroomError OBJECT_INVALID or QuantityError for a bad object. */
export function createPodProjection(): (object: unknown) => PodRecord {
  const texts = new InternTable<string>(podInternCapacity);
  const labelSets = new InternTable<Labels>(podInternCapacity);
  const templates = new InternTable<PodTemplateView>(podInternCapacity);
  const shared = (text: string): string => texts.get(text, () => text);

  const shareLabels = (raw: unknown): Labels => {
    const labels = stringMapOf(raw);
    return labelSets.get(JSON.stringify(labels), () =>
      Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, shared(value)])),
    );
  };
  const shareTemplate = (spec: Fields): PodTemplateView => {
    const requests = rawRequests(spec);
    return templates.get(JSON.stringify(requests), () => podTemplate(requests));
  };

  return (object) => {
    const { namespace, name } = identityOf(object);
    const { metadata, spec, status } = partsOf(object);
    return new PodRecord({
      namespace: shared(namespace),
      name,
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
    return {
      status: conditionStatus(textOf(condition['status'])),
      lastTransitionAtMs: parseTimeMs(textOf(condition['lastTransitionTime'])) ?? 0,
    };
  }
  return undefined;
}

function rawRequests(spec: Fields): RawRequests {
  return {
    containers: arrayOf(spec['containers']).map(rawContainer),
    initContainers: arrayOf(spec['initContainers']).map(rawContainer),
    pod: quantitiesOf(fieldsOf(spec['resources'])['requests']),
    overhead: quantitiesOf(spec['overhead']),
  };
}

function rawContainer(raw: unknown): RawContainer {
  const container = fieldsOf(raw);
  return {
    name: textOf(container['name']),
    requests: fieldsOf(fieldsOf(container['resources'])['requests']),
    restartPolicy: textOf(container['restartPolicy']),
  };
}

function quantitiesOf(raw: unknown): Fields | undefined {
  return raw === undefined || raw === null ? undefined : fieldsOf(raw);
}
