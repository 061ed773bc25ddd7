// State: which nodes host pods of hot autoscalers, for the scraping of these nodes. Bound: the pods of the autoscalers that we act on.
import type { PodView } from '../lib/views.ts';
import type { HotNodeReader, HotNodeSet, PodName } from '../metrics/types.ts';
import type { Decision, Observation } from './decide/types.ts';
import { heatOf } from './heat.ts';

const noPods: readonly PodName[] = [];

/** The nodes of the pods of some autoscalers. */
class NodesOfPods implements HotNodeSet {
  version = 0;
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

  /** Costs a comparison per pod as long as they stay where they are. */
  set(key: string, pods: readonly PodView[]): void {
    const known = this.#pods.get(key);
    if (known !== undefined && haveSamePlaces(known, pods)) return;
    this.delete(key);
    this.#pods.set(key, pods);
    for (const pod of pods) if (pod.phase === 'Running' && pod.nodeName !== '') this.#add(key, pod);
  }

  delete(key: string): void {
    const pods = this.#pods.get(key);
    if (pods === undefined) return;
    this.#pods.delete(key);
    for (const { nodeName } of pods) {
      const hot = this.#nodes.get(nodeName);
      hot?.delete(key);
      if (hot?.size === 0) this.#nodes.delete(nodeName);
    }
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
}

/** Which nodes are hot, and how much. */
export class HotNodes implements HotNodeReader {
  readonly rising = new NodesOfPods();
  readonly near = new NodesOfPods();

  /** A decision that we may act on was made; `hasRisen`: a pod has, lately. Costs a few comparisons as long as nothing changes. */
  decided(key: string, observation: Observation, decision: Decision, hasRisen: boolean): void {
    const heat = heatOf(observation, decision, hasRisen);
    for (const place of ['rising', 'near'] as const) {
      if (heat === place) this[place].set(key, observation.pods);
      else this[place].delete(key);
    }
  }

  /** The autoscaler is gone, or it is no longer ours to act on. */
  delete(key: string): void {
    this.rising.delete(key);
    this.near.delete(key);
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
