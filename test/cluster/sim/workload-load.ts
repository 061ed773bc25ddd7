// State: the demand of one workload, shared equally among its ready pods.
import { type Demand, demandCurve } from './demand.ts';
import { type DemandCurve, integrateCapped, valueAt } from './demand-curve.ts';
import type { Workload } from './types.ts';

/**
 * Core-seconds that one ready pod has been given since the beginning, when it can take at most `capCores`.
 * All pods with the same room share one meter, so a change of the demand or of the number of ready pods costs one step per
 * meter and nothing per pod.
 */
export interface ShareMeter {
  readonly capCores: number;
  /** The total at an instant that is not before the last one asked for. */
  totalAt(nowMs: number): number;
}

interface Meter extends ShareMeter {
  totalCoreSeconds: number;
  atMs: number;
}

/** Instants given to one WorkloadLoad never decrease; it keeps no history. */
export class WorkloadLoad {
  readonly workload: Workload;
  readonly #meters = new Map<number, Meter>();
  #cores: DemandCurve;
  #bytes: DemandCurve;
  #coresSinceMs: number;
  #bytesSinceMs: number;
  #readyPods = 0;

  constructor(workload: Workload, nowMs: number) {
    this.workload = workload;
    this.#cores = demandCurve(workload.cores ?? 0);
    this.#bytes = demandCurve(workload.bytes ?? 0);
    this.#coresSinceMs = nowMs;
    this.#bytesSinceMs = nowMs;
  }

  /** Replaces the demand from now on; a curve given here begins now. */
  setDemand(demand: { readonly cores?: Demand; readonly bytes?: Demand }, nowMs: number): void {
    this.#settle(nowMs);
    if (demand.cores !== undefined) {
      this.#cores = demandCurve(demand.cores);
      this.#coresSinceMs = nowMs;
    }
    if (demand.bytes !== undefined) {
      this.#bytes = demandCurve(demand.bytes);
      this.#bytesSinceMs = nowMs;
    }
  }

  get readyPods(): number {
    return this.#readyPods;
  }

  addReadyPod(nowMs: number): void {
    this.#settle(nowMs);
    this.#readyPods++;
  }

  removeReadyPod(nowMs: number): void {
    this.#settle(nowMs);
    this.#readyPods--;
  }

  demandCores(nowMs: number): number {
    return valueAt(this.#cores, (nowMs - this.#coresSinceMs) / 1000);
  }

  demandBytes(nowMs: number): number {
    return valueAt(this.#bytes, (nowMs - this.#bytesSinceMs) / 1000);
  }

  meter(capCores: number, nowMs: number): ShareMeter {
    const known = this.#meters.get(capCores);
    if (known !== undefined) return known;
    const meter: Meter = {
      capCores,
      totalCoreSeconds: 0,
      atMs: nowMs,
      totalAt: (atMs) => {
        this.#advance(meter, atMs);
        return meter.totalCoreSeconds;
      },
    };
    this.#meters.set(capCores, meter);
    return meter;
  }

  /** Brings every meter to now, before something changes that its rate depends on. */
  #settle(nowMs: number): void {
    for (const meter of this.#meters.values()) this.#advance(meter, nowMs);
  }

  #advance(meter: Meter, nowMs: number): void {
    if (nowMs <= meter.atMs) return;
    if (this.#readyPods > 0) {
      const fromSeconds = (meter.atMs - this.#coresSinceMs) / 1000;
      const toSeconds = (nowMs - this.#coresSinceMs) / 1000;
      // min(cap, demand / n) = min(cap * n, demand) / n
      const cap = meter.capCores * this.#readyPods;
      meter.totalCoreSeconds += integrateCapped(this.#cores, fromSeconds, toSeconds, cap) / this.#readyPods;
    }
    meter.atMs = nowMs;
  }
}

/** Does the workload's selector choose a pod with this namespace and these labels? */
export function selects(
  workload: Workload,
  pod: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> },
): boolean {
  if (workload.namespace !== pod.namespace) return false;
  return Object.entries(workload.selector).every(([key, value]) => pod.labels[key] === value);
}
