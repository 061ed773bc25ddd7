// Pure: the keys and values that the API server would have in etcd for a benchmark's nodes, namespaces and pods.
import { nodeAddress, nodeName, podAddress } from '../test/cluster/sim/node-identity.ts';
import { defaultCapacity, nodeObject } from '../test/cluster/sim/node-object.ts';
import {
  type BenchPod,
  benchPods,
  containerName,
  cpuRequestMilli,
  namespacesOf,
  nodePrefix,
  type Shape,
} from './shape.ts';
import { type StoredObject, stored, wireTime } from './stored-object.ts';

export interface Creation {
  readonly kubeletPort: number;
  readonly createdAtMs: number;
}

export function* storedObjects(shape: Shape, creation: Creation): Generator<StoredObject> {
  const createdAt = wireTime(creation.createdAtMs);
  for (const [index, name] of namespacesOf(shape).entries()) yield storedNamespace(name, index, createdAt);
  for (let index = 0; index < shape.nodes; index++) yield storedNode(index, creation, createdAt);
  for (const pod of benchPods(shape)) yield storedPod(pod, createdAt);
}

function storedNamespace(name: string, index: number, createdAt: string): StoredObject {
  return stored(`namespaces/${name}`, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name,
      uid: `00000000-0000-4000-a000-${index.toString(16).padStart(12, '0')}`,
      creationTimestamp: createdAt,
      labels: { 'kubernetes.io/metadata.name': name },
    },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
}

function storedNode(index: number, { kubeletPort, createdAtMs }: Creation, createdAt: string): StoredObject {
  const name = nodeName(nodePrefix, index);
  const node = nodeObject(
    { name, address: nodeAddress(index), kubeletPort, capacity: defaultCapacity, labels: {}, annotations: {} },
    createdAtMs,
  );
  const metadata = {
    ...(node['metadata'] as object),
    uid: `00000000-0000-4000-9000-${index.toString(16).padStart(12, '0')}`,
    creationTimestamp: createdAt,
  };
  return stored(`minions/${name}`, { ...node, metadata });
}

/** A pod of a Deployment as it is found in clusters, with the bookkeeping that makes up a third of it. */
function storedPod(pod: BenchPod, createdAt: string): StoredObject {
  const { namespace, name, app, nodeName } = pod;
  const replicaSet = `${app}-7c9f8d7b5c`;
  const container = containerName;
  return stored(`pods/${namespace}/${name}`, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      generateName: `${replicaSet}-`,
      namespace,
      uid: pod.uid,
      generation: 1,
      creationTimestamp: createdAt,
      labels: { app, 'pod-template-hash': '7c9f8d7b5c', team: namespace },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: replicaSet,
          uid: pod.uid.replace('-8000-', '-b000-'),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: managedFields(pod, createdAt),
    },
    spec: {
      volumes: [{ name: 'kube-api-access', emptyDir: {} }],
      containers: [
        {
          name: container,
          image: `registry.example/${app}:v1.4.2`,
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          env: [
            { name: 'PORT', value: '8080' },
            { name: 'LOG_LEVEL', value: 'info' },
            { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
          ],
          resources: { limits: { memory: '1Gi' }, requests: { cpu: `${cpuRequestMilli}m`, memory: '256Mi' } },
          volumeMounts: [
            { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
          ],
          readinessProbe: {
            httpGet: { path: '/ready', port: 'http', scheme: 'HTTP' },
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      nodeName,
      securityContext: {},
      schedulerName: 'default-scheduler',
      tolerations: ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: 'PreemptLowerPriority',
    },
    status: podStatus(pod, createdAt),
  });
}

function podStatus(pod: BenchPod, createdAt: string): object {
  const condition = (type: string): object => ({
    type,
    status: 'True',
    observedGeneration: 1,
    lastProbeTime: null,
    lastTransitionTime: createdAt,
  });
  const podIP = podAddress(pod.nodeIndex, Number.parseInt(pod.uid.slice(-6), 16));
  const hostIP = nodeAddress(pod.nodeIndex);
  return {
    observedGeneration: 1,
    phase: 'Running',
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map(condition),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: createdAt,
    containerStatuses: [
      {
        name: containerName,
        state: { running: { startedAt: createdAt } },
        lastState: {},
        ready: true,
        restartCount: 0,
        image: `registry.example/${pod.app}:v1.4.2`,
        imageID: `registry.example/${pod.app}@sha256:${pod.uid.replaceAll('-', '').padEnd(64, '0')}`,
        containerID: `containerd://${pod.uid.replaceAll('-', '').padEnd(64, '0')}`,
        started: true,
      },
    ],
    qosClass: 'Burstable',
  };
}

function managedFields(pod: BenchPod, time: string): readonly object[] {
  const one = {};
  const all = (...names: readonly string[]): object => Object.fromEntries(names.map((name) => [`f:${name}`, one]));
  const container = {
    '.': one,
    ...all('name', 'image', 'imagePullPolicy', 'env', 'ports', 'readinessProbe', 'resources'),
    ...all('terminationMessagePath', 'terminationMessagePolicy', 'volumeMounts'),
  };
  const condition = { '.': one, ...all('lastProbeTime', 'lastTransitionTime', 'observedGeneration', 'status', 'type') };
  const conditions = ['ContainersReady', 'Initialized', 'PodReadyToStartContainers', 'Ready'];
  return [
    {
      manager: 'kube-controller-manager',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': {
          'f:generateName': one,
          'f:labels': { '.': one, ...all('app', 'pod-template-hash', 'team') },
          'f:ownerReferences': { '.': one, [`k:{"uid":"${pod.uid.replace('-8000-', '-b000-')}"}`]: one },
        },
        'f:spec': {
          'f:containers': { [`k:{"name":"${containerName}"}`]: container },
          ...all('dnsPolicy', 'enableServiceLinks', 'restartPolicy', 'schedulerName', 'securityContext'),
          ...all('terminationGracePeriodSeconds', 'volumes'),
        },
      },
    },
    {
      manager: 'kubelet',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:status': {
          'f:conditions': Object.fromEntries(conditions.map((type) => [`k:{"type":"${type}"}`, condition])),
          ...all('containerStatuses', 'hostIP', 'hostIPs', 'observedGeneration', 'phase', 'podIP', 'podIPs'),
          'f:startTime': one,
        },
      },
      subresource: 'status',
    },
  ];
}
