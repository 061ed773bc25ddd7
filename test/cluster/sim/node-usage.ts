// State: what one node's kubelet would know of usage: its containers, its own counters, and when they were last refreshed.
import { ContainerUsage, type UsageTotal } from './container-usage.ts';
import { seededRandom, seedFor } from './random.ts';
import type { HousekeepingOptions, SimulatedPod, UsageOptions } from './types.ts';

/** A pod's containers and the counter of the pod's own cgroup, which outlives their restarts. */
export interface PodUsage {
  readonly pod: SimulatedPod;
  readonly containers: readonly ContainerUsage[];
  /** The label part of this pod's lines, with the space that follows it. */
  readonly labels: string;
  readonly total: UsageTotal;
  sampledCoreNanoSeconds: number;
  sampledBytes: number;
  sampledAtMs: number;
}

export class NodeUsage {
  readonly name: string;
  readonly #usage: UsageOptions;
  readonly #housekeeping: HousekeepingOptions;
  readonly #seed: number;
  readonly #random: () => number;
  readonly #pods = new Map<string, PodUsage>();
  readonly #total: UsageTotal = { coreNanoSeconds: 0 };
  #sortedPods: readonly PodUsage[] | undefined;
  #sortedContainers: readonly ContainerUsage[] | undefined;
  #settledAtMs: number;

  /** While true the samples stay as they are: a kubelet whose cAdvisor hangs. */
  frozen = false;
  nextRefreshAtMs: number;
  sampledAtMs: number;
  sampledCoreNanoSeconds = 0;
  sampledBytes: number;

  constructor(name: string, usage: UsageOptions, housekeeping: HousekeepingOptions, seed: number, nowMs: number) {
    this.name = name;
    this.#usage = usage;
    this.#housekeeping = housekeeping;
    this.#seed = seedFor(seed, name);
    this.#random = seededRandom(this.#seed);
    this.#settledAtMs = nowMs;
    this.sampledAtMs = nowMs;
    this.sampledBytes = usage.systemBytes;
    this.nextRefreshAtMs = nowMs + Math.round(this.#random() * housekeeping.intervalMs);
  }

  /** A pod's containers start. Their first sample, with counters at zero, is there at once. */
  startPod(pod: SimulatedPod, nowMs: number): PodUsage {
    const total: UsageTotal = { coreNanoSeconds: 0 };
    const started: PodUsage = {
      pod,
      containers: pod.containers.map((spec) => {
        const seed = seedFor(this.#seed, `${pod.namespace}/${pod.name}/${spec.name}`);
        return new ContainerUsage({ pod, spec, totals: [total, this.#total] }, this.#usage, seed, nowMs);
      }),
      labels: `{namespace="${pod.namespace}",pod="${pod.name}"} `,
      total,
      sampledCoreNanoSeconds: 0,
      sampledBytes: 0,
      sampledAtMs: nowMs,
    };
    started.sampledBytes = sumBytes(started);
    this.#pods.set(pod.uid, started);
    this.#podsChanged();
    return started;
  }

  /** A pod's containers are gone; the node keeps what they used. */
  stopPod(uid: string, nowMs: number): void {
    const stopped = this.#pods.get(uid);
    if (stopped === undefined) return;
    for (const container of stopped.containers) container.settle(nowMs);
    this.#pods.delete(uid);
    this.#podsChanged();
  }

  /** Takes a sample of everything and sets the time of the next. */
  refresh(nowMs: number): void {
    const { intervalMs, jitterFactor } = this.#housekeeping;
    this.nextRefreshAtMs = nowMs + Math.round(intervalMs * (1 + jitterFactor * this.#random()));
    if (this.frozen) return;
    let bytes = this.#usage.systemBytes;
    for (const pod of this.#pods.values()) {
      for (const container of pod.containers) container.refresh(nowMs);
      pod.sampledCoreNanoSeconds = Math.round(pod.total.coreNanoSeconds);
      pod.sampledBytes = sumBytes(pod);
      pod.sampledAtMs = nowMs;
      bytes += pod.sampledBytes;
    }
    this.#total.coreNanoSeconds += this.#usage.systemCores * Math.max(0, nowMs - this.#settledAtMs) * 1e6;
    this.#settledAtMs = nowMs;
    this.sampledCoreNanoSeconds = Math.round(this.#total.coreNanoSeconds);
    this.sampledBytes = bytes;
    this.sampledAtMs = nowMs;
  }

  /** All counters of the node begin at zero, as after a reboot that kept the start times. */
  resetCounters(): void {
    for (const pod of this.#pods.values()) {
      for (const container of pod.containers) container.resetCounter();
      pod.total.coreNanoSeconds = 0;
      pod.sampledCoreNanoSeconds = 0;
    }
    this.#total.coreNanoSeconds = 0;
    this.sampledCoreNanoSeconds = 0;
  }

  get podCount(): number {
    return this.#pods.size;
  }

  /** Sorted as a kubelet prints them: by namespace, then name. */
  get pods(): readonly PodUsage[] {
    this.#sortedPods ??= [...this.#pods.values()].toSorted((a, b) => compareText(a.labels, b.labels));
    return this.#sortedPods;
  }

  /** Sorted as a kubelet prints them: by container, then namespace, then pod. */
  get containers(): readonly ContainerUsage[] {
    this.#sortedContainers ??= this.pods
      .flatMap((pod) => pod.containers)
      .toSorted((a, b) => compareText(a.labels, b.labels));
    return this.#sortedContainers;
  }

  #podsChanged(): void {
    this.#sortedPods = undefined;
    this.#sortedContainers = undefined;
  }
}

function sumBytes(pod: PodUsage): number {
  return pod.containers.reduce((sum, container) => sum + container.sampledBytes, 0);
}

/**
 * Order by code unit. Label parts compare as their values do one after the other: the quote that ends a value sorts before
 * every character that a Kubernetes name may have.
 */
function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
