// Pure: how fast a run goes. All times of the generated behaviors are either over before the next step or not over within the run.

export interface Pace {
  readonly syncPeriodMs: number;
  /**
   * Windows and policy periods that end within a step; also --horizontal-pod-autoscaler-downscale-stabilization. They are over at the next sync: how
   * many syncs a longer one reached would depend on how late each is, and so would the replicas on the way.
   */
  readonly shortSeconds: number;
  /** Whether rules may be left to the defaults of the API server, whose policies have 15 s. */
  readonly hasDefaultRules: boolean;
  /** Longer than the longest of those times and a sync, by as much as a busy machine may be late: who has not moved for so long will not move any more. */
  readonly quietMs: number;
  /** A step that is not at rest after this is given up: those that still move count as not settled. */
  readonly deadlineMs: number;
}

export const fullPace: Pace = {
  syncPeriodMs: 10_000,
  shortSeconds: 4,
  hasDefaultRules: true,
  quietMs: 31_000,
  deadlineMs: 180_000,
};

export const quickPace: Pace = {
  syncPeriodMs: 2_000,
  shortSeconds: 1,
  hasDefaultRules: false,
  quietMs: 8_000,
  deadlineMs: 60_000,
};
