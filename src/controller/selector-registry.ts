// Pure: which autoscalers select a pod. Registered selectors are indexed by one of their equalities, so a look-up costs the pod's labels and the
// few selectors found under them, not all autoscalers of the namespace.
//
//   namespace -> 'app=web' -> { key -> selector }     one place per value of the chosen requirement `app in (web, …)`
//             -> ''        -> { key -> selector }     selectors without equalities: looked at for every pod
//
// Pods of one template share their labels, one object for all of them, and every sample of each asks; so answers are kept for as long as the labels
// live and no selector of the namespace changes.
import type { LabelMatcher } from '../lib/views.ts';

type Labels = Readonly<Record<string, string>>;
type Bucket = Map<string, LabelMatcher>;

interface Namespace {
  readonly buckets: Map<string, Bucket>;
  answers: WeakMap<Labels, readonly string[]>;
}

interface Registered {
  readonly namespace: string;
  readonly text: string;
  readonly places: readonly string[];
}

const anyLabels = '';

export class SelectorRegistry {
  readonly #namespaces = new Map<string, Namespace>();
  readonly #registered = new Map<string, Registered>();
  #version = 0;

  /** Another number whenever a selector came, changed or went. */
  get version(): number {
    return this.#version;
  }

  /** Registers the selector of an autoscaler in place of the one it had. */
  set(key: string, namespace: string, selector: LabelMatcher): void {
    const text = selector.toString();
    const before = this.#registered.get(key);
    if (before?.text === text && before.namespace === namespace) return;
    this.delete(key);
    this.#version += 1;
    const selectors = this.#namespaces.get(namespace) ?? { buckets: new Map<string, Bucket>(), answers: new WeakMap() };
    this.#namespaces.set(namespace, selectors);
    selectors.answers = new WeakMap();
    const { buckets } = selectors;
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
    this.#version += 1;
    const selectors = this.#namespaces.get(registered.namespace);
    if (selectors === undefined) return;
    selectors.answers = new WeakMap();
    const { buckets } = selectors;
    for (const place of registered.places) {
      const bucket = buckets.get(place);
      bucket?.delete(key);
      if (bucket?.size === 0) buckets.delete(place);
    }
    if (buckets.size === 0) this.#namespaces.delete(registered.namespace);
  }

  /** False when `matching` finds nothing there, whatever the labels. */
  hasAny(namespace: string): boolean {
    return this.#namespaces.has(namespace);
  }

  /** The keys of all autoscalers of the namespace that select a pod with these labels. Do not change the labels afterwards. */
  matching(namespace: string, labels: Labels): readonly string[] {
    const selectors = this.#namespaces.get(namespace);
    if (selectors === undefined) return [];
    const known = selectors.answers.get(labels);
    if (known !== undefined) return known;
    const keys = matchingKeys(selectors.buckets, labels);
    selectors.answers.set(labels, keys);
    return keys;
  }
}

function matchingKeys(buckets: ReadonlyMap<string, Bucket>, labels: Labels): readonly string[] {
  const keys: string[] = [];
  const places = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  for (const place of [anyLabels, ...places]) {
    for (const [key, selector] of buckets.get(place) ?? []) if (selector.matches(labels)) keys.push(key);
  }
  return keys;
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
