// Flow: makes a decision true: scale, events, status. Decides nothing. docs/autoscaling.md 4.
import type { Autoscaler } from '../crd/types.ts';
import type { ScaleClient } from '../kube/scale-client.ts';
import type { ApiClient, EventRecorder } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import { settle } from './decide/settle.ts';
import type { Decision, DecisionEvent, Observation, Settlement } from './decide/types.ts';
import { type ScaleWriteOutcome, writeScale } from './write-scale.ts';
import { type StatusOutcome, writeStatus } from './write-status.ts';

export interface ApplyDeps {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly scales: Pick<ScaleClient, 'getLiveScale' | 'updateScale'>;
  readonly events: EventRecorder;
}

export type Applied =
  /** The target changed under our hands: nothing was written, and the decision is void. */
  | { readonly kind: 'superseded' }
  | {
      readonly kind: 'applied';
      readonly settlement: Settlement;
      /** When the API server had accepted the new replicas, milliseconds since the epoch; undefined: they were not written. */
      readonly acceptedAtMs: number | undefined;
      /** When they were changed, as far as the time of the write counts (`usualWriteMs`); undefined: they were not written. */
      readonly scaledAtMs: number | undefined;
      readonly status: StatusOutcome;
    };

/**
 * Syncs come a period after one another, but for the milliseconds by which timers are late and that writes take. Counted to the millisecond, a change
 * would be a moment too young for a policy of the same period at the next sync, and only every second sync could scale. So what a write usually takes is
 * not counted, and for policies a change is older by as much. 9.3
 */
const usualWriteMs = 250;

export interface ApplyOptions {
  readonly signal: AbortSignal | undefined;
  readonly leavesOutStatus: boolean;
}

/** Writes the scale when the decision asks for it, publishes the events, and writes the status when it changed. Both writes are paid for. */
export async function apply(
  deps: ApplyDeps,
  observation: Observation,
  decision: Decision,
  { signal, leavesOutStatus }: ApplyOptions,
): Promise<Applied> {
  const { autoscaler } = observation;
  const scaled = await scale(deps, observation, decision, signal);
  if (scaled?.kind === 'superseded') return scaled;
  const acceptedAtMs = scaled?.kind === 'succeeded' ? deps.clock.now() : undefined;

  const scaledAtMs = acceptedAtMs === undefined ? undefined : changedAtMs(decision.atMs, acceptedAtMs);

  const outcome = scaled ?? { kind: 'succeeded' };
  const settledAtMs = scaledAtMs ?? decision.atMs;
  const settlement = settle(decision, observation, outcome, settledAtMs, settledAtMs - usualWriteMs);
  publish(deps.events, autoscaler, [...decision.events, ...settlement.events]);

  if (leavesOutStatus) return { kind: 'applied', settlement, acceptedAtMs, scaledAtMs, status: { kind: 'left-out' } };
  const status = await writeStatus(deps.api, autoscaler, settlement.status, signal);
  if (status.kind === 'failed') {
    publish(deps.events, autoscaler, [{ type: 'Warning', reason: 'FailedUpdateStatus', message: status.message }]);
  }
  return { kind: 'applied', settlement, acceptedAtMs, scaledAtMs, status };
}

/** A slow write counts, as upstream's do: else the next change could follow it sooner than policies allow. */
function changedAtMs(decidedAtMs: number, acceptedAtMs: number): number {
  return acceptedAtMs - decidedAtMs <= usualWriteMs ? decidedAtMs : acceptedAtMs;
}

/** undefined: the decision does not ask for it. */
async function scale(
  deps: ApplyDeps,
  { autoscaler, target }: Observation,
  decision: Decision,
  signal?: AbortSignal,
): Promise<ScaleWriteOutcome | undefined> {
  if (decision.kind !== 'scale' || target.kind === 'failed') return undefined;
  const { namespace, spec } = autoscaler;
  const replicas = decision.desiredReplicas;
  return writeScale(deps, { namespace, target: spec.scaleTargetRef, scale: target.scale, replicas }, signal);
}

function publish(recorder: EventRecorder, autoscaler: Autoscaler, events: readonly DecisionEvent[]): void {
  const { apiVersion, kind, namespace, name, uid, resourceVersion } = autoscaler;
  const regarding = { apiVersion, kind, namespace, name, uid, resourceVersion };
  for (const event of events) recorder.publish({ ...event, regarding });
}
