// Flow: the read side of the store, and who is told of new samples.

import type { Logger } from '../lib/logger.ts';
import { PodPlaces } from './pod-places.ts';
import type { MetricsReader, NodeUsage, PodName, PodReading, PodUsage, RecurringPod, SampleListener } from './types.ts';
import type { WindowStore } from './window-store.ts';

export class StoreReader implements MetricsReader {
  readonly #store: WindowStore;
  readonly #logger: Logger;
  readonly #places: PodPlaces;
  readonly #listeners = new Set<SampleListener>();

  constructor(store: WindowStore, logger: Logger) {
    this.#store = store;
    this.#places = new PodPlaces(store);
    this.#logger = logger;
  }

  getPodUsage(namespace: string, name: string, nodeName: string): PodUsage | undefined {
    return this.#store.podUsage(namespace, name, nodeName);
  }

  readPodUsage(pod: RecurringPod, into: PodReading): boolean {
    const place = this.#places.find(pod);
    return place !== undefined && this.#store.readPod(place, into);
  }

  getNodeUsage(name: string): NodeUsage | undefined {
    return this.#store.nodeUsage(name);
  }

  hasUsages(): boolean {
    const { nodes, containers } = this.#store.usages;
    return nodes > 0 && containers > 0;
  }

  onSamples(listener: SampleListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells every listener; one that throws is logged and harms nobody else. */
  publish(nodeName: string, pods: readonly PodName[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(nodeName, pods);
      } catch (error) {
        this.#logger.error('a listener for samples failed', { node: nodeName, error });
      }
    }
  }
}
