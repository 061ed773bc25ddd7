// Pure: what a healthy container, pod and node say at each step. Shapes and kinds change it where they are odd.
import { goFloat } from '../../cluster/sim/go-float.ts';
import type { Dice } from '../hpa/dice.ts';
import type { NodeSample, Sample } from './model.ts';

/** Between the samples of two steps, and between two scrapes of either side. */
export const resolutionMs = 12_000;

/** A kubelet takes the samples of its containers at different times. */
const mostJitterMs = 3_000;
const hourMs = 3_600_000;

export type Healthy = (step: number) => Sample & { readonly timestampMs: number };

export interface Settings {
  /** When the samples of step 0 were taken, but for the jitter. */
  readonly baseMs: number;
}

/** More than a pod has containers. */
const apartMs = 16;

/**
 * A container that started long ago and works evenly. `index` is its place in the pod: no two containers of a pod are sampled at the same instant,
 * because metrics-server would choose by chance whose window the pod shows.
 */
export function healthyContainer(dice: Dice, name: string, index: number, { baseMs }: Settings): Healthy {
  const milliCores = dice.pick(0.02, 1, dice.int(2, 90), dice.int(100, 900), dice.int(1_000, 15_000));
  const seconds0 = dice.pick(0.5, dice.int(1, 5_000), dice.int(10_000, 9_000_000)) + dice.int(0, 999_999_999) / 1e9;
  const bytes = dice.pick(dice.int(4_096, 1e6), dice.int(1, 4_000) * 2 ** 20, dice.int(1e7, 2e11));
  const jitterMs = dice.int(0, mostJitterMs);
  const startMs = baseMs - dice.int(hourMs, 2_400 * hourMs);
  const lateMs = Array.from({ length: 9 }, () => dice.int(-900, 900));
  return (step) => {
    const offsetMs = Math.round((jitterMs + (lateMs[step] ?? 0)) / apartMs) * apartMs + index;
    const timestampMs = baseMs + step * resolutionMs + offsetMs;
    return {
      container: name,
      cpuSeconds: goFloat(round(seconds0 + (milliCores / 1000) * ((timestampMs - baseMs + hourMs) / 1000))),
      memoryBytes: goFloat(bytes + step * 4_096),
      startSeconds: goFloat(startMs / 1000),
      timestampMs,
    };
  };
}

/** The node's own CPU and memory. */
export function healthyNode(dice: Dice, { baseMs }: Settings): (step: number) => NodeSample & { timestampMs: number } {
  const milliCores = dice.int(100, 60_000);
  const seconds0 = dice.int(1_000, 90_000_000);
  const bytes = dice.int(1, 500) * 2 ** 30 + dice.int(0, 2 ** 30);
  const lateMs = Array.from({ length: 9 }, () => dice.int(0, 2_500));
  return (step) => {
    const timestampMs = baseMs + step * resolutionMs + (lateMs[step] ?? 0);
    return {
      cpuSeconds: goFloat(round(seconds0 + (milliCores / 1000) * ((timestampMs - baseMs + hourMs) / 1000))),
      memoryBytes: goFloat(bytes - step * 8_192),
      timestampMs,
    };
  };
}

/** Kubelets count whole nanoseconds. */
export function round(seconds: number): number {
  return Math.round(seconds * 1e9) / 1e9;
}
