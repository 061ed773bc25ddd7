// Pure: the words for a selector that cannot be used. docs/decision-math.md step 3.
import { type ConditionUpdate, scalingInactive } from './conditions.ts';
import type { DecisionEvent, SelectorObservation } from './types.ts';

export interface SelectorFailure {
  readonly condition: ConditionUpdate;
  readonly event: DecisionEvent;
  /** Also the text of the error and of the event `FailedComputeMetricsReplicas`. */
  readonly message: string;
}

/** undefined when the selector can be used. `rawSelector` as in the scale's status. */
export function describeSelectorFailure(
  selector: SelectorObservation,
  rawSelector: string,
): SelectorFailure | undefined {
  switch (selector.kind) {
    case 'ok':
      return undefined;
    case 'missing': {
      const message = 'selector is required';
      const condition = scalingInactive('InvalidSelector', "the HPA target's scale is missing a selector");
      return { condition, event: { type: 'Warning', reason: 'SelectorRequired', message }, message };
    }
    case 'invalid': {
      const cause = "couldn't convert selector into a corresponding internal selector object";
      return sameWords('InvalidSelector', `${cause}: ${selector.message}`);
    }
    case 'ambiguous': {
      // Upstream's order is random; sorted, the status does not flip between syncs.
      const autoscalers = selector.autoscalers.toSorted().join(' ');
      const message = `pods by selector ${rawSelector} are controlled by multiple HPAs: [${autoscalers}]`;
      return sameWords('AmbiguousSelector', message);
    }
    case 'refused':
      return sameWords('AmbiguousTarget', selector.message);
  }
}

function sameWords(reason: string, message: string): SelectorFailure {
  return { condition: scalingInactive(reason, message), event: { type: 'Warning', reason, message }, message };
}

/** The message of `refused`: both objects by kind, namespace and name. Ours; upstream knows one kind of autoscaler only. */
export function describeRefusal(
  target: { readonly kind: string; readonly namespace: string; readonly name: string },
  autoscalers: readonly { readonly kind: string; readonly namespace: string; readonly name: string }[],
): string {
  const names = autoscalers.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`).toSorted();
  const scaleTarget = `${target.kind} ${target.namespace}/${target.name}`;
  return `${names.join(' and ')} have the same scale target, ${scaleTarget}: none of them scales it until only one is left`;
}
