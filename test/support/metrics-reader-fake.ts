// A MetricsReader, NodeLister and PodLister over plain maps, for tests of what reads them.
import { splitObjectKey } from '../../src/lib/object-key.ts';
import type { LabelMatcher, ListedPod, NodeLister, NodeView, PodLister, PodView } from '../../src/lib/views.ts';
import type {
  ContainerUsage,
  MetricsReader,
  NodeUsage,
  PodName,
  PodReading,
  PodUsage,
  SampleListener,
} from '../../src/metrics/types.ts';

export class MetricsReaderFake implements MetricsReader {
  readonly nodeUsages = new Map<string, NodeUsage>();
  readonly podUsages = new Map<string, PodUsage>();
  readonly #listeners = new Set<SampleListener>();

  getPodUsage(namespace: string, name: string): PodUsage | undefined {
    return this.podUsages.get(`${namespace}/${name}`);
  }

  readPodUsage({ namespace, name }: PodName, into: PodReading): boolean {
    return fillReading(this.getPodUsage(namespace, name), into);
  }

  getNodeUsage(name: string): NodeUsage | undefined {
    return this.nodeUsages.get(name);
  }

  hasUsages(): boolean {
    return this.nodeUsages.size > 0 && this.podUsages.size > 0;
  }

  onSamples(listener: SampleListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the subscribers that a node's samples were stored; `podKeys` are `namespace/name`. */
  tell(nodeName: string, podKeys: readonly string[]): void {
    for (const listener of this.#listeners) listener(nodeName, podKeys.map(splitObjectKey));
  }
}

/** What `readPodUsage` does with a usage. */
export function fillReading(from: PodUsage | undefined, into: PodReading): boolean {
  if (from === undefined) return false;
  const { timestampMs, windowNs, containers } = from;
  Object.assign(into, {
    timestampMs,
    windowNs,
    containers: containers.length,
    names: containers.map((container) => container.name),
    cpuNanoCores: containers.map((container) => container.cpuNanoCores),
    memoryBytes: containers.map((container) => container.memoryBytes),
  });
  return true;
}

export class NodeListerFake implements NodeLister {
  readonly nodes = new Map<string, NodeView>();

  get(name: string): NodeView | undefined {
    return this.nodes.get(name);
  }

  list(): readonly NodeView[] {
    return [...this.nodes.values()];
  }
}

export class PodListerFake implements PodLister {
  readonly pods = new Map<string, PodView>();
  #version = 0;

  get size(): number {
    return this.pods.size;
  }

  /** Tests change the map behind our back. */
  version(): number {
    this.#version += 1;
    return this.#version;
  }

  get(namespace: string, name: string): ListedPod | undefined {
    const pod = this.pods.get(`${namespace}/${name}`);
    return pod && this.#listed(pod);
  }

  list(namespace: string, selector: LabelMatcher): readonly ListedPod[] {
    return [...this.pods.values()]
      .filter((pod) => (namespace === '' || pod.namespace === namespace) && selector.matches(pod.labels))
      .map((pod) => this.#listed(pod));
  }

  listSorted(namespace: string, selector: LabelMatcher): readonly (readonly ListedPod[])[] {
    const place = (pod: PodView): string => `${pod.namespace} ${pod.name}`;
    const sorted = this.list(namespace, selector).toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
    return sorted.map((pod) => [pod]);
  }

  #listed(pod: PodView): ListedPod {
    const { pods } = this;
    const ordinal = [...pods.values()].indexOf(pod);
    const key = `${pod.namespace}/${pod.name}`;
    return {
      ...pod,
      ordinal,
      get isOutdated() {
        return pods.get(key) !== pod;
      },
    };
  }
}

export function nodeView(view: Partial<NodeView> = {}): NodeView {
  return {
    name: 'node-a',
    uid: 'uid-of-node-a',
    labels: {},
    addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
    kubeletPort: 10250,
    resourceMetricsPath: undefined,
    ready: true,
    ...view,
  };
}

export function podView(view: Partial<PodView> = {}): PodView {
  return {
    namespace: 'default',
    name: 'web-1',
    labels: {},
    nodeName: 'node-a',
    phase: 'Running',
    deleting: false,
    startedAtMs: 0,
    ready: { status: 'True', lastTransitionAtMs: 0 },
    template: { containers: [], initContainers: [], podRequestsMilli: undefined, overheadMilli: undefined },
    ...view,
  };
}

const usage = { timestampMs: Date.parse('2026-11-21T11:29:39.870Z'), windowNs: 15_000_000_000 };

export function nodeUsage(part: Partial<NodeUsage> = {}): NodeUsage {
  return { ...usage, cpuNanoCores: 250_000_000, memoryBytes: 1_073_741_824, ...part };
}

export function podUsage(...containers: readonly ContainerUsage[]): PodUsage {
  return { ...usage, containers };
}
