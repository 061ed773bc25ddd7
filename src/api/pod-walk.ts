// Flow: the pods of one LIST, one after the other with their usage. Nothing is made for a pod.
import type { ListedPod } from '../lib/views.ts';
import { newPodReading, podUsageOf } from '../metrics/pod-reading.ts';
import type { MetricsReader, PodReading } from '../metrics/types.ts';
import type { PodMetrics } from './metrics-object.ts';

export interface PodWalkInput {
  /** In the order of the list. */
  readonly parts: Iterable<readonly ListedPod[]>;
  readonly isSelected: (pod: ListedPod) => boolean;
  readonly reader: Pick<MetricsReader, 'readPodUsage'>;
  /** Told when each sample was taken that is served. */
  readonly onServed: (timestampMs: number) => void;
}

/** Walked once, or read as objects once. */
export class PodWalk implements Iterable<PodMetrics> {
  /** Of the pod that `next` returned last. */
  readonly usage: PodReading = newPodReading();
  readonly #input: PodWalkInput;
  readonly #parts: Iterator<readonly ListedPod[]>;
  #part: readonly ListedPod[] = [];
  #at = 0;

  constructor(input: PodWalkInput) {
    this.#input = input;
    this.#parts = input.parts[Symbol.iterator]();
  }

  /** The next pod that has a usage; undefined behind the last. */
  next(): ListedPod | undefined {
    const { isSelected, reader, onServed } = this.#input;
    for (;;) {
      const pod = this.#part[this.#at++] ?? this.#firstOfNextPart();
      if (pod === undefined) return undefined;
      if (!isSelected(pod) || !reader.readPodUsage(pod, this.usage)) continue;
      onServed(this.usage.timestampMs);
      return pod;
    }
  }

  *[Symbol.iterator](): Generator<PodMetrics> {
    for (let pod = this.next(); pod !== undefined; pod = this.next()) {
      yield { kind: 'PodMetrics', identity: pod, usage: podUsageOf(this.usage) };
    }
  }

  #firstOfNextPart(): ListedPod | undefined {
    for (;;) {
      const next = this.#parts.next();
      if (next.done === true) return undefined;
      this.#part = next.value;
      this.#at = 1;
      if (this.#part.length > 0) return this.#part[0];
    }
  }
}
