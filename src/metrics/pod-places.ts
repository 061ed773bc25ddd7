// Pure state: where the store keeps each pod that is listed again and again, so that it is not looked up by its name each time.
import type { RecurringPod } from './types.ts';
import type { WindowStore } from './window-store.ts';

/** Looking up touches memory in a dozen places, which was a third of reading a pod. Bound: 16 bytes for each pod there was at one time. */
export class PodPlaces {
  readonly #store: Pick<WindowStore, 'findPod' | 'podId'>;
  /** By ordinal: of which pod the place is. */
  readonly #pods: RecurringPod[] = [];
  /** By ordinal: the place, and the id that the pod had there. */
  #places = new Int32Array(0);

  constructor(store: Pick<WindowStore, 'findPod' | 'podId'>) {
    this.#store = store;
  }

  find(pod: RecurringPod): number | undefined {
    const at = pod.ordinal * 2;
    const place = this.#places[at] ?? 0;
    if (this.#pods[pod.ordinal] === pod && this.#store.podId(place) === this.#places[at + 1]) return place;
    return this.#findAnew(pod, at);
  }

  #findAnew(pod: RecurringPod, at: number): number | undefined {
    const place = this.#store.findPod(pod.namespace, pod.name, pod.nodeName);
    if (place === undefined) return undefined;
    if (at >= this.#places.length) this.#grow(at);
    this.#pods[pod.ordinal] = pod;
    this.#places[at] = place;
    this.#places[at + 1] = this.#store.podId(place);
    return place;
  }

  #grow(at: number): void {
    const larger = new Int32Array(Math.max(64, at * 2));
    larger.set(this.#places);
    this.#places = larger;
  }
}
