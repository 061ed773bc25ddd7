// Pure: a place for each name, so that what is done for many of them in every period is spread over it.

/**
 * What is done every period begins at whole multiples of this. What begins together shares wake-ups and caches: 5,000 nodes over TLS cost a bare HTTP loop 1.9 CPU-s
 * per 15 s when every node has an instant of its own, 0.8 to 1.2 in steps of 250 ms, and no less in steps of 1 s; and a wake-up costs about as much as an evaluation of an autoscaler.
 */
export const phaseStepMs = 250;

/** The steps at which periods of this length begin: short ones have shorter ones. */
export function stepMsOf(periodMs: number): number {
  return Math.max(1, Math.floor(Math.min(phaseStepMs, periodMs / stepsPerPeriod)));
}

const stepsPerPeriod = 60;

/**
 * A number in [0, 1) that is the same for a name on every run: FNV-1a, then murmur3's finalizer, without which names that differ in their last letter
 * come as a crowd.
 */
export function phaseOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
