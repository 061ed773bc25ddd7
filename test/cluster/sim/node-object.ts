// Pure: the Node and Lease objects of a simulated node, as a kubelet of Kubernetes 1.36 would write them.
import { wireMicroTime, wireTime } from './wire-time.ts';

export interface NodeDescription {
  readonly name: string;
  readonly address: string;
  readonly kubeletPort: number;
  /** Quantities, such as `{ cpu: '8', memory: '32Gi', pods: '110' }`. */
  readonly capacity: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const defaultCapacity: Readonly<Record<string, string>> = {
  cpu: '8',
  memory: '32Gi',
  'ephemeral-storage': '100Gi',
  pods: '110',
};

export const leaseNamespace = 'kube-node-lease';
const leaseDurationSeconds = 40;

export function nodeObject(node: NodeDescription, nowMs: number): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        ...node.labels,
      },
      annotations: node.annotations,
    },
    spec: {},
    status: nodeStatus(node, { addressed: true, readySinceMs: nowMs, nowMs }),
  };
}

export interface NodeStatusInput {
  /** False leaves the node without any address. */
  readonly addressed: boolean;
  readonly readySinceMs: number;
  readonly nowMs: number;
}

export function nodeStatus(node: NodeDescription, input: NodeStatusInput): Readonly<Record<string, unknown>> {
  return {
    capacity: node.capacity,
    allocatable: node.capacity,
    addresses: input.addressed
      ? [
          { type: 'InternalIP', address: node.address },
          { type: 'Hostname', address: node.name },
        ]
      : [],
    daemonEndpoints: { kubeletEndpoint: { Port: node.kubeletPort } },
    conditions: conditions(input),
    nodeInfo: {
      architecture: 'amd64',
      bootID: `boot-${node.name}`,
      containerRuntimeVersion: 'containerd://2.1.4',
      kernelVersion: '6.12.0',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.3',
      machineID: `machine-${node.name}`,
      operatingSystem: 'linux',
      osImage: 'Simulated',
      systemUUID: `system-${node.name}`,
    },
  };
}

function conditions({ readySinceMs, nowMs }: NodeStatusInput): readonly unknown[] {
  const entry = (type: string, holds: boolean, reason: string, message: string): unknown => ({
    type,
    status: holds ? 'True' : 'False',
    lastHeartbeatTime: wireTime(nowMs),
    lastTransitionTime: wireTime(readySinceMs),
    reason,
    message,
  });
  return [
    entry('MemoryPressure', false, 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    entry('DiskPressure', false, 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    entry('PIDPressure', false, 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    entry('Ready', true, 'KubeletReady', 'kubelet is posting ready status'),
  ];
}

export function leaseObject(nodeName: string, nodeUid: string, nowMs: number): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name: nodeName,
      namespace: leaseNamespace,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid }],
    },
    spec: { holderIdentity: nodeName, leaseDurationSeconds, renewTime: wireMicroTime(nowMs) },
  };
}
