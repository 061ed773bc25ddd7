// Pure: schema of the parts with which spec and status name things.
import { list, name, object, pathSegment, type Schema, text } from './builders.ts';

const apiVersion = text('API version of the object, as in its manifest: `apps/v1`.', { pattern: '^[^/]*(/[^/]*)?$' });

/** spec.scaleTargetRef. The core group is taken for ReplicationControllers only: anywhere else a missing group is a slip of the pen. */
export const scaleTargetRef: Schema = object(
  'The object to scale. Any object with a scale subresource can be a target: Deployment, StatefulSet, ReplicaSet, custom resources.',
  {
    kind: pathSegment('Kind of the object: `Deployment`.'),
    name: pathSegment("Name of the object, in the autoscaler's namespace."),
    apiVersion,
  },
  {
    optional: ['apiVersion'],
    'x-kubernetes-map-type': 'atomic',
    'x-kubernetes-validations': [
      {
        rule: "self.kind == 'ReplicationController' || (has(self.apiVersion) && self.apiVersion.indexOf('/') > 0)",
        message: 'apiVersion must specify API group',
        fieldPath: '.apiVersion',
      },
    ],
  },
);

export const describedObject: Schema = object(
  'The object that the metric describes.',
  {
    kind: pathSegment('Kind of the object: `Service`.'),
    name: pathSegment("Name of the object, in the autoscaler's namespace."),
    apiVersion,
  },
  { optional: ['apiVersion'], 'x-kubernetes-map-type': 'atomic' },
);

const labelSelector: Schema = object(
  'Narrows the metric down by its labels. Absent: all series of the metric.',
  {
    matchLabels: {
      type: 'object',
      description: 'Labels that must be present with these values.',
      additionalProperties: { type: 'string' },
    },
    matchExpressions: list(
      'Requirements that must all be met.',
      object(
        'One requirement.',
        {
          key: text('Label that the requirement is about.'),
          operator: text('`In`, `NotIn`, `Exists` or `DoesNotExist`.'),
          values: list('Values for `In` and `NotIn`; empty for the others.', { type: 'string' }),
        },
        { optional: ['values'] },
      ),
    ),
  },
  { optional: ['matchLabels', 'matchExpressions'], 'x-kubernetes-map-type': 'atomic' },
);

export const metricIdentifier: Schema = object(
  'Which metric.',
  { name: pathSegment('Name of the metric.'), selector: labelSelector },
  { optional: ['selector'] },
);

export const resourceName: Schema = name('Name of the resource: `cpu` or `memory`.');

export const containerName: Schema = name('Name of the container in the pods of the target.', {
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  maxLength: 63,
});
