// Builder of NodeViews, valid by default.
import type { LabelMatcher, NodeLister, NodeView } from '../../src/lib/views.ts';

export function node(more: Partial<NodeView> = {}): NodeView {
  return {
    name: 'node-1',
    uid: 'uid-of-node-1',
    labels: {},
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    kubeletPort: 10250,
    resourceMetricsPath: undefined,
    ready: true,
    ...more,
  };
}

/** A node cache that a test edits; tells its listeners of each change. */
export class FakeNodes implements NodeLister {
  readonly #nodes = new Map<string, NodeView>();
  readonly listeners = new Set<() => void>();

  get(name: string): NodeView | undefined {
    return this.#nodes.get(name);
  }

  list(): readonly NodeView[] {
    return [...this.#nodes.values()];
  }

  set(...views: readonly NodeView[]): void {
    for (const view of views) this.#nodes.set(view.name, view);
    this.#tell();
  }

  delete(name: string): void {
    this.#nodes.delete(name);
    this.#tell();
  }

  onChanged(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.listeners) listener();
  }
}

export const everyNode: LabelMatcher = { matches: () => true, equalities: [], toString: () => '' };
