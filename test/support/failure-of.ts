// What a promise was rejected with, for tests that assert on it.

/** Throws when the work succeeds, so that a missing failure cannot pass for one. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error('expected a failure');
}
