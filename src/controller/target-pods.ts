// State: which pods each scale selects, remembered until pods of the namespace change, or selectors. Bound: a list of pods per autoscaler.
// docs/autoscaling.md 2.3.
import { errorMessage } from '../lib/errors.ts';
import { nothing, parseLabelSelector } from '../lib/label-selector.ts';
import type { LabelMatcher, ListedPod, PodLister, ScaleView } from '../lib/views.ts';
import { splitAutoscalerKey } from './autoscaler-key.ts';
import type { SelectorObservation } from './decide/types.ts';
import type { SelectorRegistry } from './selector-registry.ts';

export interface Selection {
  readonly selector: SelectorObservation;
  readonly matcher: LabelMatcher;
  readonly pods: readonly ListedPod[];
}

export interface TargetPodsDeps {
  readonly pods: Pick<PodLister, 'list' | 'version'>;
  /** Each selector that is used is registered there. */
  readonly selectors: Pick<SelectorRegistry, 'set' | 'matching' | 'version'>;
}

interface Known {
  /** Of the autoscaler that asked. */
  readonly key: string;
  readonly podsVersion: number;
  readonly selectorsVersion: number;
  readonly selection: Selection;
}

export class TargetPods {
  readonly #deps: TargetPodsDeps;
  /** A scale is the same object until the watch brings another. */
  readonly #known = new WeakMap<ScaleView, Known>();

  constructor(deps: TargetPodsDeps) {
    this.#deps = deps;
  }

  /** What the selector of a scale selects in its namespace; whose autoscaler's key asks is registered as selecting it. */
  of(key: string, namespace: string, scale: ScaleView): Selection {
    const { pods, selectors } = this.#deps;
    const podsVersion = pods.version(namespace);
    const known = this.#known.get(scale);
    if (known?.key === key && known.podsVersion === podsVersion && known.selectorsVersion === selectors.version) {
      return known.selection;
    }
    const selection = this.#select(key, namespace, scale);
    this.#known.set(scale, { key, podsVersion, selectorsVersion: selectors.version, selection });
    return selection;
  }

  #select(key: string, namespace: string, scale: ScaleView): Selection {
    const none = { matcher: nothing, pods: [] } as const;
    if (scale.selector === '') return { ...none, selector: { kind: 'missing' } };
    const matcher = parseSelector(scale.selector);
    if (typeof matcher === 'string') return { ...none, selector: { kind: 'invalid', message: matcher } };

    this.#deps.selectors.set(key, namespace, matcher);
    const pods = this.#deps.pods.list(namespace, matcher);
    return { selector: this.#overlap(namespace, pods), matcher, pods };
  }

  /** Two autoscalers that select one pod would both count it. Pods of one template share their labels, which are looked up once. */
  #overlap(namespace: string, pods: readonly ListedPod[]): SelectorObservation {
    const keys = new Set<string>();
    for (const labels of new Set(pods.map((pod) => pod.labels))) {
      for (const key of this.#deps.selectors.matching(namespace, labels)) keys.add(key);
    }
    return keys.size > 1 ? { kind: 'ambiguous', autoscalers: [...keys].map(nameInMessage).toSorted() } : { kind: 'ok' };
  }
}

/** What is wrong with it, if it cannot be read. */
function parseSelector(text: string): LabelMatcher | string {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    return errorMessage(error);
  }
}

/** HPAs as upstream names them; our own kind is said. */
function nameInMessage(key: string): string {
  const { kind, namespace, name } = splitAutoscalerKey(key);
  return kind === 'HorizontalPodAutoscaler' ? `${namespace}/${name}` : `${kind}:${namespace}/${name}`;
}
