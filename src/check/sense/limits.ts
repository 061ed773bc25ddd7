// Pure: bounds and behavior that leave an autoscaler nothing to do.
import { scalingLimited, stabilized } from '../../controller/decide/conditions.ts';
import type { ScalingRules } from '../../crd/types.ts';
import type { Field } from '../field.ts';
import { conditionText } from './condition-text.ts';
import type { ValidAutoscaler, Warning } from './types.ts';

/** What --horizontal-pod-autoscaler-downscale-stabilization is when nobody sets it. */
const usualWindowSeconds = 300;

export function senseLimits(valid: ValidAutoscaler): Warning[] {
  const { spec } = valid.autoscaler;
  const behavior = valid.fields.descend('spec', 'behavior');
  const [up, down] = [behavior.child('scaleUp'), behavior.child('scaleDown')];
  return [
    ...fixedSize(valid),
    ...(spec.behavior === undefined ? [] : bothDisabled(valid, behavior)),
    ...slowerUpThanDown(valid, up),
    ...toleranceDown(valid, spec.behavior?.scaleDown, down.child('tolerance')),
    ...toleranceUp(valid, spec.behavior?.scaleUp, up.child('tolerance')),
  ];
}

function fixedSize({ object, fields, autoscaler }: ValidAutoscaler): Warning[] {
  const { minReplicas, maxReplicas } = autoscaler.spec;
  if (minReplicas !== maxReplicas) return [];
  const { path, at } = fields.descend('spec', 'maxReplicas');
  const condition = conditionText(scalingLimited(true, 'TooManyReplicas'));
  return [
    {
      object,
      field: path,
      at,
      message: `minReplicas and maxReplicas are both ${maxReplicas}, so nothing ever scales; under load: ${condition}`,
      advice: 'raise maxReplicas, or set the replicas of the target and drop the autoscaler',
    },
  ];
}

function bothDisabled({ object, autoscaler }: ValidAutoscaler, behavior: Field): Warning[] {
  const { scaleUp, scaleDown } = autoscaler.spec.behavior ?? {};
  if (scaleUp?.selectPolicy !== 'Disabled' || scaleDown?.selectPolicy !== 'Disabled') return [];
  const condition = conditionText(scalingLimited(true, 'ScaleUpLimit'));
  return [
    {
      object,
      field: behavior.path,
      at: behavior.at,
      message: `both directions are Disabled, so metrics never change the replicas; under load: ${condition}`,
      advice: 'take selectPolicy: Disabled out of one direction',
    },
  ];
}

function slowerUpThanDown({ object, autoscaler }: ValidAutoscaler, up: Field): Warning[] {
  const { scaleUp, scaleDown } = autoscaler.spec.behavior ?? {};
  const upSeconds = scaleUp?.stabilizationWindowSeconds ?? 0;
  const downSeconds = scaleDown?.stabilizationWindowSeconds ?? usualWindowSeconds;
  if (upSeconds <= downSeconds || upSeconds <= usualWindowSeconds) return [];
  const { path, at } = up.child('stabilizationWindowSeconds');
  const condition = conditionText(stabilized('ScaleUpStabilized'));
  return [
    {
      object,
      field: path,
      at,
      message: `load must last for ${upSeconds} s before anything scales up, idleness only ${downSeconds} s before it scales down; until then: ${condition}`,
      advice: 'shorten the window of scaleUp; it is there for short peaks',
    },
  ];
}

/** Usage cannot be less than nothing, so a tolerance of 1 holds it all. */
function toleranceDown({ object }: ValidAutoscaler, rules: ScalingRules | undefined, field: Field): Warning[] {
  if (rules?.tolerance === undefined || rules.tolerance < 1) return [];
  return [
    {
      object,
      field: field.path,
      at: field.at,
      message: `with a tolerance of ${percent(rules.tolerance)} even no usage at all is close enough to the target, so nothing ever scales down`,
      advice: 'write the tolerance as a ratio: 0.1 is 10 %',
    },
  ];
}

function toleranceUp({ object }: ValidAutoscaler, rules: ScalingRules | undefined, field: Field): Warning[] {
  if (rules?.tolerance === undefined || rules.tolerance < 1) return [];
  return [
    {
      object,
      field: field.path,
      at: field.at,
      message: `with a tolerance of ${percent(rules.tolerance)} nothing scales up before usage is above ${percent(1 + rules.tolerance)} of the target`,
      advice: 'write the tolerance as a ratio: 0.1 is 10 %',
    },
  ];
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
