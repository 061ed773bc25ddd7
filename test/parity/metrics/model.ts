// Types only: a generated cluster whose kubelets say something else at each step.

/** What one container's lines say at one step; values as written. undefined: no such line. */
export interface Sample {
  readonly container: string;
  readonly cpuSeconds: string | undefined;
  readonly memoryBytes: string | undefined;
  readonly startSeconds: string | undefined;
  /** Milliseconds since the epoch, of CPU and memory. undefined: the lines have none. */
  readonly timestampMs: number | undefined;
  /** The label text with its braces, when it is not what kubelets write. */
  readonly labels?: string;
}

/** What one kubelet says of a pod. */
export interface Report {
  readonly node: number;
  readonly samples: readonly Sample[];
}

/** What the API server says of a pod. */
export interface ApiPod {
  readonly phase: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly node: number;
}

export interface PodState {
  /** undefined: the API server has no such pod. */
  readonly api: ApiPod | undefined;
  readonly reports: readonly Report[];
}

export interface PodModel {
  readonly namespace: string;
  readonly name: string;
  /** What the pod is an example of; see pod-shapes.ts. */
  readonly shape: string;
  readonly containers: readonly string[];
  readonly initContainers: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  /** The node that it is on at first; a node's kind explains what becomes of its pods. */
  readonly node: number;
  at(step: number): PodState;
}

/** A kubelet's families and labels changed over time; each name stands for those of its time. */
export type KubeletVersion = '1.19' | '1.24' | '1.29' | '1.36';

/** What a kubelet does with a request. */
export type KubeletAnswer =
  | { readonly kind: 'exposition'; readonly edit?: (text: string) => string }
  | { readonly kind: 'other'; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

export interface NodeState {
  /** undefined: the API server has no such node. */
  readonly api: ApiNode | undefined;
  readonly answer: KubeletAnswer;
  /** Of its own CPU and memory; undefined: no node series. */
  readonly sample: NodeSample | undefined;
}

export interface NodeSample {
  readonly cpuSeconds: string;
  readonly memoryBytes: string;
  readonly timestampMs: number | undefined;
}

export interface ApiNode {
  readonly labels: Readonly<Record<string, string>>;
  /** undefined: it has no Ready condition at all. */
  readonly ready: boolean | undefined;
  readonly addressed: boolean;
  /** False: status says nothing of the kubelet's port. */
  readonly withPort: boolean;
  /** Annotation metrics.k8s.io/resource-metrics-path. */
  readonly path: string | undefined;
}

export interface NodeModel {
  readonly name: string;
  /** What the node is an example of; see node-kinds.ts. */
  readonly kind: string;
  readonly version: KubeletVersion;
  at(step: number): NodeState;
}

export interface World {
  readonly nodes: readonly NodeModel[];
  readonly pods: readonly PodModel[];
  /** All that exist, also those without pods. */
  readonly namespaces: readonly string[];
}

/** Up to this step both sides must answer the same; here comes what Headroom answers better. */
export const firstOddStep = 4;
/** metrics-server needs two good samples to recover from the one before. */
const lastOddStep = 5;
/** Everything has been well twice in a row: both sides must answer the same again. */
export const lastStep = 6;

export function isOddStep(step: number): boolean {
  return step >= firstOddStep && step <= lastOddStep;
}
