// Pure: which autoscalers select a pod. Registered selectors are indexed by one of their equalities, so a look-up costs the pod's labels and the
// few selectors found under them, not all autoscalers of the namespace.
//
//   namespace -> 'app=web' -> { key -> selector }     one place per value of the chosen requirement `app in (web, …)`
//             -> ''        -> { key -> selector }     selectors without equalities: looked at for every pod
import type { LabelMatcher } from '../lib/views.ts';

type Labels = Readonly<Record<string, string>>;
type Bucket = Map<string, LabelMatcher>;

interface Registered {
  readonly namespace: string;
  readonly text: string;
  readonly places: readonly string[];
}

const anyLabels = '';

export class SelectorRegistry {
  readonly #namespaces = new Map<string, Map<string, Bucket>>();
  readonly #registered = new Map<string, Registered>();

  /** Registers the selector of an autoscaler in place of the one it had. */
  set(key: string, namespace: string, selector: LabelMatcher): void {
    const text = selector.toString();
    const before = this.#registered.get(key);
    if (before?.text === text && before.namespace === namespace) return;
    this.delete(key);
    const buckets = this.#namespaces.get(namespace) ?? new Map<string, Bucket>();
    this.#namespaces.set(namespace, buckets);
    const places = choosePlaces(selector, buckets);
    for (const place of places) {
      const bucket: Bucket = buckets.get(place) ?? new Map<string, LabelMatcher>();
      buckets.set(place, bucket.set(key, selector));
    }
    this.#registered.set(key, { namespace, text, places });
  }

  delete(key: string): void {
    const registered = this.#registered.get(key);
    if (registered === undefined) return;
    this.#registered.delete(key);
    const buckets = this.#namespaces.get(registered.namespace);
    for (const place of registered.places) {
      const bucket = buckets?.get(place);
      bucket?.delete(key);
      if (bucket?.size === 0) buckets?.delete(place);
    }
    if (buckets?.size === 0) this.#namespaces.delete(registered.namespace);
  }

  /** False when `matching` finds nothing there, whatever the labels. */
  hasAny(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** The keys of all autoscalers of the namespace that select a pod with these labels. */
  *matching(namespace: string, labels: Labels): Iterable<string> {
    const buckets = this.#namespaces.get(namespace);
    if (buckets === undefined) return;
    yield* matchingIn(buckets.get(anyLabels), labels);
    for (const name in labels) yield* matchingIn(buckets.get(`${name}=${labels[name]}`), labels);
  }
}

function* matchingIn(bucket: Bucket | undefined, labels: Labels): Iterable<string> {
  if (bucket === undefined) return;
  for (const [key, selector] of bucket) if (selector.matches(labels)) yield key;
}

/** The equality whose places are emptiest: labels that everything carries are poor to look up by. */
function choosePlaces(selector: LabelMatcher, buckets: ReadonlyMap<string, Bucket>): readonly string[] {
  const candidates = selector.equalities.map(({ key, values }) => {
    const places = [...new Set(values)].map((value) => `${key}=${value}`);
    return { places, crowd: places.reduce((sum, place) => sum + (buckets.get(place)?.size ?? 0), places.length) };
  });
  const [best] = candidates.toSorted((a, b) => a.crowd - b.crowd);
  return best?.places ?? [anyLabels];
}
