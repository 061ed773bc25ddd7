// Edge: writes the replicas that were decided on, unless somebody else changed them meanwhile.
import type { ObjectReference } from '../crd/types.ts';
import { isConflict } from '../kube/api-status-error.ts';
import type { ScaleClient } from '../kube/scale-client.ts';
import type { Clock } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import type { ScaleView } from '../lib/views.ts';
import type { ScaleOutcome } from './decide/types.ts';

export interface ScaleWrite {
  readonly namespace: string;
  readonly target: ObjectReference;
  /** What was decided on. */
  readonly scale: ScaleView;
  readonly replicas: number;
}

/** `superseded`: the decision is about something that is no more; nothing was written. */
export type ScaleWriteOutcome = ScaleOutcome | { readonly kind: 'superseded' };

/** As many tries and pauses as upstream's. */
const maxWrites = 5;
const pauseMs = 10;

/**
 * Puts the new replicas. A conflict as such says nothing - a status of the target changes often -, so the scale is read again: when replicas and
 * selector are those that were decided on, the write is repeated on the new resourceVersion; otherwise the decision is superseded. Upstream
 * would force its number over the change (docs/autoscaling.md 4.1).
 */
export async function writeScale(
  deps: { readonly scales: Pick<ScaleClient, 'getLiveScale' | 'updateScale'>; readonly clock: Clock },
  { namespace, target, scale: decidedOn, replicas }: ScaleWrite,
  signal?: AbortSignal,
): Promise<ScaleWriteOutcome> {
  let scale = decidedOn;
  for (let write = 1; ; write++) {
    try {
      await deps.scales.updateScale({ reference: target, namespace, scale, replicas, isPrepaid: write === 1 }, signal);
      return { kind: 'succeeded' };
    } catch (error) {
      if (!isConflict(error) || write === maxWrites) return { kind: 'failed', message: errorMessage(error) };
      const latest = await deps.scales.getLiveScale(target, namespace, signal).catch(() => undefined);
      if (latest === undefined) return { kind: 'failed', message: errorMessage(error) };
      if (!isSameQuestion(latest, decidedOn)) return { kind: 'superseded' };
      scale = latest;
    }
    await deps.clock.sleep(pauseMs, signal);
  }
}

function isSameQuestion(latest: ScaleView, decidedOn: ScaleView): boolean {
  return (
    latest.uid === decidedOn.uid &&
    latest.specReplicas === decidedOn.specReplicas &&
    latest.selector === decidedOn.selector
  );
}
