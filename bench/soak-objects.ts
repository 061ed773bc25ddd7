// Pure: what a soak writes into the cluster: pods and nodes as etcd holds them, Deployments and autoscalers as users apply them.
import { nodeAddress, nodeName, podAddress } from '../test/cluster/sim/node-identity.ts';
import { defaultCapacity, nodeObject } from '../test/cluster/sim/node-object.ts';
import { annotations, type SimulatedPod, type Workload } from '../test/cluster/sim/types.ts';
import { wireTime } from '../test/cluster/sim/wire-time.ts';
import {
  cpuUtilization,
  deployment,
  horizontalPodAutoscaler,
  stabilizedFor,
} from '../test/support/workload-builders.ts';
import { type BenchPod, containerName, nodePrefix } from './shape.ts';
import { firstReplicas, type SoakApp } from './soak-population.ts';
import { storedObjects } from './stored-objects.ts';

type Json = Readonly<Record<string, unknown>>;

/** A key of etcd and its value. */
export interface StoredText {
  readonly key: string;
  readonly value: string;
}

interface PodJson {
  readonly metadata: { readonly ownerReferences: readonly Json[] };
  readonly spec: Json;
  readonly status: { readonly conditions: readonly Json[]; readonly containerStatuses: readonly Json[] };
}

/** The pod of the benchmark that all pods of the soak are copies of. */
const model = modelPod();

/** Seconds of a new recommendation that scales down. Short, so that replicas follow the load both ways within minutes. */
export const stabilizationSeconds = 60;

const stepsPerWave = 24;

export function podKey({ namespace, name }: Pick<BenchPod, 'namespace' | 'name'>): string {
  return `/registry/pods/${namespace}/${name}`;
}

export function nodeKey(index: number): string {
  return `/registry/minions/${nodeName(nodePrefix, index)}`;
}

/** Runs and is ready since `startedAtMs`. */
export function storedPod(pod: BenchPod, startedAtMs: number): StoredText {
  const startedAt = wireTime(startedAtMs);
  const podIP = podAddress(pod.nodeIndex, Number.parseInt(pod.uid.slice(-6), 16));
  const hostIP = nodeAddress(pod.nodeIndex);
  const { metadata, spec, status } = model;
  const value = {
    ...model,
    metadata: {
      ...metadata,
      name: pod.name,
      namespace: pod.namespace,
      uid: pod.uid,
      generateName: `${pod.app}-7c9f8d7b5c-`,
      creationTimestamp: startedAt,
      labels: { app: pod.app, 'pod-template-hash': '7c9f8d7b5c', team: pod.namespace },
      ownerReferences: metadata.ownerReferences.map((owner) => ({ ...owner, name: `${pod.app}-7c9f8d7b5c` })),
    },
    spec: { ...spec, nodeName: pod.nodeName },
    status: {
      ...status,
      hostIP,
      hostIPs: [{ ip: hostIP }],
      podIP,
      podIPs: [{ ip: podIP }],
      startTime: startedAt,
      conditions: status.conditions.map((condition) => ({ ...condition, lastTransitionTime: startedAt })),
      containerStatuses: status.containerStatuses.map((container) => ({
        ...container,
        state: { running: { startedAt } },
      })),
    },
  };
  return { key: podKey(pod), value: JSON.stringify(value) };
}

export function storedNode(index: number, kubeletPort: number, createdAtMs: number): StoredText {
  const name = nodeName(nodePrefix, index);
  const place = { name, address: nodeAddress(index), kubeletPort };
  const node = nodeObject({ ...place, capacity: defaultCapacity, labels: {}, annotations: {} }, createdAtMs);
  const metadata = {
    ...(node['metadata'] as Json),
    uid: `00000000-0000-4000-9000-${index.toString(16).padStart(12, '0')}`,
    creationTimestamp: wireTime(createdAtMs),
  };
  return { key: nodeKey(index), value: JSON.stringify({ ...node, metadata }) };
}

/** The pod as its simulated kubelet knows it. */
export function simulatedPod(pod: BenchPod): SimulatedPod {
  return {
    namespace: pod.namespace,
    name: pod.name,
    uid: pod.uid,
    nodeName: pod.nodeName,
    labels: { app: pod.app },
    annotations: { [annotations.cpu]: `${pod.cpuMilli}m`, [annotations.memory]: `${pod.memoryMebibytes}Mi` },
    containers: [{ name: containerName, cpuLimitCores: Infinity, memoryLimitBytes: Infinity }],
  };
}

/**
 * Load that an app's pods share: between 2 and 10 pods' worth at the target, in waves of 5 to 15 minutes. Every app begins at another height of
 * its wave: they are to be scaled all the time, not all at once.
 */
export function workloadOf(app: SoakApp, index: number): Workload {
  const repeatSeconds = 300 + ((index * 97) % 600);
  const rows = Array.from({ length: stepsPerWave }, (_, step) => ({
    atSeconds: (step * repeatSeconds) / stepsPerWave,
    value: 0.6 + 0.4 * Math.sin(2 * Math.PI * (step / stepsPerWave + index * 0.382)),
  }));
  return {
    name: app.name,
    namespace: app.namespace,
    selector: { app: app.name },
    cores: { kind: 'trace', rows, repeatSeconds },
  };
}

export function deploymentOf({ namespace, name }: SoakApp): object {
  return { ...deployment({ name, replicas: firstReplicas }), metadata: { name, namespace } };
}

/** Half of the 200m that each pod requests. */
export function autoscalerOf({ namespace, name }: SoakApp): object {
  const behavior = stabilizedFor(stabilizationSeconds);
  const bounds = { minReplicas: autoscalerBounds.min, maxReplicas: autoscalerBounds.max };
  const hpa = horizontalPodAutoscaler({ name, ...bounds, metrics: [cpuUtilization(50)], behavior });
  return { ...hpa, metadata: { name, namespace } };
}

export const autoscalerBounds = { min: 2, max: 20 };

function modelPod(): PodJson {
  const [pod] = [...storedObjects({ nodes: 1, podsPerNode: 1, hpas: 0 }, { kubeletPort: 1, createdAtMs: 0 })]
    .filter(({ key }) => key.startsWith('/registry/pods/'))
    .map(({ value }) => JSON.parse(value) as PodJson);
  if (pod === undefined) throw new Error('BUG: a benchmark of one pod has no pod');
  return pod;
}
