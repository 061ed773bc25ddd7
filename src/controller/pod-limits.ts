// State: up to which use of CPU a sample of a pod calls for nothing, at one place per pod. Bound: 16 bytes for each pod there was at one time.
//
// Of the two thousand samples a second that UsageLimits is asked about nearly all call for nothing, and finding that out by the names of autoscaler and pod
// touches memory in ten places. This is the short answer, for the usual autoscaler: one metric, the CPU of whole pods.
import type { ListedPod } from '../lib/views.ts';

export class PodLimits {
  /** By ordinal: whose limit it is. A pod that changed is another object, and has none until the next look. */
  readonly #pods: (ListedPod | undefined)[] = [];
  #highestMilli = new Float64Array(0);

  /** False also when no limit is known. */
  isWithin(pod: ListedPod, cpuMilli: number): boolean {
    return this.#pods[pod.ordinal] === pod && cpuMilli <= (this.#highestMilli[pod.ordinal] ?? 0);
  }

  set(pod: ListedPod, highestMilli: number): void {
    const { ordinal } = pod;
    if (ordinal >= this.#highestMilli.length) this.#grow(ordinal);
    this.#pods[ordinal] = pod;
    this.#highestMilli[ordinal] = highestMilli;
  }

  delete(pod: ListedPod): void {
    if (this.#pods[pod.ordinal] === pod) this.#pods[pod.ordinal] = undefined;
  }

  #grow(ordinal: number): void {
    const larger = new Float64Array(Math.max(64, ordinal * 2));
    larger.set(this.#highestMilli);
    this.#highestMilli = larger;
  }
}
