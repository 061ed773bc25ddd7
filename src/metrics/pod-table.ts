// Pure state: which containers make up which pod, as linked lists over small integers. Bound: the containers that WindowStore admits.

const none = -1;

/** Container names that are shared before sharing starts anew; a cluster has a few hundred. */
const maxSharedNames = 10_000;

/**
 * A pod index belongs to one pod *on one node*; a name that two nodes report (a pod that was moved) has two of them, chained.
 *
 *   #podByKey   "shop/web-1" -> 7
 *   pod          7:  #keys "shop/web-1"   #nodes 3   #first 12   #sibling 9 (same key, another node) or none
 *   container   12:  #names "app"     #pods 7   #next 15 ┐
 *               15:  #names "proxy"   #pods 7   #next none  <┘ in order of name
 */
export class PodTable {
  readonly #podByKey = new Map<string, number>();
  readonly #freePods: number[] = [];
  readonly #keys: string[] = [];
  readonly #nodes: number[] = [];
  readonly #first: number[] = [];
  readonly #sibling: number[] = [];

  readonly #names: string[] = [];
  readonly #pods: number[] = [];
  readonly #next: number[] = [];
  readonly #sharedNames = new Map<string, string>();

  /** Adds container `slot` to the pod `key` on `node`; the pod is made when it is its first. */
  addContainer(slot: number, key: string, node: number, name: string): void {
    const pod = this.find(key, node) ?? this.#addPod(key, node);
    this.#names[slot] = this.#share(name);
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

  key(pod: number): string {
    return this.#keys[pod] ?? '';
  }

  name(slot: number): string {
    return this.#names[slot] ?? '';
  }

  /** The pod of this name that the node reports; undefined when it reports none. */
  find(key: string, node: number): number | undefined {
    let pod = this.#podByKey.get(key);
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

  #addPod(key: string, node: number): number {
    const pod = this.#freePods.pop() ?? this.#keys.length;
    this.#keys[pod] = key;
    this.#nodes[pod] = node;
    this.#first[pod] = none;
    this.#sibling[pod] = this.#podByKey.get(key) ?? none;
    this.#podByKey.set(key, pod);
    return pod;
  }

  #removePod(pod: number): void {
    const key = this.key(pod);
    const sibling = this.#siblingOf(pod);
    let before = this.#podByKey.get(key);
    if (before === pod) {
      if (sibling === undefined) this.#podByKey.delete(key);
      else this.#podByKey.set(key, sibling);
    } else {
      while (before !== undefined && this.#sibling[before] !== pod) before = this.#siblingOf(before);
      if (before !== undefined) this.#sibling[before] = sibling ?? none;
    }
    this.#keys[pod] = '';
    this.#freePods.push(pod);
  }

  /** The last container of the pod whose name sorts before `name`, or none. */
  #lastBefore(pod: number, name: string): number {
    let before = none;
    let slot = this.#first[pod] ?? none;
    while (slot !== none && this.name(slot) < name) {
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
