// Pure: the pods of one namespace, indexed by name and by label.
import type { LabelMatcher } from '../lib/views.ts';
import { nowhere, type PodRecord } from './pod-record.ts';

type Labels = Readonly<Record<string, string>>;

/** Pods with equal labels: those of one ReplicaSet, as a rule. A selector is matched once for all of them. */
interface PodGroup {
  readonly labels: Labels;
  readonly members: PodRecord[];
}

/**
 *   byName    web-1 ─────────────► PodRecord(slot 0) ◄──┐
 *             web-2 ─────────────► PodRecord(slot 1) ◄──┤
 *   groups    labels object ─────► { labels, members: [ ┘ ] }   ◄──┐
 *   postings  app ─► web ────────► [ group, group, … ] ────────────┘
 *
 * A pod knows its slot among the members of its group, so leaving costs the same however large the group is.
 * Groups are told apart by the identity of their labels object, which the projection shares; two groups with equal labels do no harm.
 */
export class PodIndex {
  /** Set by the store. */
  version = 0;
  readonly #byName = new Map<string, PodRecord>();
  readonly #groups = new Map<Labels, PodGroup>();
  /** Label key -> value -> groups. Keyed by the strings that the labels hold already, so a pair costs no string of its own. */
  readonly #postings = new Map<string, Map<string, PodGroup[]>>();
  /** Pods as last listed in order; what came since stands behind, what left is still there. undefined: never listed, or not for long. */
  #inOrder: PodRecord[] | undefined;
  #isInOrder = false;

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): PodRecord | undefined {
    return this.#byName.get(name);
  }

  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** Returns the pod that had this name before. */
  upsert(pod: PodRecord): PodRecord | undefined {
    const previous = this.#byName.get(pod.name);
    this.#byName.set(pod.name, pod);
    if (previous !== undefined && previous.labels === pod.labels) {
      pod.slot = previous.slot;
      const members = this.#groups.get(pod.labels)?.members;
      if (members !== undefined) members[pod.slot] = pod;
      if (previous !== pod) previous.slot = nowhere;
      return previous;
    }
    if (previous === undefined) this.#forgetOrder(pod);
    else this.#leaveGroup(previous);
    this.#joinGroup(pod);
    return previous;
  }

  remove(name: string): PodRecord | undefined {
    const pod = this.#byName.get(name);
    if (pod === undefined) return undefined;
    this.#byName.delete(name);
    this.#forgetOrder();
    this.#leaveGroup(pod);
    return pod;
  }

  /** Appends the pods that match. Costs the groups that share the selector's rarest label, and the matching pods. */
  appendMatching(found: PodRecord[], selector: LabelMatcher): void {
    for (const group of this.#candidates(selector)) {
      if (!selector.matches(group.labels)) continue;
      for (const pod of group.members) found.push(pod);
    }
  }

  /** Appends the pods that match, sorted by name. */
  appendSorted(found: PodRecord[], selector: LabelMatcher): void {
    if (selector.equalities.length > 0) {
      const matching: PodRecord[] = [];
      this.appendMatching(matching, selector);
      for (const pod of matching.toSorted(byName)) found.push(pod);
      return;
    }
    // Neighbours are of one ReplicaSet, as a rule.
    let labels: Labels | undefined;
    let matches = false;
    for (const pod of this.#podsInOrder()) {
      if (pod.labels !== labels) {
        labels = pod.labels;
        matches = selector.matches(labels);
      }
      if (matches) found.push(pod);
    }
  }

  /** A few that came or left since the last time cost little: the sort finds the others in order. */
  #podsInOrder(): readonly PodRecord[] {
    const known = this.#inOrder ?? [...this.#byName.values()];
    for (let index = 0; index < known.length; index++) {
      const pod = known[index];
      // A newer record of the same pod has its place.
      if (pod?.slot === nowhere) known[index] = this.#byName.get(pod.name) ?? pod;
    }
    if (this.#inOrder !== undefined && this.#isInOrder) return known;
    const sorted = known.filter((pod) => pod.slot !== nowhere).toSorted(byName);
    // Who left and came back stands there twice.
    this.#inOrder = sorted.filter((pod, index) => pod !== sorted[index - 1]);
    this.#isInOrder = true;
    return this.#inOrder;
  }

  #forgetOrder(newPod?: PodRecord): void {
    this.#isInOrder = false;
    if (newPod !== undefined) this.#inOrder?.push(newPod);
    // Nobody lists here: pods that left would gather.
    if (this.#inOrder !== undefined && this.#inOrder.length > 2 * this.#byName.size + 64) this.#inOrder = undefined;
  }

  #candidates(selector: LabelMatcher): Iterable<PodGroup> {
    let best: PodGroup[][] | undefined;
    let bestSize = Number.POSITIVE_INFINITY;
    for (const { key, values } of selector.equalities) {
      // The values of one requirement are distinct, and a group has one value per key: no group comes twice.
      const postings = [...new Set(values)].map((value) => this.#postings.get(key)?.get(value) ?? []);
      const size = postings.reduce((sum, posting) => sum + posting.length, 0);
      if (size < bestSize) [best, bestSize] = [postings, size];
    }
    return best === undefined ? this.#groups.values() : best.flat();
  }

  #joinGroup(pod: PodRecord): void {
    const known = this.#groups.get(pod.labels);
    if (known !== undefined) {
      pod.slot = known.members.length;
      known.members.push(pod);
      return;
    }
    // Made with its first element, an array has room for just that; pushing the first makes room for seventeen.
    const group: PodGroup = { labels: pod.labels, members: [pod] };
    pod.slot = 0;
    this.#groups.set(pod.labels, group);
    for (const [key, value] of Object.entries(pod.labels)) this.#addPosting(key, value, group);
  }

  #leaveGroup(pod: PodRecord): void {
    const group = this.#groups.get(pod.labels);
    const last = group?.members.pop();
    if (group === undefined || last === undefined) return;
    if (last !== pod) {
      last.slot = pod.slot;
      group.members[pod.slot] = last;
    }
    pod.slot = nowhere;
    if (group.members.length > 0) return;
    this.#groups.delete(group.labels);
    for (const [key, value] of Object.entries(group.labels)) this.#removePosting(key, value, group);
  }

  #addPosting(key: string, value: string, group: PodGroup): void {
    let values = this.#postings.get(key);
    if (values === undefined) {
      values = new Map();
      this.#postings.set(key, values);
    }
    const posting = values.get(value);
    if (posting === undefined) values.set(value, [group]);
    else posting.push(group);
  }

  #removePosting(key: string, value: string, group: PodGroup): void {
    const values = this.#postings.get(key);
    const posting = values?.get(value);
    if (values === undefined || posting === undefined) return;
    const at = posting.indexOf(group);
    const last = posting.pop();
    if (last !== undefined && last !== group) posting[at] = last;
    if (posting.length > 0) return;
    values.delete(value);
    if (values.size === 0) this.#postings.delete(key);
  }
}

/** Names are ASCII, so the order of UTF-16 units is the order of bytes. */
function byName(a: PodRecord, b: PodRecord): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
