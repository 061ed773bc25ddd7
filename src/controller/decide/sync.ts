// Pure: what all steps of one decision share, and how a decision is put together. docs/decision-math.md steps 1 and 8.
import type { AutoscalerStatus, Condition } from '../../crd/types.ts';
import type { ScaleView } from '../../lib/views.ts';
import { type ConditionUpdate, scaledToZeroType, scaleRead, setCondition } from './conditions.ts';
import { seedHistory } from './history.ts';
import { renewStatus } from './status.ts';
import { effectiveMinReplicas } from './target.ts';
import type { Decision, DecisionEvent, History, Observation } from './types.ts';

/** One look at an autoscaler whose target's scale could be read. */
export interface Sync {
  readonly observation: Observation;
  readonly nowMs: number;
  readonly scale: ScaleView;
  /** spec.replicas of the scale. */
  readonly currentReplicas: number;
  readonly minReplicas: number;
  /** The target is at zero because this autoscaler put it there, and the gate HPAScaleToZero is on. */
  readonly wasScaledToZero: boolean;
  readonly conditions: readonly Condition[];
  readonly history: History;
}

/** Steps 1.2 and 1.3. */
export function beginSync(
  observation: Observation,
  scale: ScaleView,
  history: History | undefined,
  nowMs: number,
): Sync {
  const { autoscaler, settings } = observation;
  const stored = autoscaler.status.conditions;
  const scaledToZero = stored.find(({ type }) => type === scaledToZeroType);
  return {
    observation,
    nowMs,
    scale,
    currentReplicas: scale.specReplicas,
    minReplicas: effectiveMinReplicas(autoscaler),
    wasScaledToZero: settings.featureGates.HPAScaleToZero && scaledToZero?.status === 'True',
    conditions: setCondition(stored, scaleRead, nowMs),
    history: seedHistory(history, scale.specReplicas, nowMs),
  };
}

export function withCondition(sync: Sync, update: ConditionUpdate): Sync {
  return { ...sync, conditions: setCondition(sync.conditions, update, sync.nowMs) };
}

/** What one exit of decide adds to a decision that leaves everything as it is. */
export interface Conclusion extends Partial<Omit<Decision, 'atMs' | 'currentReplicas' | 'conditions' | 'status'>> {
  readonly kind: Decision['kind'];
  /** undefined: null on the wire. */
  readonly currentMetrics?: AutoscalerStatus['currentMetrics'];
}

/** The working of a decision that got as far as no metric. */
export const nothingComputed = {
  rescaleReason: '',
  winner: undefined,
  metrics: [],
  proposedReplicas: undefined,
  stabilization: undefined,
  limits: undefined,
} as const;

/** Step 8: the status says what is, and keeps the desired replicas unless this decision settled that they are the current ones. */
export function conclude(sync: Sync, conclusion: Conclusion): Decision {
  const { observation, nowMs, currentReplicas, conditions } = sync;
  const { currentMetrics, ...outcome } = conclusion;
  const before = observation.autoscaler.status;
  const isSettled = outcome.kind === 'hold' || outcome.kind === 'disabled';
  const desiredReplicas = isSettled ? currentReplicas : before.desiredReplicas;
  return {
    atMs: nowMs,
    currentReplicas,
    desiredReplicas: currentReplicas,
    ...nothingComputed,
    conditions,
    events: [],
    error: undefined,
    history: sync.history,
    ...outcome,
    status: renewStatus(before, { currentReplicas, desiredReplicas, currentMetrics, conditions }),
  };
}

export function warning(reason: string, message: string): DecisionEvent {
  return { type: 'Warning', reason, message };
}
