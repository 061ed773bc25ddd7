// Pure: what a generator asks of chance; the same seed gives the same answers.
import { seededRandom, seedFor } from '../../cluster/sim/random.ts';

export class Dice {
  readonly #random: () => number;

  /** Each name has a sequence of its own, so that one more throw here changes nothing elsewhere. */
  constructor(seed: number, name: string) {
    this.#random = seededRandom(seedFor(seed, name));
  }

  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number {
    return from + Math.floor(this.#random() * (to - from + 1));
  }

  chance(percent: number): boolean {
    return this.#random() * 100 < percent;
  }

  pick<T>(...values: readonly [T, ...T[]]): T {
    return values[this.int(0, values.length - 1)] ?? values[0];
  }

  /** One of the list, or undefined when it is empty. */
  of<T>(values: readonly T[]): T | undefined {
    return values[this.int(0, values.length - 1)];
  }

  /** One of the names, as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let left = this.#random() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return entries[0]![0];
  }
}
