// Pure: the conditions of an autoscaler: their words, and how a list of them changes. docs/decision-math.md step 8.2.
import type { Condition } from '../../crd/types.ts';
import type { Decision } from './types.ts';

export type ConditionUpdate = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Upstream's name of the condition that remembers who scaled to zero. */
export const scaledToZeroType = 'ScaledToZero';

/**
 * Sets a condition in place, or appends it. The transition time moves only with the status;
 * reason and message are always replaced.
 */
export function setCondition(
  conditions: readonly Condition[],
  update: ConditionUpdate,
  nowMs: number,
): readonly Condition[] {
  const index = conditions.findIndex((condition) => condition.type === update.type);
  const before = conditions[index];
  if (before === undefined) return [...conditions, { ...update, lastTransitionAtMs: nowMs }];
  const lastTransitionAtMs = before.status === update.status ? before.lastTransitionAtMs : nowMs;
  return conditions.with(index, { ...update, lastTransitionAtMs });
}

export function removeCondition(conditions: readonly Condition[], type: string): readonly Condition[] {
  return conditions.filter((condition) => condition.type !== type);
}

function ableToScale(status: 'True' | 'False', reason: string, message: string): ConditionUpdate {
  return { type: 'AbleToScale', status, reason, message };
}

export const scaleRead = ableToScale(
  'True',
  'SucceededGetScale',
  "the HPA controller was able to get the target's current scale",
);

export function scaleNotRead(error: string): ConditionUpdate {
  const message = `the HPA controller was unable to get the target's current scale: ${error}`;
  return ableToScale('False', 'FailedGetScale', message);
}

export function scaleWritten(replicas: number): ConditionUpdate {
  const message = `the HPA controller was able to update the target scale to ${replicas}`;
  return ableToScale('True', 'SucceededRescale', message);
}

export function scaleNotWritten(error: string): ConditionUpdate {
  const message = `the HPA controller was unable to update the target scale: ${error}`;
  return ableToScale('False', 'FailedUpdateScale', message);
}

type StabilizationReason = NonNullable<Decision['stabilization']>['reason'];

const stabilizationMessages: Readonly<Record<StabilizationReason, string>> = {
  ReadyForNewScale: 'recommended size matches current size',
  ScaleUpStabilized: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
  ScaleDownStabilized:
    'recent recommendations were higher than current one, applying the highest recent recommendation',
};

export function stabilized(reason: StabilizationReason): ConditionUpdate {
  return ableToScale('True', reason, stabilizationMessages[reason]);
}

export function scalingActive(metricName: string): ConditionUpdate {
  const message = `the HPA was able to successfully calculate a replica count from ${metricName}`;
  return { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message };
}

export function scalingInactive(reason: string, message: string): ConditionUpdate {
  return { type: 'ScalingActive', status: 'False', reason, message };
}

export const scalingDisabled = scalingInactive(
  'ScalingDisabled',
  'scaling is disabled since the replica count of the target is zero',
);

export function metricFailed(reason: string, error: string): ConditionUpdate {
  return scalingInactive(reason, `the HPA was unable to compute the replica count: ${error}`);
}

export type LimitReason = NonNullable<Decision['limits']>['reason'];

const limitMessages: Readonly<Record<LimitReason, string>> = {
  DesiredWithinRange: 'the desired count is within the acceptable range',
  TooFewReplicas: 'the desired replica count is less than the minimum replica count',
  TooManyReplicas: 'the desired replica count is more than the maximum replica count',
  ScaleUpLimit: 'the desired replica count is increasing faster than the maximum scale rate',
  ScaleDownLimit: 'the desired replica count is decreasing faster than the maximum scale rate',
};

/** `isLimited`: the limit changed the number. */
export function scalingLimited(isLimited: boolean, reason: LimitReason): ConditionUpdate {
  return { type: 'ScalingLimited', status: isLimited ? 'True' : 'False', reason, message: limitMessages[reason] };
}

export function scaledToZero(isScaledToZero: boolean): ConditionUpdate {
  return isScaledToZero
    ? {
        type: scaledToZeroType,
        status: 'True',
        reason: 'ScaledToZero',
        message: 'the HPA controller scaled the workload to zero',
      }
    : {
        type: scaledToZeroType,
        status: 'False',
        reason: 'NotScaledToZero',
        message: 'the HPA controller did not scale the workload to zero',
      };
}
