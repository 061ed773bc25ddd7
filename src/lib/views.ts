// Types only: the few fields of Kubernetes objects that stay in memory. src/kube projects objects into these as they arrive.
// metrics, api and controller read them. 150,000 PodViews must stay small: shared parts (labels that recur, templates) are interned.

/** The Ready condition of a pod. */
export interface ReadyCondition {
  readonly status: 'True' | 'False' | 'Unknown';
  /** Milliseconds since the epoch (whole seconds on the wire); 0 when absent. */
  readonly lastTransitionAtMs: number;
}

/** Requests of one container: resource name -> milli-units (cpu: milli-cores; memory: bytes x 1000), rounded up as Quantity.MilliValue does. */
export interface ContainerRequests {
  readonly name: string;
  readonly requestsMilli: Readonly<Record<string, bigint>>;
}

/** An init container; restartPolicy Always makes it a sidecar that runs along with the containers. */
export interface InitContainerRequests extends ContainerRequests {
  readonly restartPolicyAlways: boolean;
}

/** What the pods of one template share; one object for all of them. */
export interface PodTemplateView {
  readonly containers: readonly ContainerRequests[];
  readonly initContainers: readonly InitContainerRequests[];
  /** spec.resources.requests of the pod itself (KEP-2837), in milli-units; undefined when the pod sets none. */
  readonly podRequestsMilli: Readonly<Record<string, bigint>> | undefined;
  /** spec.overhead in milli-units; undefined when the pod sets none. */
  readonly overheadMilli: Readonly<Record<string, bigint>> | undefined;
}

/** A pod as metrics, api and controller see it. */
export interface PodView {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** spec.nodeName; '' when not scheduled. */
  readonly nodeName: string;
  /** status.phase; '' when unset. */
  readonly phase: string;
  /** metadata.deletionTimestamp is set. */
  readonly deleting: boolean;
  /** status.startTime in milliseconds since the epoch; undefined when unset. */
  readonly startedAtMs: number | undefined;
  readonly ready: ReadyCondition | undefined;
  readonly template: PodTemplateView;
}

/** A node as metrics and api see it. */
export interface NodeView {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly addresses: readonly { readonly type: string; readonly address: string }[];
  /** status.daemonEndpoints.kubeletEndpoint.Port; 0 when unset. */
  readonly kubeletPort: number;
  /** Annotation metrics.k8s.io/resource-metrics-path; undefined when absent or empty. */
  readonly resourceMetricsPath: string | undefined;
  /** The Ready condition is True. */
  readonly ready: boolean;
}

/** The scale of a target: what `GET …/scale` says. */
export interface ScaleView {
  /** resourceVersion that a write of this scale is based on. */
  readonly resourceVersion: string;
  readonly uid: string;
  readonly specReplicas: number;
  readonly statusReplicas: number;
  /** status.selector in its string form; '' when missing. */
  readonly selector: string;
}

/** A pod as the cache keeps it: always the same object, until the pod changes. */
export interface ListedPod extends PodView {
  /** A small integer that no other pod of the cache has; of pods that are gone it is used again. */
  readonly ordinal: number;
  /** The cache has another object for this pod by now, or none. */
  readonly isOutdated: boolean;
}

/** Read side of the pod cache. Lookups by selector cost the matching pods, not the namespace. */
export interface PodLister {
  get(namespace: string, name: string): ListedPod | undefined;
  /** All pods of a namespace ('' = all namespaces) whose labels match, in no particular order. */
  list(namespace: string, selector: LabelMatcher): readonly ListedPod[];
  /** The same, sorted by namespace and name, in parts; may find them while being read. */
  listSorted(namespace: string, selector: LabelMatcher): Iterable<readonly ListedPod[]>;
  readonly size: number;
  /** Another number whenever a pod of the namespace came, changed or went. */
  version(namespace: string): number;
}

/** Read side of the node cache. */
export interface NodeLister {
  get(name: string): NodeView | undefined;
  list(): readonly NodeView[];
}

/** A parsed label selector, as lib/label-selector.ts makes it. */
export interface LabelMatcher {
  matches(labels: Readonly<Record<string, string>>): boolean;
  /** Requirements of the form `key=value` or `key in (…)`: what an index can use. */
  readonly equalities: readonly { readonly key: string; readonly values: readonly string[] }[];
  /** Canonical text: requirements sorted by key, as apimachinery's Selector.String(). */
  toString(): string;
}
