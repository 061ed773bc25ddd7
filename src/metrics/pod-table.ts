// Pure state: which containers make up which pod, as linked lists over small integers. Bound: the containers that WindowStore admits.
import type { ContainerIdentity } from './label-text.ts';
import type { PodName } from './types.ts';

const none = -1;
const noName: PodName = { namespace: '', name: '' };

/** Names of containers and namespaces that are shared before sharing starts anew; a cluster has a few hundred. */
const maxSharedNames = 10_000;

/**
 * A pod index belongs to one pod *on one node*; a name that two nodes report (a pod that was moved) has two of them, chained.
 *
 *   #podByName   "shop" -> "web-1" -> 7                 two maps, so that looking up makes no key
 *   pod          7:  #podNames { shop, web-1 }   #nodes 3   #first 12   #sibling 9 (same name, another node) or none   #ids 4711
 *   container   12:  #containerNames "app"     #pods 7   #next 15 ┐
 *               15:  #containerNames "proxy"   #pods 7   #next none  <┘ in order of name
 */
export class PodTable {
  readonly #podByName = new Map<string, Map<string, number>>();
  /** The namespace that was asked for last, and its pods. */
  #lastNamespace = '';
  #lastPods: Map<string, number> | undefined;
  readonly #freePods: number[] = [];
  readonly #podNames: PodName[] = [];
  readonly #nodes: number[] = [];
  readonly #first: number[] = [];
  /** No two pods have the same, however often an index is used again. */
  readonly #ids: number[] = [];
  #lastId = 0;
  readonly #sibling: number[] = [];

  readonly #containerNames: string[] = [];
  readonly #pods: number[] = [];
  readonly #next: number[] = [];
  readonly #sharedNames = new Map<string, string>();

  /** Adds container `slot` to its pod on `node`; the pod is made when it is its first. */
  addContainer(slot: number, names: ContainerIdentity, node: number): void {
    const { namespace, pod: podName, container: name } = names;
    const pod = this.find(namespace, podName, node) ?? this.#addPod(namespace, podName, node);
    this.#containerNames[slot] = this.#share(name);
    this.#pods[slot] = pod;
    const after = this.#lastBefore(pod, name);
    if (after === none) {
      this.#next[slot] = this.#first[pod] ?? none;
      this.#first[pod] = slot;
    } else {
      this.#next[slot] = this.#next[after] ?? none;
      this.#next[after] = slot;
    }
  }

  /** Takes a container away; with its last container the pod goes too. */
  removeContainer(slot: number): void {
    const pod = this.podOf(slot);
    const next = this.#next[slot] ?? none;
    let before = this.#first[pod] ?? none;
    if (before === slot) this.#first[pod] = next;
    while (before !== slot && this.#next[before] !== slot) before = this.#next[before] ?? none;
    if (before !== slot) this.#next[before] = next;
    if (this.#first[pod] === none) this.#removePod(pod);
  }

  podOf(slot: number): number {
    return this.#pods[slot] ?? none;
  }

  podName(pod: number): PodName {
    return this.#podNames[pod] ?? noName;
  }

  containerName(slot: number): string {
    return this.#containerNames[slot] ?? '';
  }

  /** Tells whether an index that was found before still means the same pod: its id is another one if not. */
  idOf(pod: number): number {
    return this.#ids[pod] ?? none;
  }

  /** The pod of this name that the node reports; undefined when it reports none. */
  find(namespace: string, name: string, node: number): number | undefined {
    let pod = this.#podsIn(namespace)?.get(name);
    while (pod !== undefined && this.#nodes[pod] !== node) pod = this.#siblingOf(pod);
    return pod;
  }

  /** A pod's first container by name, or undefined. */
  firstContainer(pod: number): number | undefined {
    return present(this.#first[pod]);
  }

  /** The container after this one, by name, or undefined. */
  nextContainer(slot: number): number | undefined {
    return present(this.#next[slot]);
  }

  /** The pod of the same name on another node, or undefined. */
  #siblingOf(pod: number): number | undefined {
    return present(this.#sibling[pod]);
  }

  #addPod(namespace: string, name: string, node: number): number {
    const pod = this.#freePods.pop() ?? this.#podNames.length;
    const pods = this.#podsOf(namespace);
    this.#podNames[pod] = { namespace: this.#share(namespace), name };
    this.#nodes[pod] = node;
    this.#ids[pod] = ++this.#lastId;
    this.#first[pod] = none;
    this.#sibling[pod] = pods.get(name) ?? none;
    pods.set(name, pod);
    return pod;
  }

  #podsOf(namespace: string): Map<string, number> {
    let pods = this.#podsIn(namespace);
    if (pods === undefined) {
      pods = new Map();
      this.#podByName.set(namespace, pods);
    }
    return pods;
  }

  /** Pods are asked for namespace by namespace. */
  #podsIn(namespace: string): Map<string, number> | undefined {
    if (namespace === this.#lastNamespace && this.#lastPods !== undefined) return this.#lastPods;
    this.#lastNamespace = namespace;
    this.#lastPods = this.#podByName.get(namespace);
    return this.#lastPods;
  }

  #removePod(pod: number): void {
    const { namespace, name } = this.podName(pod);
    const pods = this.#podsOf(namespace);
    const sibling = this.#siblingOf(pod);
    let before = pods.get(name);
    if (before === pod) {
      if (sibling === undefined) pods.delete(name);
      else pods.set(name, sibling);
      if (pods.size === 0) {
        this.#podByName.delete(namespace);
        this.#lastPods = undefined;
      }
    } else {
      while (before !== undefined && this.#sibling[before] !== pod) before = this.#siblingOf(before);
      if (before !== undefined) this.#sibling[before] = sibling ?? none;
    }
    this.#podNames[pod] = noName;
    this.#ids[pod] = none;
    this.#freePods.push(pod);
  }

  /** The last container of the pod whose name sorts before `name`, or none. */
  #lastBefore(pod: number, name: string): number {
    let before = none;
    let slot = this.#first[pod] ?? none;
    while (slot !== none && this.containerName(slot) < name) {
      before = slot;
      slot = this.#next[slot] ?? none;
    }
    return before;
  }

  #share(name: string): string {
    const shared = this.#sharedNames.get(name);
    if (shared !== undefined) return shared;
    if (this.#sharedNames.size >= maxSharedNames) this.#sharedNames.clear();
    this.#sharedNames.set(name, name);
    return name;
  }
}

function present(index: number | undefined): number | undefined {
  return index === none ? undefined : index;
}
