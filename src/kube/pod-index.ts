// Pure: the pods of one namespace, indexed by name and by label.
import type { LabelMatcher } from '../lib/views.ts';
import type { PodRecord } from './pod-record.ts';

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
 *   byPair    "app=web" ─────────► [ group, group, … ] ────────────┘
 *
 * A pod knows its slot among the members of its group, so leaving costs the same however large the group is.
 * Groups are told apart by the identity of their labels object, which the projection shares; two groups with equal labels do no harm.
 */
export class PodIndex {
  readonly #byName = new Map<string, PodRecord>();
  readonly #groups = new Map<Labels, PodGroup>();
  readonly #byPair = new Map<string, PodGroup[]>();

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
      this.#groupOf(pod.labels).members[pod.slot] = pod;
      return previous;
    }
    if (previous !== undefined) this.#leaveGroup(previous);
    const { members } = this.#groupOf(pod.labels);
    pod.slot = members.length;
    members.push(pod);
    return previous;
  }

  remove(name: string): PodRecord | undefined {
    const pod = this.#byName.get(name);
    if (pod === undefined) return undefined;
    this.#byName.delete(name);
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

  #candidates(selector: LabelMatcher): Iterable<PodGroup> {
    let best: PodGroup[][] | undefined;
    let bestSize = Number.POSITIVE_INFINITY;
    for (const { key, values } of selector.equalities) {
      // The values of one requirement are distinct, and a group has one value per key: no group comes twice.
      const postings = [...new Set(values)].map((value) => this.#byPair.get(pairOf(key, value)) ?? []);
      const size = postings.reduce((sum, posting) => sum + posting.length, 0);
      if (size < bestSize) [best, bestSize] = [postings, size];
    }
    return best === undefined ? this.#groups.values() : best.flat();
  }

  #groupOf(labels: Labels): PodGroup {
    const known = this.#groups.get(labels);
    if (known !== undefined) return known;
    const group: PodGroup = { labels, members: [] };
    this.#groups.set(labels, group);
    for (const [key, value] of Object.entries(labels)) {
      const pair = pairOf(key, value);
      const posting = this.#byPair.get(pair);
      if (posting === undefined) this.#byPair.set(pair, [group]);
      else posting.push(group);
    }
    return group;
  }

  #leaveGroup(pod: PodRecord): void {
    const group = this.#groupOf(pod.labels);
    const last = group.members.pop();
    if (last !== undefined && last !== pod) {
      last.slot = pod.slot;
      group.members[pod.slot] = last;
    }
    if (group.members.length === 0) this.#forgetGroup(group);
  }

  #forgetGroup(group: PodGroup): void {
    this.#groups.delete(group.labels);
    for (const [key, value] of Object.entries(group.labels)) {
      const pair = pairOf(key, value);
      const posting = this.#byPair.get(pair) ?? [];
      const at = posting.indexOf(group);
      const last = posting.pop();
      if (last !== undefined && last !== group) posting[at] = last;
      if (posting.length === 0) this.#byPair.delete(pair);
    }
  }
}

/** `=` is in no label key, so this tells all pairs apart. */
function pairOf(key: string, value: string): string {
  return `${key}=${value}`;
}
