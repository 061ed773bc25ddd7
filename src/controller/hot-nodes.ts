// State: which nodes host pods of hot autoscalers, for the scraping of these nodes. Bound: the pods of the autoscalers that we act on.
import type { PodView } from '../lib/views.ts';
import type { HotNodeReader, PodName } from '../metrics/types.ts';
import type { Decision, Observation } from './decide/types.ts';
import { highestUsageRatio, isHot } from './heat.ts';

const noPods: readonly PodName[] = [];

export class HotNodes implements HotNodeReader {
  version = 0;
  /** Autoscaler -> its highest usage over target at its last sync. */
  readonly #ratiosAtSync = new Map<string, number>();
  /** Hot autoscaler -> its pods when it became hot, or when they last changed. */
  readonly #pods = new Map<string, readonly PodView[]>();
  /** Node -> hot autoscaler -> its pods there. */
  readonly #nodes = new Map<string, Map<string, PodName[]>>();

  get size(): number {
    return this.#nodes.size;
  }

  has(nodeName: string): boolean {
    return this.#nodes.has(nodeName);
  }

  names(): Iterable<string> {
    return this.#nodes.keys();
  }

  *podsOn(nodeName: string): Iterable<PodName> {
    for (const pods of this.#nodes.get(nodeName)?.values() ?? [noPods]) yield* pods;
  }

  /** A decision that we may act on was made. Costs a few comparisons as long as nothing changes. */
  decided(key: string, observation: Observation, decision: Decision, isSync: boolean): void {
    const ratio = highestUsageRatio(observation, decision);
    if (ratio === undefined) {
      this.delete(key);
      return;
    }
    if (isHot(observation, decision, ratio, this.#ratiosAtSync.get(key))) this.#heat(key, observation.pods);
    else this.#cool(key);
    if (isSync) this.#ratiosAtSync.set(key, ratio);
  }

  /** The autoscaler is gone, or it is no longer ours to act on. */
  delete(key: string): void {
    this.#cool(key);
    this.#ratiosAtSync.delete(key);
  }

  #heat(key: string, pods: readonly PodView[]): void {
    const known = this.#pods.get(key);
    if (known !== undefined && haveSamePlaces(known, pods)) return;
    this.#cool(key);
    this.#pods.set(key, pods);
    for (const pod of pods) if (pod.phase === 'Running' && pod.nodeName !== '') this.#add(key, pod);
  }

  #add(key: string, pod: PodView): void {
    let hot = this.#nodes.get(pod.nodeName);
    if (hot === undefined) {
      hot = new Map();
      this.#nodes.set(pod.nodeName, hot);
      this.version++;
    }
    const pods = hot.get(key);
    if (pods === undefined) hot.set(key, [pod]);
    else pods.push(pod);
  }

  #cool(key: string): void {
    const pods = this.#pods.get(key);
    if (pods === undefined) return;
    this.#pods.delete(key);
    for (const { nodeName } of pods) {
      const hot = this.#nodes.get(nodeName);
      hot?.delete(key);
      if (hot?.size === 0) this.#nodes.delete(nodeName);
    }
  }
}

function haveSamePlaces(a: readonly PodView[], b: readonly PodView[]): boolean {
  return (
    a.length === b.length &&
    a.every((pod, index) => {
      const other = b[index];
      if (pod === other) return true;
      return pod.name === other?.name && pod.nodeName === other.nodeName && pod.phase === other.phase;
    })
  );
}
