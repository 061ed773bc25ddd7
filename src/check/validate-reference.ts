// Pure: the rules for what an autoscaler names: its target, the object of a metric, the metric itself.
import type { Field } from './field.ts';
import { invalidText, required } from './field-errors.ts';
import { pathSegmentProblems } from './name-rules.ts';
import type { Problem } from './types.ts';

/** `coreGroup`: whether apiVersion may be without a group. */
export function validateReference(reference: Field, options: { readonly coreGroup: boolean }): Problem[] {
  const apiVersion = reference.child('apiVersion');
  return [
    ...pathSegment(reference.child('kind')),
    ...pathSegment(reference.child('name')),
    ...apiVersionProblems(apiVersion.text(), options.coreGroup).map((detail) => invalidText(apiVersion, detail)),
  ];
}

function pathSegment(field: Field): Problem[] {
  if (field.text() === '') return [required(field)];
  return pathSegmentProblems(field.text()).map((detail) => invalidText(field, detail));
}

function apiVersionProblems(apiVersion: string, coreGroup: boolean): string[] {
  if (apiVersion.split('/').length > 2) return [`unexpected GroupVersion string: ${apiVersion}`];
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : '';
  return group === '' && !coreGroup ? ['apiVersion must specify API group'] : [];
}

/** A metric's name becomes part of a URL. */
export function validateMetricName(name: Field): Problem[] {
  if (name.text() === '') return [required(name, 'must specify a metric name')];
  return pathSegmentProblems(name.text()).map((detail) => invalidText(name, detail));
}
