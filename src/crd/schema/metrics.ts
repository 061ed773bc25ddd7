// Pure: schema of spec.metrics.
import { specDefaults } from '../defaults.ts';
import { metricSources } from '../metric-sources.ts';
import { integer, list, object, quantity, type Schema, text } from './builders.ts';
import { containerName, describedObject, metricIdentifier, resourceName } from './names.ts';

const targetFields = ['value', 'averageValue', 'averageUtilization'] as const;

/** A MetricTarget. Which of the three amounts are allowed depends on the source, and is said there. */
function target(description: string, more: Schema): Schema {
  return object(
    description,
    {
      type: text('What kind of target this is meant to be. The field that is set decides, except for Object metrics.', {
        enum: ['Utilization', 'Value', 'AverageValue'],
      }),
      value: quantity('Wanted value of the metric.', 'positive'),
      averageValue: quantity('Wanted average of the metric over all pods.', 'positive'),
      averageUtilization: integer('Wanted average over all pods, in percent of what they request.', 1),
    },
    { optional: targetFields, ...more },
  );
}

const oneOf = (...fields: readonly (typeof targetFields)[number][]): Schema => ({
  oneOf: fields.map((field) => ({ required: [field] })),
});

const resourceTarget = target(
  'Wanted usage: either averageUtilization or averageValue.',
  oneOf('averageUtilization', 'averageValue'),
);

// Standard resources of containers, or an extended resource with a domain.
const containerResource: Schema = {
  ...resourceName,
  pattern:
    '^(cpu|memory|ephemeral-storage|hugepages-.+|[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$',
};

const sources: Readonly<Record<string, Schema>> = {
  [metricSources.Resource]: object('Usage of a resource by the pods of the target, all containers together.', {
    name: resourceName,
    target: resourceTarget,
  }),
  [metricSources.ContainerResource]: object('Usage of a resource by one container of each pod of the target.', {
    name: containerResource,
    container: containerName,
    target: resourceTarget,
  }),
  [metricSources.Pods]: object('A metric of each pod of the target, from custom.metrics.k8s.io.', {
    metric: metricIdentifier,
    target: target('Wanted average over the pods: averageValue.', { required: ['type', 'averageValue'] }),
  }),
  [metricSources.Object]: object('A metric of one other object, from custom.metrics.k8s.io.', {
    describedObject,
    metric: metricIdentifier,
    target: target('Wanted value: value, or averageValue to divide it by the number of pods.', {
      anyOf: [{ required: ['value'] }, { required: ['averageValue'] }],
    }),
  }),
  [metricSources.External]: object('A metric of something outside the cluster, from external.metrics.k8s.io.', {
    metric: metricIdentifier,
    target: target('Wanted value: either value, or averageValue to divide it by the number of pods.', {
      ...oneOf('value', 'averageValue'),
    }),
  }),
};

/** One entry of spec.metrics: a type and the one source that belongs to it. */
const metric: Schema = object(
  'One metric to scale on.',
  {
    type: text('Kind of metric; the field of the same name holds its source.', {
      enum: Object.keys(metricSources).toSorted(),
    }),
    ...sources,
  },
  {
    optional: Object.values(metricSources),
    'x-kubernetes-validations': Object.entries(metricSources).map(([type, field]) => ({
      rule: `(self.type == '${type}') == has(self.${field})`,
      message: `${field} must be set if type is ${type}, and only then`,
    })),
  },
);

export const metrics: Schema = list(
  'What to scale on. Each metric proposes a number of replicas, and the largest proposal wins. Default: 80 % average CPU utilization.',
  metric,
  { default: specDefaults.metrics },
);
