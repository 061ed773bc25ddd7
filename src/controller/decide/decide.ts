// Pure: the main line of every decision, in the steps of docs/decision-math.md.
import { effectiveBehavior } from './behavior.ts';
import { belowMinReplicas, type Limited, limitWithBehavior, limitWithoutBehavior, routeByReplicas } from './bounds.ts';
import {
  metricFailed,
  removeCondition,
  scaledToZeroType,
  scaleNotRead,
  scalingActive,
  scalingDisabled,
  scalingLimited,
  setCondition,
  stabilized as stabilizedCondition,
} from './conditions.ts';
import { emptyHistory } from './history.ts';
import { type CombinedProposals, combineProposals, type ProposalBlock, proposeForMetric } from './proposals.ts';
import { scaleDownLimit, scaleUpLimit } from './scaling-policies.ts';
import { describeSelectorFailure, type SelectorFailure } from './selector-check.ts';
import { type Stabilized, stabilizeWithBehavior, stabilizeWithoutBehavior } from './stabilization.ts';
import { currentMetrics } from './status.ts';
import { beginSync, conclude, nothingComputed, type Sync, warning, withCondition } from './sync.ts';
import { targetReference } from './target.ts';
import { toleranceBand } from './tolerance.ts';
import type { Decision, DecisionEvent, History, MetricWorking, Observation, TargetObservation } from './types.ts';

/**
 * Decides what an autoscaler does now. `history` undefined: nothing is remembered of it yet.
 * Same words and numbers as kube-controller-manager v1.36 (pkg/controller/podautoscaler).
 */
export function decide(observation: Observation, history: History | undefined, nowMs: number): Decision {
  // 1. The scale of the target.
  const { autoscaler, target, selector } = observation;
  if (target.kind === 'failed') return withoutTarget(observation, target, history, nowMs);
  const sync = beginSync(observation, target.scale, history, nowMs);
  const unusable = describeSelectorFailure(selector, target.scale.selector);
  // 1.4: two kinds of autoscaler on one target.
  if (unusable !== undefined && selector.kind === 'refused') return withoutSelector(sync, unusable);

  // 2. What the current replicas alone say.
  const { currentReplicas, minReplicas, wasScaledToZero } = sync;
  const { maxReplicas, metrics } = autoscaler.spec;
  const route = routeByReplicas({ currentReplicas, minReplicas, maxReplicas, metrics, wasScaledToZero });
  switch (route.kind) {
    case 'disabled':
      return disabled(sync);
    case 'bound':
      return conclude(sync, { kind: 'scale', desiredReplicas: route.replicas, rescaleReason: route.reason });
    case 'metrics':
      // 3. The selector.
      return unusable === undefined ? byMetrics(sync) : withoutSelector(sync, unusable);
  }
}

/** 1.1: the status keeps all but the condition. */
function withoutTarget(
  { autoscaler }: Observation,
  { stage, message }: Extract<TargetObservation, { kind: 'failed' }>,
  history: History | undefined,
  nowMs: number,
): Decision {
  const { status } = autoscaler;
  const conditions = setCondition(status.conditions, scaleNotRead(message), nowMs);
  const reference = targetReference(autoscaler);
  const errors = {
    'parse-api-version': `invalid API version in scale target reference: ${message}`,
    'map-kind': `unable to determine resource for scale target reference: ${message}`,
    'get-scale': `failed to query scale subresource for ${reference}: ${message}`,
  } as const;
  return {
    kind: 'target-failed',
    atMs: nowMs,
    currentReplicas: status.currentReplicas,
    desiredReplicas: status.currentReplicas,
    ...nothingComputed,
    conditions,
    events: [warning('FailedGetScale', message)],
    status: { ...status, conditions },
    error: errors[stage],
    history: history ?? emptyHistory,
  };
}

/** 2.2: whoever scaled to zero by hand wants no autoscaling. */
function disabled(sync: Sync): Decision {
  const { conditions } = withCondition(sync, scalingDisabled);
  const isGateOn = sync.observation.settings.featureGates.HPAScaleToZero;
  const kept = isGateOn ? conditions : removeCondition(conditions, scaledToZeroType);
  return conclude({ ...sync, conditions: kept }, { kind: 'disabled' });
}

/** 3. */
function withoutSelector(sync: Sync, failure: SelectorFailure): Decision {
  return conclude(withCondition(sync, failure.condition), {
    kind: 'selector-failed',
    events: [failure.event, warning('FailedComputeMetricsReplicas', failure.message)],
    error: computeError(sync, failure.message),
  });
}

function byMetrics(sync: Sync): Decision {
  // 4. What each metric proposes.
  const metrics = proposeAll(sync);
  const events = metrics.flatMap(({ outcome }) =>
    outcome.kind === 'failed' ? [warning(outcome.reason, outcome.inner)] : [],
  );

  // 5. What all metrics say together.
  const combined = combineProposals(metrics, sync.currentReplicas);
  const verdict: Verdict = { metrics, combined, events };
  if (combined.block !== undefined) return withoutMetrics(sync, verdict, combined.block);
  const winner = combined.winner === undefined ? undefined : metrics[combined.winner];
  const active = winner === undefined ? sync : withCondition(sync, scalingActive(winner.name));
  return normalize(active, verdict, winner?.name ?? '');
}

interface Verdict {
  readonly metrics: readonly MetricWorking[];
  readonly combined: CombinedProposals;
  readonly events: readonly DecisionEvent[];
}

function proposeAll(sync: Sync): readonly MetricWorking[] {
  const { observation, currentReplicas, scale, nowMs } = sync;
  const { autoscaler, pods, readings, settings } = observation;
  const band = toleranceBand(autoscaler.spec.behavior, settings);
  const context = { pods, currentReplicas, statusReplicas: scale.statusReplicas, band, settings, nowMs };
  return autoscaler.spec.metrics.map((spec, index) => proposeForMetric(spec, readings[index], context));
}

/** 5.2 */
function withoutMetrics(sync: Sync, { metrics, combined, events }: Verdict, block: ProposalBlock): Decision {
  const { failure, error } = block;
  return conclude(withCondition(sync, metricFailed(failure.reason, failure.inner)), {
    kind: 'metrics-failed',
    metrics,
    winner: combined.winner,
    proposedReplicas: combined.winner === undefined ? undefined : combined.replicas,
    currentMetrics: currentMetrics(metrics),
    events: [...events, warning('FailedComputeMetricsReplicas', error)],
    error: computeError(sync, error),
  });
}

/** Steps 5.3 to 8: from the winning proposal to the replicas that are asked for. */
function normalize(sync: Sync, { metrics, combined, events }: Verdict, winnerName: string): Decision {
  const { currentReplicas, nowMs } = sync;
  // 5.3: the reason is that of the raw proposal, whatever becomes of it.
  const proposedReplicas = Math.max(combined.replicas, 0);
  const reason = rescaleReason(proposedReplicas, currentReplicas, winnerName);

  // 6. Stabilization.
  const stabilized = stabilize(sync, proposedReplicas);
  const stabilizedReplicas = stabilized.working.replicas;

  // 7. Limits.
  const { replicas: limitedReplicas, ...limits } = limit(sync, stabilizedReplicas);
  // 7.4: limited is what came out another number.
  const isLimited = limitedReplicas !== stabilizedReplicas;
  const raised = raiseFromZero(sync, limitedReplicas, reason);

  // 8. Hold or scale.
  const updates = [stabilizedCondition(stabilized.working.reason), scalingLimited(isLimited, limits.reason)];
  const conditions = updates.reduce<Sync['conditions']>(
    (list, update) => setCondition(list, update, nowMs),
    sync.conditions,
  );
  const history = { ...sync.history, recommendations: stabilized.recommendations };
  const conclusion = {
    metrics,
    winner: combined.winner,
    proposedReplicas,
    rescaleReason: raised.reason,
    stabilization: stabilized.working,
    limits,
    currentMetrics: currentMetrics(metrics),
    events,
    error: combined.error,
    desiredReplicas: raised.replicas,
  };
  const kind = raised.replicas === currentReplicas ? 'hold' : 'scale';
  return conclude({ ...sync, conditions, history }, { kind, ...conclusion, history });
}

function rescaleReason(proposedReplicas: number, currentReplicas: number, winnerName: string): string {
  if (proposedReplicas > currentReplicas) return `${winnerName} above target`;
  return proposedReplicas < currentReplicas ? 'All metrics below target' : '';
}

function stabilize(sync: Sync, proposedReplicas: number): Stabilized {
  const { observation, currentReplicas, history, nowMs } = sync;
  const { downscaleStabilizationMs } = observation.settings;
  const { behavior } = observation.autoscaler.spec;
  const question = { currentReplicas, proposedReplicas, recommendations: history.recommendations, nowMs };
  return behavior === undefined
    ? stabilizeWithoutBehavior(question, downscaleStabilizationMs)
    : stabilizeWithBehavior(question, effectiveBehavior(behavior, downscaleStabilizationMs));
}

function limit(sync: Sync, stabilizedReplicas: number): Limited {
  const { observation, currentReplicas, minReplicas, history, nowMs } = sync;
  const { behavior, maxReplicas } = observation.autoscaler.spec;
  const question = { currentReplicas, stabilizedReplicas, minReplicas, maxReplicas };
  if (behavior === undefined) return limitWithoutBehavior(question);
  const { scaleUp, scaleDown } = effectiveBehavior(behavior, observation.settings.downscaleStabilizationMs);
  const up = scaleUpLimit({ currentReplicas, rules: scaleUp, history, nowMs });
  const down = scaleDownLimit({ currentReplicas, rules: scaleDown, history, nowMs });
  return limitWithBehavior(question, { up, down });
}

/** 7.5: min may have been raised while the target was at zero. From more than zero only limits that have overflown lead below min, and stay so. */
function raiseFromZero(sync: Sync, replicas: number, reason: string): { replicas: number; reason: string } {
  const { currentReplicas, minReplicas } = sync;
  if (currentReplicas > 0 || replicas >= minReplicas) return { replicas, reason };
  return { replicas: minReplicas, reason: reason === '' ? belowMinReplicas : reason };
}

function computeError(sync: Sync, message: string): string {
  const reference = targetReference(sync.observation.autoscaler);
  return `failed to compute desired number of replicas based on listed metrics for ${reference}: ${message}`;
}
