// Pure but for its listeners: all pods, indexed by namespace and label.
import type { Logger } from '../lib/logger.ts';
import { objectKey, splitObjectKey } from '../lib/object-key.ts';
import type { LabelMatcher, PodLister, PodView } from '../lib/views.ts';
import { ChangeListeners } from './change-listeners.ts';
import type { ReflectedStore } from './object-store.ts';
import { PodIndex } from './pod-index.ts';
import type { PodRecord } from './pod-record.ts';
import type { ChangeListener } from './types.ts';

export class PodStore implements PodLister, ReflectedStore<PodRecord> {
  readonly #namespaces = new Map<string, PodIndex>();
  readonly #listeners: ChangeListeners<PodView>;
  #size = 0;
  #changes = 0;
  /** Below `#size` and these together is every ordinal there is. */
  readonly #freeOrdinals: number[] = [];
  #synced = false;

  constructor(logger: Logger) {
    this.#listeners = new ChangeListeners(logger);
  }

  get size(): number {
    return this.#size;
  }

  get hasSynced(): boolean {
    return this.#synced;
  }

  markSynced(): void {
    this.#synced = true;
  }

  get(namespace: string, name: string): PodRecord | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** 0 of a namespace without pods. Numbers never come again: what was is told from what is, also where all pods went meanwhile. */
  version(namespace: string): number {
    return this.#namespaces.get(namespace)?.version ?? 0;
  }

  list(namespace: string, selector: LabelMatcher): readonly PodRecord[] {
    const found: PodRecord[] = [];
    if (namespace !== '') this.#namespaces.get(namespace)?.appendMatching(found, selector);
    else for (const index of this.#namespaces.values()) index.appendMatching(found, selector);
    return found;
  }

  /** One namespace after the other as it is asked for, so that finding the pods of a large cluster is no long piece of work. */
  *listSorted(namespace: string, selector: LabelMatcher): Generator<readonly PodRecord[]> {
    const namespaces = namespace === '' ? [...this.#namespaces.keys()].toSorted() : [namespace];
    for (const each of namespaces) {
      const found: PodRecord[] = [];
      this.#namespaces.get(each)?.appendSorted(found, selector);
      yield found;
    }
  }

  onChange(listener: ChangeListener<PodView>): () => void {
    return this.#listeners.add(listener);
  }

  *keys(): Iterable<string> {
    for (const [namespace, index] of this.#namespaces) {
      for (const name of index.names()) yield objectKey(namespace, name);
    }
  }

  holds(_key: string, pod: PodRecord): boolean {
    return this.#namespaces.get(pod.namespace)?.get(pod.name)?.equals(pod) === true;
  }

  upsert(_key: string, pod: PodRecord): void {
    let index = this.#namespaces.get(pod.namespace);
    if (index === undefined) {
      index = new PodIndex();
      this.#namespaces.set(pod.namespace, index);
    }
    index.version = ++this.#changes;
    const previous = index.upsert(pod);
    pod.ordinal = previous?.ordinal ?? this.#freeOrdinals.pop() ?? this.#size;
    if (previous === undefined) this.#size += 1;
    this.#listeners.notify(previous === undefined ? 'added' : 'updated', pod, previous);
  }

  remove(key: string): void {
    const { namespace, name } = splitObjectKey(key);
    const index = this.#namespaces.get(namespace);
    const previous = index?.remove(name);
    if (index === undefined || previous === undefined) return;
    index.version = ++this.#changes;
    if (index.size === 0) this.#namespaces.delete(namespace);
    this.#size -= 1;
    this.#freeOrdinals.push(previous.ordinal);
    this.#listeners.notify('deleted', previous, previous);
  }
}
