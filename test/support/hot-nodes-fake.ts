// Nodes that are hot, in one way or the other, as a test says.
import type { HotNodeSet, PodName } from '../../src/metrics/types.ts';

export class FakeHotNodes implements HotNodeSet {
  version = 0;
  readonly #pods = new Map<string, readonly PodName[]>();

  get size(): number {
    return this.#pods.size;
  }

  /** From now on the node is hot because of these pods of the namespace `default`. */
  heat(nodeName: string, ...podNames: readonly string[]): void {
    this.version++;
    this.#pods.set(
      nodeName,
      podNames.map((name) => ({ namespace: 'default', name })),
    );
  }

  cool(nodeName: string): void {
    this.#pods.delete(nodeName);
  }

  has(nodeName: string): boolean {
    return this.#pods.has(nodeName);
  }

  names(): Iterable<string> {
    return this.#pods.keys();
  }

  podsOn(nodeName: string): Iterable<PodName> {
    return this.#pods.get(nodeName) ?? [];
  }
}
