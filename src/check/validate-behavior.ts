// Pure: the rules for spec.behavior (k8s.io/kubernetes pkg/apis/autoscaling/validation/validation.go), in upstream's order.
import { readQuantity } from './canonical-quantity.ts';
import type { Field } from './field.ts';
import { goJson, invalid, notSupported, required } from './field-errors.ts';
import type { Problem } from './types.ts';

const maxWindowSeconds = 3600;
const maxPeriodSeconds = 1800;

export function validateBehavior(behavior: Field): Problem[] {
  return ['scaleUp', 'scaleDown'].flatMap((direction) => rulesProblems(behavior.child(direction)));
}

function rulesProblems(rules: Field): Problem[] {
  if (!rules.isPresent) return [];
  const window = rules.child('stabilizationWindowSeconds');
  const select = rules.child('selectPolicy');
  const policies = rules.child('policies');
  const tolerance = rules.child('tolerance');
  const problems: Problem[] = [];
  if (window.integer() < 0) {
    problems.push(invalid(window, window.integer(), 'must be greater than or equal to zero'));
  }
  if (window.integer() > maxWindowSeconds) {
    problems.push(invalid(window, window.integer(), `must be less than or equal to ${maxWindowSeconds}`));
  }
  if (select.isPresent && !['Disabled', 'Max', 'Min'].includes(select.text())) {
    problems.push(notSupported(select, goJson(select.text()), ['Disabled', 'Max', 'Min']));
  }
  if (policies.items().length === 0) problems.push(required(policies, 'must specify at least one Policy'));
  for (const policy of policies.items()) problems.push(...policyProblems(policy));
  if (tolerance.isPresent) {
    const { sign, text } = readQuantity(tolerance.text());
    if (sign === -1) problems.push(invalid(tolerance, goJson(text), 'must be greater than or equal to 0'));
  }
  return problems;
}

function policyProblems(policy: Field): Problem[] {
  const [type, value, period] = [policy.child('type'), policy.child('value'), policy.child('periodSeconds')];
  const problems: Problem[] = [];
  if (!['Pods', 'Percent'].includes(type.text())) {
    problems.push(notSupported(type, goJson(type.text()), ['Percent', 'Pods']));
  }
  if (value.integer() <= 0) problems.push(invalid(value, value.integer(), 'must be greater than zero'));
  if (period.integer() <= 0) problems.push(invalid(period, period.integer(), 'must be greater than zero'));
  if (period.integer() > maxPeriodSeconds) {
    problems.push(invalid(period, period.integer(), `must be less than or equal to ${maxPeriodSeconds}`));
  }
  return problems;
}
