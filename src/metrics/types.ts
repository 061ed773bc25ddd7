// Types only: the read side of the sample store, for src/api and src/controller.

/** Usage of one container over the window of its pod. */
export interface ContainerUsage {
  readonly name: string;
  /** Average over the window, truncated to whole nano-cores. */
  readonly cpuNanoCores: number;
  /** Working set at `timestampMs`, in bytes. */
  readonly memoryBytes: number;
}

export interface PodUsage {
  /** When the kubelet took the later of the two samples; milliseconds since the epoch. */
  readonly timestampMs: number;
  /** Between the two samples, in nanoseconds. */
  readonly windowNs: number;
  /** Sorted by name. */
  readonly containers: readonly ContainerUsage[];
}

/** A PodUsage in an object that is used again and again: a list of all pods makes nothing for each of them. */
export interface PodReading {
  timestampMs: number;
  windowNs: number;
  /** How many containers there are; what stands behind them is of a pod before. */
  containers: number;
  readonly names: string[];
  readonly cpuNanoCores: number[];
  readonly memoryBytes: number[];
}

/** A pod that is asked for again and again. What was found out stays right for this very object, so it never changes. */
export interface RecurringPod extends PodName {
  readonly nodeName: string;
  /** A small number that it shares with none of the others. */
  readonly ordinal: number;
}

export interface NodeUsage {
  readonly timestampMs: number;
  readonly windowNs: number;
  readonly cpuNanoCores: number;
  readonly memoryBytes: number;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** Called after the samples of one node were stored, with those of its pods that have a new usage. */
export type SampleListener = (nodeName: string, pods: readonly PodName[]) => void;

export interface MetricsReader {
  /**
   * What the kubelet of `nodeName`, the node that the pod is bound to, says of it; what others say of it does not count.
   * undefined: no usage (yet): never scraped twice, restarted, or gone.
   */
  getPodUsage(namespace: string, name: string, nodeName: string): PodUsage | undefined;
  /** The same, written into `into`; false when there is none. */
  readPodUsage(pod: RecurringPod, into: PodReading): boolean;
  getNodeUsage(name: string): NodeUsage | undefined;
  /** True once at least one node and one pod have a usage to serve. */
  hasUsages(): boolean;
  /** Returns a function that ends the subscription. */
  onSamples(listener: SampleListener): () => void;
}

/** Nodes whose next samples may change replicas. */
export interface HotNodeSet {
  readonly size: number;
  /** Another number whenever a node came. */
  readonly version: number;
  has(nodeName: string): boolean;
  names(): Iterable<string>;
  /** The pods on the node whose samples matter. One that two autoscalers wait for comes twice. */
  podsOn(nodeName: string): Iterable<PodName>;
}

/** Which nodes are hot. Written by the controller; scraping only reads it. */
export interface HotNodeReader {
  /** Something changes there. */
  readonly rising: HotNodeSet;
  /** Nothing changes, but a little more usage would have replicas grow. A node may be in both. */
  readonly near: HotNodeSet;
}
