// State: the counters of one container, and what its cgroup would have shown at the last refresh.
import { goFloat } from './go-float.ts';
import { parseQuantity } from './quantity.ts';
import { seededRandom } from './random.ts';
import { annotations, type ContainerSpec, type SimulatedPod, type UsageOptions } from './types.ts';
import type { ShareMeter, WorkloadLoad } from './workload-load.ts';

/** Core-nanoseconds used so far by a pod or a node: what its own cgroup would count. */
export interface UsageTotal {
  coreNanoSeconds: number;
}

/** Which load a container carries while its pod is ready. */
interface Share {
  readonly load: WorkloadLoad;
  readonly meter: ShareMeter;
  /** The meter's total when this container was last settled. */
  mark: number;
}

/**
 * One container. Between two instants its CPU usage is idle usage plus its share of the workload's demand, at most its limit;
 * `settle` adds the exact integral of that to the counter, `refresh` makes a sample of it.
 */
export class ContainerUsage {
  readonly name: string;
  /** The label part of this container's lines, with the space that follows it. */
  readonly labels: string;
  #idleCores: number;
  readonly idleBytes: number;
  readonly #limitCores: number;
  readonly #limitBytes: number;
  readonly #noiseRatio: number;
  readonly #random: () => number;
  readonly #totals: readonly UsageTotal[];
  #share: Share | undefined;
  #settledAtMs: number;
  #coreNanoSeconds = 0;

  #startedAtMs: number;
  /** When the container's current process started, as a kubelet prints it: seconds since the epoch. */
  startSeconds: string;
  /** The last sample: what a scrape sees until the next refresh. */
  sampledAtMs: number;
  sampledCoreNanoSeconds = 0;
  sampledBytes: number;

  /** `totals` are those of the pod and of the node; they grow with the container and outlive its restarts. */
  constructor(
    place: { readonly pod: SimulatedPod; readonly spec: ContainerSpec; readonly totals: readonly UsageTotal[] },
    options: UsageOptions,
    seed: number,
    nowMs: number,
  ) {
    const { pod, spec } = place;
    this.name = spec.name;
    this.labels = `{container="${spec.name}",namespace="${pod.namespace}",pod="${pod.name}"} `;
    this.#totals = place.totals;
    this.#limitCores = spec.cpuLimitCores;
    this.#limitBytes = spec.memoryLimitBytes;
    this.#noiseRatio = annotatedQuantity(pod, annotations.noiseRatio) ?? options.noiseRatio;
    this.#random = seededRandom(seed);
    const idleCores = annotatedQuantity(pod, annotations.cpu) ?? options.idleCores;
    const idleBytes = annotatedQuantity(pod, annotations.memory) ?? options.idleBytes;
    this.#idleCores = Math.min(idleCores, this.#limitCores);
    this.idleBytes = Math.min(idleBytes, this.#limitBytes);
    this.#startedAtMs = nowMs;
    this.startSeconds = startText(nowMs);
    this.sampledAtMs = nowMs;
    this.#settledAtMs = nowMs;
    this.sampledBytes = Math.round(this.idleBytes);
  }

  /** What it uses without work. */
  get idleCores(): number {
    return this.#idleCores;
  }

  setIdleCores(cores: number, nowMs: number): void {
    this.settle(nowMs);
    this.#idleCores = Math.min(cores, this.#limitCores);
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }

  set startedAtMs(atMs: number) {
    this.#startedAtMs = atMs;
    this.startSeconds = startText(atMs);
  }

  /** Takes a share of the load from now on. */
  join(load: WorkloadLoad, nowMs: number): void {
    this.settle(nowMs);
    const meter = load.meter(this.#limitCores - this.idleCores, nowMs);
    this.#share = { load, meter, mark: meter.totalAt(nowMs) };
  }

  leave(nowMs: number): void {
    this.settle(nowMs);
    this.#share = undefined;
  }

  /** The process starts anew: counters begin at zero, and the share is kept if the pod still has one. */
  restart(nowMs: number): void {
    this.settle(nowMs);
    this.resetCounter();
    this.startedAtMs = nowMs;
    this.sampledAtMs = nowMs;
    this.sampledBytes = Math.round(this.idleBytes);
  }

  /** The counter begins at zero though the container's start time stays. */
  resetCounter(): void {
    this.#coreNanoSeconds = 0;
    this.sampledCoreNanoSeconds = 0;
  }

  /** Brings the counter to now. */
  settle(nowMs: number): void {
    const elapsedSeconds = (nowMs - this.#settledAtMs) / 1000;
    if (elapsedSeconds <= 0) return;
    let coreSeconds = this.idleCores * elapsedSeconds;
    if (this.#share !== undefined) {
      const total = this.#share.meter.totalAt(nowMs);
      coreSeconds += total - this.#share.mark;
      this.#share.mark = total;
    }
    coreSeconds = Math.min(coreSeconds * this.#noise(), this.#limitCores * elapsedSeconds);
    this.#settledAtMs = nowMs;
    this.#coreNanoSeconds += coreSeconds * 1e9;
    for (const total of this.#totals) total.coreNanoSeconds += coreSeconds * 1e9;
  }

  /** Takes a sample now. */
  refresh(nowMs: number): void {
    this.settle(nowMs);
    this.sampledAtMs = nowMs;
    this.sampledCoreNanoSeconds = Math.round(this.#coreNanoSeconds);
    const shareBytes = this.#share === undefined ? 0 : this.#share.load.demandBytes(nowMs) / this.#share.load.readyPods;
    const wanted = (this.idleBytes + shareBytes) * (shareBytes > 0 ? this.#noise() : 1);
    this.sampledBytes = Math.round(Math.min(wanted, this.#limitBytes));
  }

  /** A factor around 1; exactly 1 when there is no noise. */
  #noise(): number {
    return this.#noiseRatio === 0 ? 1 : 1 + this.#noiseRatio * (2 * this.#random() - 1);
  }
}

function annotatedQuantity(pod: SimulatedPod, annotation: string): number | undefined {
  const text = pod.annotations[annotation];
  return text === undefined ? undefined : parseQuantity(text);
}

/** As Go computes it, whole nanoseconds divided by 1e9, which rounds twice: `1.7637320009740002e+09`. */
function startText(startedAtMs: number): string {
  return goFloat((startedAtMs * 1e6) / 1e9);
}
