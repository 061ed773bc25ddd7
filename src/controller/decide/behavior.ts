// Pure: spec.behavior with nothing left open. docs/decision-math.md step 6.1.
import type { Behavior, ScalingRules } from '../../crd/types.ts';

/** One direction with its stabilization window known. */
export interface EffectiveRules {
  readonly stabilizationWindowMs: number;
  readonly selectPolicy: string;
  readonly policies: ScalingRules['policies'];
}

export interface EffectiveBehavior {
  readonly scaleUp: EffectiveRules;
  readonly scaleDown: EffectiveRules;
}

/** What the API server fills in; repeated here for an autoscaler that comes with one direction only. */
const defaultScaleUp: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  tolerance: undefined,
};

const defaultScaleDown: ScalingRules = {
  stabilizationWindowSeconds: undefined,
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  tolerance: undefined,
};

/** A scale-down window that is not set is the flag's, cut to whole seconds. */
export function effectiveBehavior(behavior: Behavior, downscaleStabilizationMs: number): EffectiveBehavior {
  const { scaleUp = defaultScaleUp, scaleDown = defaultScaleDown } = behavior;
  const flagSeconds = Math.trunc(downscaleStabilizationMs / 1000);
  return {
    scaleUp: withWindow(scaleUp, scaleUp.stabilizationWindowSeconds ?? 0),
    scaleDown: withWindow(scaleDown, scaleDown.stabilizationWindowSeconds ?? flagSeconds),
  };
}

function withWindow(rules: ScalingRules, windowSeconds: number): EffectiveRules {
  const { selectPolicy, policies } = rules;
  return { stabilizationWindowMs: windowSeconds * 1000, selectPolicy, policies };
}
