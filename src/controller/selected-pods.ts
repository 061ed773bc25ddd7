// State: which autoscalers select the pods of each node, remembered from scrape to scrape. Bound: 24 bytes for each pod that kubelets reported of late.
//
// Samples of all pods come by, ten thousand a second in a large cluster, and few of them matter. Finding each pod by its name and its autoscalers by its labels would cost twice as
// much as all evaluations; what was found stays right for as long as the cache has the same record of the pod and no selector changes.
import type { ListedPod, PodLister } from '../lib/views.ts';
import type { PodName } from '../metrics/types.ts';
import type { SelectorRegistry } from './selector-registry.ts';

/** A pod with its autoscalers: one, as a rule. */
export interface SelectedPod {
  readonly pod: ListedPod;
  readonly keys: readonly string[];
}

/** In the order of the last scrapes, which kubelets keep. */
interface NodePods {
  /** Told apart by identity: the store has one object for a pod as long as the node reports it. */
  readonly names: PodName[];
  /** undefined: its namespace has no autoscaler, or it is not known. */
  readonly pods: (ListedPod | undefined)[];
  /** undefined: not known. */
  readonly keys: (readonly string[] | undefined)[];
  /** The most pods that one scrape brought; where nodes are scraped fast, few have a new sample each time. */
  mostSampled: number;
  selectorsVersion: number;
  usedAtMs: number;
}

const nobody: readonly string[] = [];
const nothing: readonly SelectedPod[] = [];
/** Nodes that were not scraped for so long are gone, or as good as gone. */
const keptMs = 300_000;
/** So many more names than a scrape ever brought are of pods that left. */
const mostGone = 64;

export interface SelectedPodsDeps {
  readonly pods: Pick<PodLister, 'get'>;
  readonly selectors: Pick<SelectorRegistry, 'hasAny' | 'matching' | 'version'>;
}

export class SelectedPods {
  readonly #deps: SelectedPodsDeps;
  /** The node that was scraped longest ago in front. */
  readonly #nodes = new Map<string, NodePods>();

  constructor(deps: SelectedPodsDeps) {
    this.#deps = deps;
  }

  /** How many nodes are remembered. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Those of the pods that some autoscaler selects. `nowMs` is monotonic. */
  among(nodeName: string, sampled: readonly PodName[], nowMs: number): readonly SelectedPod[] {
    const node = this.#node(nodeName, sampled.length, nowMs);
    let selected: SelectedPod[] | undefined;
    let at = 0;
    for (const name of sampled) {
      at = placeOf(name, node.names, at);
      const keys = this.#keysOf(node, at, name);
      const pod = node.pods[at];
      if (keys.length > 0 && pod !== undefined) (selected ??= []).push({ pod, keys });
      at += 1;
    }
    return selected ?? nothing;
  }

  #node(nodeName: string, sampled: number, nowMs: number): NodePods {
    const { version } = this.#deps.selectors;
    let node = this.#nodes.get(nodeName);
    this.#nodes.delete(nodeName);
    if (node?.selectorsVersion !== version || node.names.length > node.mostSampled + mostGone) {
      node = { names: [], pods: [], keys: [], mostSampled: 0, selectorsVersion: version, usedAtMs: nowMs };
    }
    node.mostSampled = Math.max(node.mostSampled, sampled);
    node.usedAtMs = nowMs;
    this.#nodes.set(nodeName, node);
    this.#forgetOld(nowMs);
    return node;
  }

  #forgetOld(nowMs: number): void {
    for (const [name, { usedAtMs }] of this.#nodes) {
      if (nowMs - usedAtMs < keptMs) return;
      this.#nodes.delete(name);
    }
  }

  #keysOf(node: NodePods, at: number, { namespace, name }: PodName): readonly string[] {
    const known = node.keys[at];
    if (known !== undefined && node.pods[at]?.isOutdated !== true) return known;
    const { pods, selectors } = this.#deps;
    const hasAutoscalers = selectors.hasAny(namespace);
    const pod = hasAutoscalers ? pods.get(namespace, name) : undefined;
    const keys = pod === undefined ? nobody : selectors.matching(namespace, pod.labels);
    node.pods[at] = pod;
    // A pod that is sampled before it is known is asked for again.
    node.keys[at] = hasAutoscalers && pod === undefined ? undefined : keys;
    return keys;
  }
}

/** Where the name stands, nearly always `expectedAt` or, where a pod had no new sample, soon behind it; it is added when it is new. */
function placeOf(name: PodName, names: PodName[], expectedAt: number): number {
  const behind = names.indexOf(name, expectedAt);
  const at = behind === -1 ? names.indexOf(name) : behind;
  return at === -1 ? names.push(name) - 1 : at;
}
