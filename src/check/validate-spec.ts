// Pure: the rules for the spec of a HorizontalPodAutoscaler (k8s.io/kubernetes pkg/apis/autoscaling/validation/validation.go), in upstream's order.
import type { Field } from './field.ts';
import { forbidden, invalid, required } from './field-errors.ts';
import type { Problem } from './types.ts';
import { validateBehavior } from './validate-behavior.ts';
import { validateMetric } from './validate-metric.ts';
import { validateReference } from './validate-reference.ts';

/** `spec` in the form of v2, with defaults. `lowestMinReplicas` is 0 with the feature gate HPAScaleToZero, else 1. */
export function validateSpec(spec: Field, lowestMinReplicas: 0 | 1): Problem[] {
  const target = spec.child('scaleTargetRef');
  return [
    ...replicaProblems(spec, lowestMinReplicas),
    // The core group has one kind with a scale, so a missing group is a slip of the pen for any other.
    ...validateReference(target, { coreGroup: target.child('kind').text() === 'ReplicationController' }),
    ...metricsProblems(spec),
    ...validateBehavior(spec.child('behavior')),
  ];
}

function replicaProblems(spec: Field, lowestMinReplicas: number): Problem[] {
  const [min, max] = [spec.child('minReplicas'), spec.child('maxReplicas')];
  const problems: Problem[] = [];
  if (min.integer() < lowestMinReplicas) {
    problems.push(invalid(min, min.integer(), `must be greater than or equal to ${lowestMinReplicas}`));
  }
  if (max.integer() === 0) problems.push(required(max, 'must be set and greater than 0'));
  if (max.integer() < 0) problems.push(invalid(max, max.integer(), 'must be greater than or equal to 1'));
  if (max.integer() < min.integer()) {
    problems.push(invalid(max, max.integer(), 'must be greater than or equal to `minReplicas`'));
  }
  return problems;
}

function metricsProblems(spec: Field): Problem[] {
  const metrics = spec.child('metrics');
  const problems = metrics.items().flatMap(validateMetric);
  const types = metrics.items().map((metric) => metric.child('type').text());
  if (spec.child('minReplicas').integer() === 0 && !types.includes('Object') && !types.includes('External')) {
    const detail = 'must specify at least one Object or External metric to support scaling to zero replicas';
    problems.push(forbidden(metrics, detail));
  }
  return problems;
}
