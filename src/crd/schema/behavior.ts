// Pure: schema of spec.behavior.
import { specDefaults } from '../defaults.ts';
import { integer, list, object, quantity, type Schema, text } from './builders.ts';

const policy: Schema = object('One limit on how fast replicas may change.', {
  type: text('`Pods`: value is a number of pods. `Percent`: value is a percentage of the replicas.', {
    enum: ['Percent', 'Pods'],
  }),
  value: integer('How much change the policy allows within a period.', 1),
  periodSeconds: integer('Length of the period, in seconds.', 1, { maximum: 1800 }),
});

function rules(description: string, window: Schema, defaults: { readonly [field: string]: unknown }): Schema {
  return object(
    description,
    {
      stabilizationWindowSeconds: window,
      selectPolicy: text(
        'Which policy counts: `Max` the one that allows most change, `Min` the one that allows least; `Disabled` forbids this direction.',
        {
          enum: ['Disabled', 'Max', 'Min'],
          default: defaults['selectPolicy'],
        },
      ),
      policies: list('Limits on the speed of change in this direction.', policy, {
        minItems: 1,
        default: defaults['policies'],
      }),
      tolerance: quantity(
        'How far usage may be off the target before this direction acts, as a ratio: 0.05 is 5 %. Default: --horizontal-pod-autoscaler-tolerance.',
        'not-negative',
      ),
    },
    { optional: ['stabilizationWindowSeconds', 'selectPolicy', 'policies', 'tolerance'], default: defaults },
  );
}

const { scaleUp, scaleDown } = specDefaults.behavior;
const maxWindowSeconds = 3600;

export const behavior: Schema = object(
  'How fast to scale, in each direction. Absent: at most doubling (or up to 4 pods) at a time upwards, and downwards the highest recommendation of the last --horizontal-pod-autoscaler-downscale-stabilization.',
  {
    scaleUp: rules(
      'Scaling up.',
      integer('For how long the lowest recommendation counts, in seconds.', 0, {
        maximum: maxWindowSeconds,
        default: scaleUp.stabilizationWindowSeconds,
      }),
      scaleUp,
    ),
    scaleDown: rules(
      'Scaling down.',
      integer(
        'For how long the highest recommendation counts, in seconds. Default: --horizontal-pod-autoscaler-downscale-stabilization.',
        0,
        { maximum: maxWindowSeconds },
      ),
      scaleDown,
    ),
  },
  { optional: ['scaleUp', 'scaleDown'] },
);
