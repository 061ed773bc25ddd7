// Pure: the end of a decision to scale, once the write of the scale succeeded or failed. docs/decision-math.md step 9.
import type { Condition } from '../../crd/types.ts';
import { hasObjectOrExternal } from './bounds.ts';
import {
  removeCondition,
  scaledToZero,
  scaledToZeroType,
  scaleNotWritten,
  scaleWritten,
  setCondition,
} from './conditions.ts';
import { recordScaleEvent } from './history.ts';
import { targetReference } from './target.ts';
import type { Decision, DecisionEvent, Observation, ScaleOutcome, Settlement } from './types.ts';

/**
 * Status, events and history after the write; `nowMs`: when the change was made. A decision that is not to scale is settled as it stands. Policies count the change from
 * `countsFromMs` on.
 */
export function settle(
  decision: Decision,
  observation: Observation,
  outcome: ScaleOutcome,
  nowMs: number,
  countsFromMs = nowMs,
): Settlement {
  if (decision.kind !== 'scale') {
    const { status, history, error } = decision;
    return { status, events: [], history, error };
  }
  return outcome.kind === 'succeeded'
    ? settleSuccess(decision, observation, nowMs, countsFromMs)
    : settleFailure(decision, observation, outcome.message, nowMs);
}

/** 9.1 */
function settleSuccess(decision: Decision, observation: Observation, nowMs: number, countsFromMs: number): Settlement {
  const { currentReplicas: from, desiredReplicas: to, rescaleReason } = decision;
  const event: DecisionEvent = {
    type: 'Normal',
    reason: 'SuccessfulRescale',
    message: `New size: ${to}; reason: ${rescaleReason}`,
  };
  const written = setCondition(decision.conditions, scaleWritten(to), nowMs);
  const conditions = rememberZero(written, decision, observation, nowMs);
  return {
    status: { ...decision.status, desiredReplicas: to, lastScaleAtMs: nowMs, conditions },
    events: [event],
    history: recordScaleEvent(decision.history, observation.autoscaler.spec.behavior, { from, to }, countsFromMs),
    error: decision.error,
  };
}

/** 9.2: the status keeps its desired replicas; nothing is remembered of a change that did not happen. */
function settleFailure(decision: Decision, observation: Observation, message: string, nowMs: number): Settlement {
  const { desiredReplicas, rescaleReason } = decision;
  const event: DecisionEvent = {
    type: 'Warning',
    reason: 'FailedRescale',
    message: `New size: ${desiredReplicas}; reason: ${rescaleReason}; error: ${message}`,
  };
  const conditions = setCondition(decision.conditions, scaleNotWritten(message), nowMs);
  return {
    status: { ...decision.status, conditions },
    events: [event],
    history: decision.history,
    error: `failed to rescale ${targetReference(observation.autoscaler)}: ${message}`,
  };
}

/** 9.4: only an autoscaler that went to zero by itself may leave it again. */
function rememberZero(
  conditions: readonly Condition[],
  decision: Decision,
  { autoscaler, settings }: Observation,
  nowMs: number,
): readonly Condition[] {
  if (!settings.featureGates.HPAScaleToZero) return removeCondition(conditions, scaledToZeroType);
  // Only min 0 leads to zero, and only from above it: replicas change.
  const wentToZero = decision.desiredReplicas === 0 && hasObjectOrExternal(autoscaler.spec.metrics);
  return setCondition(conditions, scaledToZero(wentToZero), nowMs);
}
