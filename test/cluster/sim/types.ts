// Types only: what the parts of the simulation hand to each other.
import type { Demand } from './demand.ts';

/** A container as its pod's spec describes it. Unlimited is Infinity. */
export interface ContainerSpec {
  readonly name: string;
  readonly cpuLimitCores: number;
  readonly memoryLimitBytes: number;
}

/** A pod on one of the simulated nodes, as far as its spec goes. */
export interface SimulatedPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly nodeName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerSpec[];
}

/** Work that is shared equally among the ready pods that match. */
export interface Workload {
  readonly name: string;
  readonly namespace: string;
  /** matchLabels; a pod must have them all. */
  readonly selector: Readonly<Record<string, string>>;
  /** The container that does the work; default: the pod's first. */
  readonly container?: string;
  /** Total demand of the workload, in cores. */
  readonly cores?: Demand;
  /** Total demand of the workload, in bytes of working set. */
  readonly bytes?: Demand;
}

/** What containers use without work, and how much their usage wavers. */
export interface UsageOptions {
  /** Per container; default 0.001 cores. */
  readonly idleCores: number;
  /** Per container; default 16 MiB. */
  readonly idleBytes: number;
  /** What the node uses besides its pods; default 0.05 cores. */
  readonly systemCores: number;
  /** Default 256 MiB. */
  readonly systemBytes: number;
  /** Relative amplitude of the noise on each refresh: 0.05 means up to 5 % up or down. Default 0. */
  readonly noiseRatio: number;
}

/** How often a node's samples are refreshed: each pause is interval x (1 + jitter x uniform(0, 1)). */
export interface HousekeepingOptions {
  /** Default 10,000, as in kubelet. */
  readonly intervalMs: number;
  /** Default 1, as in cAdvisor: 10 to 20 s. */
  readonly jitterFactor: number;
}

/** Pod annotations that the simulation reads. Quantities are per container; delays are seconds. */
export const annotations = {
  cpu: 'headroom.dev/sim-cpu',
  memory: 'headroom.dev/sim-memory',
  /** Replaces noiseRatio of the options for this pod. */
  noiseRatio: 'headroom.dev/sim-noise-ratio',
  startDelaySeconds: 'headroom.dev/sim-start-delay-seconds',
  readyDelaySeconds: 'headroom.dev/sim-ready-delay-seconds',
} as const;

export const defaultUsage: UsageOptions = {
  idleCores: 0.001,
  idleBytes: 16 * 2 ** 20,
  systemCores: 0.05,
  systemBytes: 256 * 2 ** 20,
  noiseRatio: 0,
};

export const defaultHousekeeping: HousekeepingOptions = { intervalMs: 10_000, jitterFactor: 1 };
