// Pure: the pod that a shape shapes: its healthy containers, and how they are put together into what API server and kubelet say.
import { goFloat } from '../../cluster/sim/go-float.ts';
import type { Dice } from '../hpa/dice.ts';
import { type Healthy, healthyContainer, round, type Settings } from './course.ts';
import type { ApiPod, PodState, Sample } from './model.ts';

export interface PodPlace {
  readonly namespace: string;
  readonly name: string;
  readonly node: number;
  /** Another node, for what moves or is reported twice. */
  readonly otherNode: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly string[];
}

/** How a pod that is not quite ordinary behaves. */
export interface Shape {
  /** Names of its containers; default `app`. */
  readonly containers?: readonly string[];
  readonly initContainers?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: (dice: Dice) => Readonly<Record<string, string>>;
  at(pod: PodDraft, step: number): PodState;
}

/** A container that started `ageMs` before its sample of step `since`. */
export interface Start {
  readonly since: number;
  readonly ageMs: number;
}

export class PodDraft {
  readonly place: PodPlace;
  readonly dice: Dice;
  readonly settings: Settings;
  readonly #healthy: readonly Healthy[];

  constructor(place: PodPlace, dice: Dice, settings: Settings) {
    this.place = place;
    this.dice = dice;
    this.settings = settings;
    this.#healthy = place.containers.map((name, index) => healthyContainer(dice, name, index, settings));
  }

  /** What the container at `index` says at `step` when nothing is wrong with it, but for `change`. */
  sample(index: number, step: number, change: Partial<Sample> = {}): Sample & { readonly timestampMs: number } {
    const healthy = this.#healthy[index]?.(step);
    if (healthy === undefined) throw new Error(`BUG: ${this.place.name} has no container ${index}`);
    return { ...healthy, ...change, timestampMs: change.timestampMs ?? healthy.timestampMs };
  }

  /** All containers, well. */
  all(step: number): readonly Sample[] {
    return this.#healthy.map((_healthy, index) => this.sample(index, step));
  }

  /** A container that is younger than the run. */
  started(index: number, step: number, { since, ageMs }: Start): Sample & { readonly timestampMs: number } {
    const startMs = this.sample(index, since).timestampMs - ageMs;
    const { timestampMs } = this.sample(index, step);
    const milliCores = 50 + 10 * index;
    const cpuSeconds = goFloat(round(0.01 + ((timestampMs - startMs) * milliCores) / 1e6));
    return this.sample(index, step, { cpuSeconds, startSeconds: goFloat(startMs / 1000) });
  }

  /** Runs where it was placed, and the kubelet there says this. */
  running(samples: readonly Sample[], change: Partial<ApiPod> = {}): PodState {
    const { labels, node } = this.place;
    return {
      api: { phase: 'Running', labels, node, ...change },
      reports: samples.length === 0 ? [] : [{ node: change.node ?? node, samples }],
    };
  }

  /** The label text of one container, made from its parts by `text`. */
  labels(index: number, text: (names: { container: string; namespace: string; pod: string }) => string): string {
    const { containers, namespace, name } = this.place;
    return text({ container: containers[index] ?? '', namespace, pod: name });
  }
}
