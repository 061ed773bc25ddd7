// Types only: the generated world. A group is a scale target, the pods that its selector matches, and its HPAs; groups share nothing,
// all pods of a group live on one node, and a step changes at most one thing of a group, so that no controller can see half of a change.

/** One call to the API server, made alike on both control planes. */
export interface ApiWrite {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
}

export type Json = Readonly<Record<string, unknown>>;

/** One value that the provider of custom and external metrics serves, the same on both sides. */
export interface ValueWrite {
  readonly namespace: string;
  readonly metric: string;
  /** The object that it is a metric of; undefined for a series of an external metric. */
  readonly of?: { readonly resource: string; readonly name: string };
  readonly labels: Readonly<Record<string, string>>;
  /** A quantity. */
  readonly value: string;
}

export const podStates = [
  'ready',
  'never-ready',
  'was-ready',
  'unknown',
  'no-condition',
  'no-start-time',
  'young-ready',
  'young-unready',
  'young-ready-later',
  'new',
  'pending',
  'bare',
  'failed',
  'succeeded',
] as const;
export type PodState = (typeof podStates)[number];

export interface ContainerShape {
  readonly name: string;
  readonly requests: Readonly<Record<string, string>>;
  /** An init container; `sidecar` runs for as long as the pod does. */
  readonly init?: 'once' | 'sidecar';
}

/** What a container uses, constant within a step. */
export interface Usage {
  /** Never a whole number: what two programs make of the same samples differs in the last bit of a nano-core. */
  milliCores: number;
  bytes: number;
}

export interface PodModel {
  readonly name: string;
  readonly containers: readonly ContainerShape[];
  /** Of the pod as a whole. */
  readonly requests?: Readonly<Record<string, string>>;
  readonly overhead: boolean;
  readonly labels: Readonly<Record<string, string>>;
  state: PodState;
  terminating: boolean;
  removed: boolean;
  /** Whether the kubelet knows of it; a pod that has just come to be reported has one sample only, and no usage. */
  reported: boolean;
  readonly usage: Map<string, Usage>;
}

export type TargetKind = 'Deployment' | 'StatefulSet' | 'ReplicaSet' | 'ReplicationController' | 'Widget';

export interface TargetModel {
  readonly kind: TargetKind;
  readonly name: string;
  replicas: number;
  /** False: it comes in a later step, or is gone. */
  exists: boolean;
  /** Labels that the selector asks for. */
  readonly selector: Readonly<Record<string, string>>;
  /** Asked for besides; not by a ReplicationController. */
  readonly expressions: readonly Json[];
  /** Widgets only: the text of status.selector. */
  readonly selectorText?: string;
}

/**
 * `short`: its windows end within a step. They never become long ones: what a window that has become long finds depends on how many syncs the short one
 * had reached, and so on how late a busy machine made one. `none`: its windows are empty or longer than the run.
 */
export type HpaClock = 'short' | 'none';

export interface HpaModel {
  readonly name: string;
  /** What it is an example of, for the report. */
  readonly kind: string;
  spec: Json;
  readonly clock: HpaClock;
  /** What is served of its Pods, Object and External metrics. */
  values: ValueWrite[];
  life: 'to come' | 'there' | 'deleted';
}

export interface Group {
  readonly namespace: string;
  readonly name: string;
  readonly node: number;
  readonly targets: readonly TargetModel[];
  readonly pods: PodModel[];
  readonly hpas: readonly HpaModel[];
  /** The next sample alone changes what a pod counts for: nothing else may happen to the group with it. */
  awaitsSample: boolean;
}

/** What happens to one group in one step. */
export interface Change {
  /** `usage up`, `pod failed`, … */
  readonly what: string;
  /** undefined when only usage or values change. */
  readonly write?: ApiWrite;
  /** Written before `write`, which may be the first that asks for them. */
  readonly values?: readonly ValueWrite[];
}
