// Reads the vectors of test/lib/vectors.
import { readFileSync } from 'node:fs';

/** The rows of one vector file. The caller names their shape; a wrong name fails every row. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the shape of a file is known to its test only
export function readVectors<T>(name: string): readonly T[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own generated data
  return JSON.parse(readFileSync(new URL(`vectors/${name}.json`, import.meta.url), 'utf8')) as T[];
}

/** What a call gives: its value, or the message of what it throws. */
export function outcome<T>(call: () => T): { value: T } | { error: string } {
  try {
    return { value: call() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.message };
  }
}
