// Pure: what the simulation reads of a v1 Pod, and the SimulatedPod in it.
import { parseQuantity } from './quantity.ts';
import { annotations, type SimulatedPod } from './types.ts';

/** The fields of a v1 Pod, as JSON, that are looked at. */
export interface ApiPod {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image?: string;
      readonly resources?: { readonly limits?: Readonly<Record<string, string>> };
    }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly containerStatuses?: readonly {
      readonly name: string;
      readonly ready: boolean;
      readonly restartCount: number;
      readonly state?: { readonly running?: { readonly startedAt?: string } };
    }[];
  };
}

/** The pod as the load model knows it. */
export function simulatedPod(pod: ApiPod): SimulatedPod {
  return {
    namespace: pod.metadata.namespace,
    name: pod.metadata.name,
    uid: pod.metadata.uid,
    nodeName: pod.spec.nodeName ?? '',
    labels: pod.metadata.labels ?? {},
    annotations: pod.metadata.annotations ?? {},
    containers: pod.spec.containers.map((container) => ({
      name: container.name,
      cpuLimitCores: limit(container.resources?.limits?.['cpu']),
      memoryLimitBytes: limit(container.resources?.limits?.['memory']),
    })),
  };
}

function limit(quantity: string | undefined): number {
  return (quantity === undefined ? undefined : parseQuantity(quantity)) ?? Number.POSITIVE_INFINITY;
}

/** How long the steps of a pod's life take. */
export interface LifecycleTiming {
  /** From being seen on the node until its containers run: pulling, sandbox. */
  readonly startDelayMs: number;
  /** From running until ready. */
  readonly readyDelayMs: number;
  /** From being asked to stop until stopped, when the grace period is not shorter. */
  readonly stopDelayMs: number;
}

export const defaultTiming: LifecycleTiming = { startDelayMs: 1000, readyDelayMs: 500, stopDelayMs: 500 };

/** The timing of one pod: its annotations win over the default. */
export function timingOf(pod: ApiPod, timing: LifecycleTiming): LifecycleTiming {
  return {
    startDelayMs: annotatedMs(pod, annotations.startDelaySeconds) ?? timing.startDelayMs,
    readyDelayMs: annotatedMs(pod, annotations.readyDelaySeconds) ?? timing.readyDelayMs,
    stopDelayMs: Math.min(timing.stopDelayMs, (pod.metadata.deletionGracePeriodSeconds ?? 30) * 1000),
  };
}

function annotatedMs(pod: ApiPod, annotation: string): number | undefined {
  const seconds = Number.parseFloat(pod.metadata.annotations?.[annotation] ?? '');
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
}
