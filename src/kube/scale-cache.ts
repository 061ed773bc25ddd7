// Flow: the scales of the built-in kinds, from watches, so that reading one costs no request.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { objectKey } from '../lib/object-key.ts';
import type { ScaleView } from '../lib/views.ts';
import type { KubeMonitor } from './monitor.ts';
import { ObjectStore } from './object-store.ts';
import { projectControllerScale, projectWorkloadScale } from './project-scale.ts';
import { identityOf } from './raw-object.ts';
import { Reflector } from './reflector.ts';
import type { ApiClient, ChangeKind } from './types.ts';

/** A kind whose scale can be read off the object itself. */
interface ScalableKind {
  readonly group: string;
  readonly kind: string;
  readonly resource: string;
}

interface ScaleTarget extends ScalableKind {
  readonly namespace: string;
  readonly name: string;
}

export type ScaleListener = (change: ChangeKind, target: ScaleTarget, scale: ScaleView) => void;

export interface ScaleCacheOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor?: KubeMonitor | undefined;
}

/** What a cached look-up can say. `unknown`: the kind is not cached, or not yet; ask the API server. */
export type CachedScale =
  | { readonly outcome: 'found'; readonly scale: ScaleView; readonly kind: ScalableKind }
  | { readonly outcome: 'missing'; readonly kind: ScalableKind }
  | { readonly outcome: 'unknown' };

interface CacheEntry {
  readonly namespace: string;
  readonly name: string;
  readonly scale: ScaleView;
}

interface KindCache {
  readonly kind: ScalableKind;
  readonly store: ObjectStore<CacheEntry>;
  readonly reflector: Reflector<CacheEntry>;
  readonly eager: boolean;
  state: 'idle' | 'wanted' | 'running';
}

/** Deployments and StatefulSets are what HPAs scale; the others are watched from the moment that somebody scales one. */
const builtinKinds = [
  { group: 'apps', kind: 'Deployment', resource: 'deployments', path: '/apis/apps/v1/deployments', eager: true },
  { group: 'apps', kind: 'StatefulSet', resource: 'statefulsets', path: '/apis/apps/v1/statefulsets', eager: true },
  { group: 'apps', kind: 'ReplicaSet', resource: 'replicasets', path: '/apis/apps/v1/replicasets', eager: false },
  {
    group: '',
    kind: 'ReplicationController',
    resource: 'replicationcontrollers',
    path: '/api/v1/replicationcontrollers',
    eager: false,
  },
] as const;

export class ScaleCache {
  readonly #kinds: readonly KindCache[];
  readonly #listeners = new Set<ScaleListener>();
  #running: { signal: AbortSignal; reflectors: Promise<void>[] } | undefined;

  constructor(options: ScaleCacheOptions) {
    this.#kinds = builtinKinds.map((builtin) => this.#kindCache(options, builtin));
  }

  /** Watches until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const running = { signal, reflectors: [] as Promise<void>[] };
    this.#running = running;
    for (const cache of this.#kinds) {
      if (cache.eager || cache.state === 'wanted') this.#want(cache);
    }
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await Promise.all(running.reflectors);
  }

  /** The kinds that are watched from the start have been listed once. */
  get hasSynced(): boolean {
    return this.#kinds.every(({ eager, store }) => !eager || store.hasSynced);
  }

  /** `kind` in the spelling of its API; looking up a kind that is not watched yet starts to watch it. */
  get(group: string, kind: string, namespace: string, name: string): CachedScale {
    const cache = this.#kinds.find((candidate) => candidate.kind.group === group && candidate.kind.kind === kind);
    if (cache === undefined) return { outcome: 'unknown' };
    this.#want(cache);
    if (!cache.store.hasSynced) return { outcome: 'unknown' };
    const entry = cache.store.get(objectKey(namespace, name));
    if (entry === undefined) return { outcome: 'missing', kind: cache.kind };
    return { outcome: 'found', scale: entry.scale, kind: cache.kind };
  }

  /** Called for each change of a cached object; returns a function that ends the subscription. */
  onChange(listener: ScaleListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #want(cache: KindCache): void {
    if (cache.state === 'running') return;
    cache.state = 'wanted';
    if (this.#running === undefined) return;
    cache.state = 'running';
    this.#running.reflectors.push(cache.reflector.run(this.#running.signal));
  }

  #kindCache(
    options: ScaleCacheOptions,
    { group, kind, resource, path, eager }: (typeof builtinKinds)[number],
  ): KindCache {
    const project = group === '' ? projectControllerScale : projectWorkloadScale;
    const store = new ObjectStore<CacheEntry>(options.logger);
    store.onChange((change, { namespace, name, scale }) => {
      for (const listener of this.#listeners) listener(change, { group, kind, resource, namespace, name }, scale);
    });
    const reflector = new Reflector<CacheEntry>({
      ...options,
      resource,
      path,
      store,
      project: (object) => {
        const { namespace, name } = identityOf(object);
        return { namespace, name, scale: project(object) };
      },
    });
    return { kind: { group, kind, resource }, store, reflector, eager, state: 'idle' };
  }
}
