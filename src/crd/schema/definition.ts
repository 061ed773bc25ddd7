// Pure: the CustomResourceDefinition of HeadroomAutoscaler. scripts/manifests.ts writes it to config/crd.
import { specDefaults } from '../defaults.ts';
import { autoscalerResources } from '../resources.ts';
import { behavior } from './behavior.ts';
import { integer, object, type Schema } from './builders.ts';
import { metrics } from './metrics.ts';
import { scaleTargetRef } from './names.ts';
import { status } from './status.ts';

const spec: Schema = object(
  'What to scale, on what, and within which limits: the spec of an autoscaling/v2 HorizontalPodAutoscaler.',
  {
    scaleTargetRef,
    minReplicas: integer('The fewest replicas. 0 lets an Object or External metric switch the workload off.', 0, {
      default: specDefaults.minReplicas,
    }),
    maxReplicas: integer('The most replicas; not less than minReplicas.', 1),
    metrics,
    behavior,
  },
  {
    optional: ['minReplicas', 'metrics', 'behavior'],
    'x-kubernetes-validations': [
      {
        rule: 'self.maxReplicas >= self.minReplicas',
        message: 'maxReplicas must be greater than or equal to minReplicas',
        fieldPath: '.maxReplicas',
      },
      {
        // Only these metrics have a value while there are no pods.
        rule: "self.minReplicas != 0 || self.metrics.exists(m, m.type == 'Object' || m.type == 'External')",
        message: 'must specify at least one Object or External metric to support scaling to zero replicas',
        fieldPath: '.metrics',
      },
    ],
  },
);

/** Schema of the whole object. */
export const headroomAutoscalerSchema: Schema = {
  type: 'object',
  description:
    'HeadroomAutoscaler scales a workload as a HorizontalPodAutoscaler does, and is reconciled by Headroom only. Changing apiVersion and kind is all it takes to move the manifest of an autoscaling/v2 HorizontalPodAutoscaler.',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string', description: 'Version of this schema.' },
    kind: { type: 'string', description: '`HeadroomAutoscaler`.' },
    metadata: { type: 'object' },
    spec,
    status,
  },
};

/** The columns of `kubectl get hpa`. NAME is always there; two of them cannot be picked with JSONPath and are status fields (see PrintedColumns). */
const printerColumns = [
  { name: 'Reference', type: 'string', jsonPath: '.status.reference' },
  { name: 'Targets', type: 'string', jsonPath: '.status.targets' },
  { name: 'MinPods', type: 'integer', jsonPath: '.spec.minReplicas' },
  { name: 'MaxPods', type: 'integer', jsonPath: '.spec.maxReplicas' },
  { name: 'Replicas', type: 'integer', jsonPath: '.status.currentReplicas' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
] as const;

const { group, version, kind, plural } = autoscalerResources.HeadroomAutoscaler;

export const customResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: {
      kind,
      listKind: `${kind}List`,
      plural,
      singular: kind.toLowerCase(),
      shortNames: ['hra'],
      categories: ['all'],
    },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: printerColumns,
        schema: { openAPIV3Schema: headroomAutoscalerSchema },
      },
    ],
  },
} as const;
