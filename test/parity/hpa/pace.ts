// Pure: how fast a run goes. All times of the generated behaviors are either over before the next step or not over within the run.

export interface Pace {
  readonly syncPeriodMs: number;
  /** Windows that end within a step. */
  readonly shortSeconds: number;
  /**
   * Policy periods that are over at the next sync, however late that is: what a policy leaves of its budget, and so the replicas on the way, would
   * depend on it.
   */
  readonly shortPolicySeconds: number;
  /** --horizontal-pod-autoscaler-downscale-stabilization. */
  readonly downscaleSeconds: number;
  /** Whether rules may be left to the defaults of the API server, whose policies have 15 s. */
  readonly hasDefaultRules: boolean;
  /** Longer than the longest of those times and a sync, by as much as a busy machine may be late: who has not moved for so long will not move any more. */
  readonly quietMs: number;
  /** A step that is not at rest after this is given up: those that still move count as not settled. */
  readonly deadlineMs: number;
}

export const fullPace: Pace = {
  syncPeriodMs: 10_000,
  shortSeconds: 12,
  shortPolicySeconds: 4,
  downscaleSeconds: 12,
  hasDefaultRules: true,
  quietMs: 32_000,
  deadlineMs: 180_000,
};

export const quickPace: Pace = {
  syncPeriodMs: 2_000,
  shortSeconds: 3,
  shortPolicySeconds: 1,
  downscaleSeconds: 3,
  hasDefaultRules: false,
  quietMs: 8_000,
  deadlineMs: 60_000,
};
