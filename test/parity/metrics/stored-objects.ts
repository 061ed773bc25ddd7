// Pure: what the API server holds of a world at each step, as it would store it. Written past its admission, so that no controller has to run.
import { createHash } from 'node:crypto';
import type { StoredObject } from '../../../bench/stored-object.ts';
import { defaultCapacity, nodeObject } from '../../cluster/sim/node-object.ts';
import { wireTime } from '../../cluster/sim/wire-time.ts';
import type { ApiNode, ApiPod, NodeModel, PodModel, World } from './model.ts';

export interface Changes {
  readonly puts: readonly StoredObject[];
  /** Paths of the API. */
  readonly deletes: readonly string[];
}

export interface Creation {
  readonly createdAtMs: number;
  /** Of each node's kubelet. */
  readonly kubeletPorts: readonly number[];
}

/** What differs between what the API server holds at a step and the step before; at step 0 that is everything. */
export function changesAt(world: World, step: number, creation: Creation): Changes {
  const before = step === 0 ? new Map<string, string>() : objectsAt(world, step - 1, creation);
  const now = objectsAt(world, step, creation);
  const puts = [...now].filter(([key, value]) => before.get(key) !== value).map(([key, value]) => ({ key, value }));
  const deletes = [...before.keys()].filter((key) => !now.has(key)).map(apiPath);
  return { puts, deletes };
}

/** By key of etcd. */
function objectsAt(world: World, step: number, creation: Creation): ReadonlyMap<string, string> {
  const { nodes, pods, namespaces } = world;
  const found = new Map<string, string>();
  const put = (path: string, object: object): void => void found.set(`/registry/${path}`, JSON.stringify(object));
  for (const name of namespaces) put(`namespaces/${name}`, namespaceObject(name, creation));
  for (const [index, node] of nodes.entries()) {
    const { api } = node.at(step);
    if (api !== undefined) put(`minions/${node.name}`, storedNode(node, api, { ...creation, index }));
  }
  for (const pod of pods) {
    const { api } = pod.at(step);
    if (api !== undefined) put(`pods/${pod.namespace}/${pod.name}`, storedPod(world, pod, api, creation));
  }
  return found;
}

function apiPath(key: string): string {
  const [kind, ...names] = key.replace('/registry/', '').split('/');
  return kind === 'minions'
    ? `/api/v1/nodes/${names[0]}`
    : `/api/v1/namespaces/${names[0]}/pods/${names[1]}?gracePeriodSeconds=0`;
}

function namespaceObject(name: string, { createdAtMs }: Creation): object {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, uid: uidOf(`namespace ${name}`), creationTimestamp: wireTime(createdAtMs) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

function storedNode(node: NodeModel, api: ApiNode, place: Creation & { readonly index: number }): object {
  const { name } = node;
  const kubeletPort = api.withPort ? (place.kubeletPorts[place.index] ?? 0) : 0;
  const annotations = api.path === undefined ? {} : { 'metrics.k8s.io/resource-metrics-path': api.path };
  const object = nodeObject(
    { name, address: '127.0.0.1', kubeletPort, capacity: defaultCapacity, labels: api.labels, annotations },
    place.createdAtMs,
  );
  const metadata = object['metadata'] as object;
  const status = object['status'] as { readonly addresses: object; readonly conditions: readonly { type: string }[] };
  const others = status.conditions.filter(({ type }) => type !== 'Ready');
  const readiness = api.ready === undefined ? [] : [{ type: 'Ready', status: api.ready ? 'True' : 'False' }];
  return {
    ...object,
    metadata: { ...metadata, uid: uidOf(`node ${name}`), creationTimestamp: wireTime(place.createdAtMs) },
    status: {
      ...status,
      addresses: api.addressed ? status.addresses : [],
      conditions: [...others, ...readiness],
    },
  };
}

function storedPod({ nodes }: World, pod: PodModel, api: ApiPod, { createdAtMs }: Creation): object {
  const { namespace, name, containers, initContainers, annotations } = pod;
  const nodeName = nodes[api.node]?.name;
  const container = (of: string): object => ({
    name: of,
    image: 'registry.example/app:1',
    ...(initContainers.includes(of) && containers.includes(of) ? { restartPolicy: 'Always' } : {}),
  });
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: uidOf(`pod ${namespace}/${name} on ${nodeName}`),
      creationTimestamp: wireTime(createdAtMs),
      labels: api.labels,
      annotations,
    },
    spec: {
      nodeName,
      initContainers: initContainers.map(container),
      containers: containers.filter((of) => !initContainers.includes(of)).map(container),
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      schedulerName: 'default-scheduler',
    },
    status: { phase: api.phase, startTime: wireTime(createdAtMs) },
  };
}

function uidOf(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
