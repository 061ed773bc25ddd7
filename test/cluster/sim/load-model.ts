// State: every pod's usage on every node. Which workload a pod carries, who shares it, and when samples are refreshed.
import type { Demand } from './demand.ts';
import { NodeUsage, type PodUsage } from './node-usage.ts';
import {
  defaultHousekeeping,
  defaultUsage,
  type HousekeepingOptions,
  type SimulatedPod,
  type UsageOptions,
  type Workload,
} from './types.ts';
import { selects, WorkloadLoad } from './workload-load.ts';

export interface LoadModelOptions {
  readonly nodeNames: readonly string[];
  readonly workloads: readonly Workload[];
  readonly seed: number;
  readonly usage?: Partial<UsageOptions> | undefined;
  readonly housekeeping?: Partial<HousekeepingOptions> | undefined;
}

/** What a workload asks for and who shares it. */
export interface WorkloadState {
  readonly name: string;
  readonly demandCores: number;
  readonly demandBytes: number;
  readonly readyPods: number;
}

interface RunningPod {
  readonly usage: PodUsage;
  readonly node: NodeUsage;
  readonly load: WorkloadLoad | undefined;
  ready: boolean;
}

/** Instants given to it should not decrease; it is deterministic for its seed and those instants. */
export class LoadModel {
  readonly #nodes = new Map<string, NodeUsage>();
  readonly #loads: WorkloadLoad[];
  readonly #running = new Map<string, RunningPod>();

  constructor(options: LoadModelOptions, nowMs: number) {
    const usage = { ...defaultUsage, ...options.usage };
    const housekeeping = { ...defaultHousekeeping, ...options.housekeeping };
    for (const name of options.nodeNames) {
      this.#nodes.set(name, new NodeUsage(name, usage, housekeeping, options.seed, nowMs));
    }
    this.#loads = options.workloads.map((workload) => new WorkloadLoad(workload, nowMs));
  }

  node(name: string): NodeUsage | undefined {
    return this.#nodes.get(name);
  }

  get runningPods(): number {
    return this.#running.size;
  }

  /**
   * The pod's containers run from now on. A pod of an unknown node, or one that runs already, is ignored.
   * A container that is taken over keeps the start time given for its name; what it used before is not known and counts as 0.
   */
  startPod(
    pod: SimulatedPod,
    nowMs: number,
    takenOver: Readonly<Record<string, { readonly startedAtMs: number }>> = {},
  ): void {
    const node = this.#nodes.get(pod.nodeName);
    if (node === undefined || this.#running.has(pod.uid)) return;
    const load = this.#loads.find((candidate) => selects(candidate.workload, pod));
    const usage = node.startPod(pod, nowMs);
    for (const container of usage.containers) {
      container.startedAtMs = takenOver[container.name]?.startedAtMs ?? nowMs;
    }
    this.#running.set(pod.uid, { usage, node, load, ready: false });
  }

  /** A ready pod takes its share of the workload's demand. */
  setReady(uid: string, ready: boolean, nowMs: number): void {
    const running = this.#running.get(uid);
    if (running === undefined || running.ready === ready) return;
    running.ready = ready;
    if (running.load === undefined) return;
    const wanted = running.load.workload.container;
    const { containers } = running.usage;
    const worker = wanted === undefined ? containers[0] : containers.find((container) => container.name === wanted);
    if (ready) {
      running.load.addReadyPod(nowMs);
      worker?.join(running.load, nowMs);
    } else {
      worker?.leave(nowMs);
      running.load.removeReadyPod(nowMs);
    }
  }

  /** Restarts one container, or all of the pod. */
  restartContainer(uid: string, container: string | undefined, nowMs: number): void {
    const running = this.#running.get(uid);
    if (running === undefined) return;
    for (const candidate of running.usage.containers) {
      if (container === undefined || candidate.name === container) candidate.restart(nowMs);
    }
  }

  /** What each container of the pod uses without work, from now on. Throws a RangeError when the pod does not run. */
  setIdleCores(uid: string, cores: number, nowMs: number): void {
    const running = this.#running.get(uid);
    if (running === undefined) throw new RangeError(`no pod with the uid ${uid} runs`);
    for (const container of running.usage.containers) container.setIdleCores(cores, nowMs);
  }

  stopPod(uid: string, nowMs: number): void {
    const running = this.#running.get(uid);
    if (running === undefined) return;
    this.setReady(uid, false, nowMs);
    running.node.stopPod(uid, nowMs);
    this.#running.delete(uid);
  }

  /** Changes a workload's demand from now on; what is not named stays. Throws when no workload has the name. */
  setDemand(name: string, demand: { readonly cores?: Demand; readonly bytes?: Demand }, nowMs: number): void {
    this.#load(name).setDemand(demand, nowMs);
  }

  workloadState(name: string, nowMs: number): WorkloadState {
    const load = this.#load(name);
    return {
      name,
      demandCores: load.demandCores(nowMs),
      demandBytes: load.demandBytes(nowMs),
      readyPods: load.readyPods,
    };
  }

  /** Refreshes the samples of every node whose time has come. */
  refreshDue(nowMs: number): void {
    for (const node of this.#nodes.values()) {
      if (nowMs >= node.nextRefreshAtMs) node.refresh(nowMs);
    }
  }

  #load(name: string): WorkloadLoad {
    const load = this.#loads.find((candidate) => candidate.workload.name === name);
    if (load === undefined) throw new RangeError(`no workload is named ${name}`);
    return load;
  }
}
