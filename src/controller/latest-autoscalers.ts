// Pure: autoscalers as they are now. A status that we wrote comes back through the watch a little later; until then the answer to the write is newer
// than the cache, and deciding on the older object would end in a conflict.
import type { Autoscaler, AutoscalerKind } from '../crd/types.ts';
import { autoscalerKey, splitKind } from './autoscaler-key.ts';
import type { AutoscalerSource } from './types.ts';

export class LatestAutoscalers {
  readonly #sources: Readonly<Record<AutoscalerKind, AutoscalerSource>>;
  readonly #written = new Map<string, Autoscaler>();

  constructor(sources: Readonly<Record<AutoscalerKind, AutoscalerSource>>) {
    this.#sources = sources;
  }

  get(key: string): Autoscaler | undefined {
    const { kind, objectKey } = splitKind(key);
    const cached = this.#sources[kind].get(objectKey);
    const written = this.#written.get(key);
    if (written === undefined) return cached;
    if (cached?.uid === written.uid && isNewer(written.resourceVersion, cached.resourceVersion)) return written;
    this.#written.delete(key);
    return cached;
  }

  *list(): Iterable<Autoscaler> {
    for (const source of Object.values(this.#sources)) yield* source.list();
  }

  /** The answer to a write. */
  written(autoscaler: Autoscaler): void {
    this.#written.set(autoscalerKey(autoscaler), autoscaler);
  }

  delete(key: string): void {
    this.#written.delete(key);
  }

  size(kind: AutoscalerKind): number {
    return this.#sources[kind].size;
  }
}

/** resourceVersions of one resource are whole numbers that grow (guaranteed since Kubernetes 1.35, KEP-5504). */
function isNewer(a: string, b: string): boolean {
  return a.length === b.length ? a > b : a.length > b.length;
}
