// Pure: schema of status.
import { metricSources } from '../metric-sources.ts';
import { integer, list, object, quantity, type Schema, text } from './builders.ts';
import { containerName, describedObject, metricIdentifier, resourceName } from './names.ts';

const current: Schema = object(
  'What was measured.',
  {
    value: quantity('Value of the metric.', 'any'),
    averageValue: quantity('Average of the metric over the pods.', 'any'),
    averageUtilization: {
      type: 'integer',
      format: 'int32',
      description: 'Average over the pods, in percent of what they request.',
    },
  },
  { optional: ['value', 'averageValue', 'averageUtilization'] },
);

const currentMetric: Schema = object(
  'What was measured for the metric at the same place in spec.metrics. An empty type: it could not be measured.',
  {
    type: text('Kind of metric, as in spec.metrics; empty when it could not be measured.'),
    [metricSources.Resource]: object('Usage of a resource by the pods.', { name: resourceName, current }),
    [metricSources.ContainerResource]: object('Usage of a resource by one container of each pod.', {
      name: resourceName,
      container: containerName,
      current,
    }),
    [metricSources.Pods]: object('A metric of each pod.', { metric: metricIdentifier, current }),
    [metricSources.Object]: object('A metric of one other object.', {
      metric: metricIdentifier,
      current,
      describedObject,
    }),
    [metricSources.External]: object('A metric of something outside the cluster.', {
      metric: metricIdentifier,
      current,
    }),
  },
  { optional: Object.values(metricSources) },
);

const condition: Schema = object(
  'One thing that is known about the autoscaler.',
  {
    type: text('`AbleToScale`, `ScalingActive` or `ScalingLimited`.'),
    status: text('Whether it is so.', { enum: ['True', 'False', 'Unknown'] }),
    lastTransitionTime: text('When the status last changed.', { format: 'date-time' }),
    reason: text('Why, in one word.'),
    message: text('Why, in a sentence.'),
  },
  { optional: ['lastTransitionTime', 'reason', 'message'] },
);

const scalars = {
  observedGeneration: {
    type: 'integer',
    format: 'int64',
    description: 'Generation of the spec that the status belongs to.',
  },
  lastScaleTime: text('When the autoscaler last changed the replicas.', { format: 'date-time' }),
  currentReplicas: integer('Replicas of the target when it was last looked at.', 0),
  desiredReplicas: integer('Replicas that the autoscaler last wanted.', 0),
} as const satisfies Readonly<Record<string, Schema>>;

export const status: Schema = object(
  'What the autoscaler last saw and did. Written by Headroom.',
  {
    ...scalars,
    currentMetrics: list('What was measured, one entry for each of spec.metrics.', currentMetric),
    conditions: {
      type: 'array',
      description: 'Whether the autoscaler can scale, does scale and is held back by limits, and why.',
      items: condition,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    },
    reference: text('The target as `kubectl get` prints it: `Deployment/web`.'),
    targets: text('Measured and wanted values as `kubectl get` prints them: `cpu: 55%/60%`.'),
  },
  {
    optional: [...Object.keys(scalars), 'currentMetrics', 'conditions', 'reference', 'targets'],
  },
);
