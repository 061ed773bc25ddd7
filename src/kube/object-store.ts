// Pure but for its listeners: objects by namespace and name.
import type { Logger } from '../lib/logger.ts';
import { objectKey, splitObjectKey } from '../lib/object-key.ts';
import type { NodeLister, NodeView } from '../lib/views.ts';
import { ChangeListeners } from './change-listeners.ts';
import type { GoodReading } from './codec.ts';
import type { ChangeListener, Lister } from './types.ts';

/** The write side of a cache, for its reflector. */
export interface ReflectedStore<T> {
  upsert(key: string, object: T): void;
  remove(key: string): void;
  /** Storing this would change nothing. For stores so large that a second copy of all of it hurts, while a new list comes. */
  holds?(key: string, object: T): boolean;
  /** The keys of all objects held. */
  keys(): Iterable<string>;
  /** From now on the store holds what the API server holds. */
  markSynced(): void;
  readonly size: number;
  readonly hasSynced: boolean;
}

/** Most of a list after the first is known already, and most changes of a pod are none of what is kept of it. */
export function isHeld<T>(store: ReflectedStore<T>, { key, object }: GoodReading<T>): boolean {
  return object !== undefined && store.holds?.(key, object) === true;
}

/** Makes the store hold what was read. */
export function put<T>(store: ReflectedStore<T>, { key, object }: GoodReading<T>): void {
  if (object === undefined) store.remove(key);
  else store.upsert(key, object);
}

/** namespace ('' for cluster-scoped objects) -> name -> object. */
export class ObjectStore<T> implements Lister<T>, ReflectedStore<T> {
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #listeners: ChangeListeners<T>;
  #size = 0;
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

  get(key: string): T | undefined {
    const { namespace, name } = splitObjectKey(key);
    return this.#namespaces.get(namespace)?.get(name);
  }

  list(namespace?: string): Iterable<T> {
    if (namespace !== undefined) return this.#namespaces.get(namespace)?.values() ?? [];
    return this.#all();
  }

  *keys(): Iterable<string> {
    for (const [namespace, objects] of this.#namespaces) {
      for (const name of objects.keys()) yield objectKey(namespace, name);
    }
  }

  onChange(listener: ChangeListener<T>): () => void {
    return this.#listeners.add(listener);
  }

  upsert(key: string, object: T): void {
    const { namespace, name } = splitObjectKey(key);
    let objects = this.#namespaces.get(namespace);
    if (objects === undefined) {
      objects = new Map();
      this.#namespaces.set(namespace, objects);
    }
    const previous = objects.get(name);
    objects.set(name, object);
    if (previous === undefined) this.#size += 1;
    this.#listeners.notify(previous === undefined ? 'added' : 'updated', object, previous);
  }

  remove(key: string): void {
    const { namespace, name } = splitObjectKey(key);
    const objects = this.#namespaces.get(namespace);
    const previous = objects?.get(name);
    if (objects === undefined || previous === undefined) return;
    objects.delete(name);
    if (objects.size === 0) this.#namespaces.delete(namespace);
    this.#size -= 1;
    this.#listeners.notify('deleted', previous, previous);
  }

  *#all(): Iterable<T> {
    for (const objects of this.#namespaces.values()) yield* objects.values();
  }
}

/** All nodes, by name. */
export class NodeStore extends ObjectStore<NodeView> implements NodeLister {
  override list(): readonly NodeView[] {
    return [...super.list()];
  }
}
