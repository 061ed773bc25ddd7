// Pure: the load of the demo over time: quiet, busy, quiet, busy …

export type LoadLevel = 'idle' | 'busy';

export interface LoadPhase {
  readonly level: LoadLevel;
  /** Since the load began. */
  readonly startsAtMs: number;
  readonly endsAtMs: number;
}

// Long enough for what follows a step to be seen to its end: up to 15 s until the kubelets' samples show it, up to 10 s until
// they are scraped, and on the way down the stabilization window.
const firstIdleMs = 30_000;
const busyMs = 75_000;
const idleMs = 75_000;

/** A run shorter than this ends before the replicas have come down again. */
export const wholeCycleMs = firstIdleMs + busyMs + idleMs - 15_000;

/** The phase at a time since the load began. */
export function loadPhaseAt(elapsedMs: number): LoadPhase {
  if (elapsedMs < firstIdleMs) return { level: 'idle', startsAtMs: 0, endsAtMs: firstIdleMs };
  const intoCycle = (elapsedMs - firstIdleMs) % (busyMs + idleMs);
  const cycleStartsAtMs = elapsedMs - intoCycle;
  const idleStartsAtMs = cycleStartsAtMs + busyMs;
  return intoCycle < busyMs
    ? { level: 'busy', startsAtMs: cycleStartsAtMs, endsAtMs: idleStartsAtMs }
    : { level: 'idle', startsAtMs: idleStartsAtMs, endsAtMs: idleStartsAtMs + idleMs };
}
