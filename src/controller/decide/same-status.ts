// Pure: whether and how a status differs from the one that is stored, so that nothing is written for nothing. docs/decision-math.md step 10.
import type {
  AutoscalerStatus,
  Condition,
  LabelSelectorSpec,
  MetricIdentifier,
  MetricStatus,
  MetricValueStatus,
  ObjectReference,
} from '../../crd/types.ts';

type Same<T> = (a: T, b: T) => boolean;

/** True when writing one over the other would change nothing: null and empty lists are the same, unset and set values are not. */
export function isSameStatus(a: AutoscalerStatus, b: AutoscalerStatus): boolean {
  return isSameList(a.currentMetrics, b.currentMetrics, isSameMetricStatus) && isSameBesideMetrics(a, b);
}

/** True when nothing differs but how much each metric says. */
export function differsInValuesOnly(a: AutoscalerStatus, b: AutoscalerStatus): boolean {
  return isSameList(a.currentMetrics, b.currentMetrics, isSameQuestion) && isSameBesideMetrics(a, b);
}

function isSameBesideMetrics(a: AutoscalerStatus, b: AutoscalerStatus): boolean {
  return (
    a.observedGeneration === b.observedGeneration &&
    a.lastScaleAtMs === b.lastScaleAtMs &&
    a.currentReplicas === b.currentReplicas &&
    a.desiredReplicas === b.desiredReplicas &&
    isSameList(a.conditions, b.conditions, isSameCondition)
  );
}

function isSameList<T>(a: readonly T[] | undefined, b: readonly T[] | undefined, isSame: Same<T>): boolean {
  const [left, right] = [a ?? [], b ?? []];
  if (left.length !== right.length) return false;
  const others = right.values();
  return left.every((item) => {
    const other = others.next();
    return other.done !== true && isSame(item, other.value);
  });
}

const isSameCondition: Same<Condition> = (a, b) =>
  a.type === b.type &&
  a.status === b.status &&
  a.reason === b.reason &&
  a.message === b.message &&
  a.lastTransitionAtMs === b.lastTransitionAtMs;

function isSameMetricStatus(a: MetricStatus, b: MetricStatus): boolean {
  if (a.type === 'Failed') return b.type === 'Failed';
  return isSameSource(a, b) && isSameValue(a.current, b.current);
}

/** The same metric, reported in the same fields. */
function isSameQuestion(a: MetricStatus, b: MetricStatus): boolean {
  if (a.type === 'Failed' || b.type === 'Failed') return a.type === b.type;
  return isSameSource(a, b) && isSameFields(a.current, b.current);
}

const isSameFields: Same<MetricValueStatus> = (a, b) =>
  (a.valueMilli === undefined) === (b.valueMilli === undefined) &&
  (a.averageValueMilli === undefined) === (b.averageValueMilli === undefined) &&
  (a.averageUtilization === undefined) === (b.averageUtilization === undefined);

type Reported = Exclude<MetricStatus, { type: 'Failed' }>;

function isSameSource(a: Reported, b: MetricStatus): b is Reported {
  switch (a.type) {
    case 'Resource':
      return b.type === 'Resource' && a.resource === b.resource;
    case 'ContainerResource':
      return b.type === 'ContainerResource' && a.resource === b.resource && a.container === b.container;
    case 'Pods':
    case 'External':
      return b.type === a.type && isSameIdentifier(a.metric, b.metric);
    case 'Object':
      return (
        b.type === 'Object' &&
        isSameIdentifier(a.metric, b.metric) &&
        isSameReference(a.describedObject, b.describedObject)
      );
  }
}

const isSameReference: Same<ObjectReference> = (a, b) =>
  a.apiVersion === b.apiVersion && a.kind === b.kind && a.name === b.name;

const isSameValue: Same<MetricValueStatus> = (a, b) =>
  a.valueMilli === b.valueMilli &&
  a.averageValueMilli === b.averageValueMilli &&
  a.averageUtilization === b.averageUtilization;

const isSameIdentifier: Same<MetricIdentifier> = (a, b) => a.name === b.name && isSameSelector(a.selector, b.selector);

function isSameSelector(a: LabelSelectorSpec | undefined, b: LabelSelectorSpec | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    isSameLabels(a.matchLabels ?? {}, b.matchLabels ?? {}) &&
    isSameList(a.matchExpressions, b.matchExpressions, isSameExpression)
  );
}

const isSameLabels: Same<Readonly<Record<string, string>>> = (a, b) => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && a[key] === b[key]);
};

const isSameExpression: Same<NonNullable<LabelSelectorSpec['matchExpressions']>[number]> = (a, b) =>
  a.key === b.key && a.operator === b.operator && isSameList(a.values, b.values, Object.is);
