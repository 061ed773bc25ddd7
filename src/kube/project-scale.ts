// Pure: workload objects and autoscaling/v1 Scale objects -> ScaleView.
import { errorMessage } from '../lib/errors.ts';
import {
  type LabelSelectorSpec,
  labelSelectorFromSpec,
  parseAsLabelSelectorSpec,
  SelectorError,
} from '../lib/label-selector.ts';
import type { ScaleView } from '../lib/views.ts';
import {
  arrayOf,
  type Fields,
  fieldsOf,
  type Identity,
  identityOf,
  numberOf,
  stringMapOf,
  textOf,
} from './raw-object.ts';

/**
 * A Scale as `GET …/scale` answers it. Throws SelectorError when its selector cannot be said as a metav1.LabelSelector: kube-controller-manager's
 * client converts every Scale by way of an internal one that has such a selector (client-go, scale/client.go).
 */
export function projectScale(object: unknown): ScaleView {
  const { spec, status } = partsOf(object);
  return scaleView(
    identityOf(object),
    numberOf(spec['replicas'], 0),
    status,
    convertedSelector(textOf(status['selector'])),
  );
}

function convertedSelector(text: string): string {
  if (text === '') return '';
  try {
    return parseAsLabelSelectorSpec(text).toString();
  } catch (error) {
    const unreadable = 'received an object from a /scale endpoint which was not convertible to autoscaling Scale';
    throw new SelectorError(`${unreadable}: failed to parse target selector: ${errorMessage(error)}`);
  }
}

/**
 * What the scale subresource of a Deployment, ReplicaSet or StatefulSet (apps/v1) would answer. Throws SelectorError for a selector that
 * the API server would not have let in.
 */
export function projectWorkloadScale(object: unknown): ScaleView {
  const { spec, status } = partsOf(object);
  const selector = labelSelectorFromSpec(selectorSpecOf(spec['selector']));
  return scaleView(identityOf(object), numberOf(spec['replicas'], 1), status, selector.toString());
}

/** The same for a ReplicationController (v1), whose selector is a map of labels. */
export function projectControllerScale(object: unknown): ScaleView {
  const { spec, status } = partsOf(object);
  const selector = Object.entries(stringMapOf(spec['selector']))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  return scaleView(identityOf(object), numberOf(spec['replicas'], 1), status, selector);
}

/** A metav1.LabelSelector; undefined when there is none. */
function selectorSpecOf(raw: unknown): LabelSelectorSpec | undefined {
  if (raw === undefined || raw === null) return undefined;
  const { matchLabels, matchExpressions } = fieldsOf(raw);
  return {
    matchLabels: stringMapOf(matchLabels),
    matchExpressions: arrayOf(matchExpressions).map((expression) => {
      const { key, operator, values } = fieldsOf(expression);
      return { key: textOf(key), operator: textOf(operator), values: arrayOf(values).map(textOf) };
    }),
  };
}

function partsOf(object: unknown): { spec: Fields; status: Fields } {
  const fields = fieldsOf(object);
  return { spec: fieldsOf(fields['spec']), status: fieldsOf(fields['status']) };
}

function scaleView(identity: Identity, specReplicas: number, status: Fields, selector: string): ScaleView {
  const { uid, resourceVersion } = identity;
  return { uid, resourceVersion, specReplicas, statusReplicas: numberOf(status['replicas'], 0), selector };
}
