// Builders of what users apply: workloads of every kind, and autoscalers for them. Valid by default.

export interface PodShape {
  readonly labels: Readonly<Record<string, string>>;
  /** Of the first container; default cpu 200m, memory 64Mi. null leaves requests out. */
  readonly requests?: Readonly<Record<string, string>> | null;
  readonly limits?: Readonly<Record<string, string>>;
  /** Names of containers beside `app`, each with requests of 50m and 16Mi. */
  readonly sidecars?: readonly string[];
  /** The one node that it may run on. */
  readonly nodeName?: string;
}

const defaultRequests = { cpu: '200m', memory: '64Mi' };

export function podTemplate({ labels, requests, limits, sidecars = [], nodeName }: PodShape): object {
  const resources = {
    ...(requests === null ? {} : { requests: requests ?? defaultRequests }),
    ...(limits === undefined ? {} : { limits }),
  };
  const sidecar = (name: string): object => ({
    name,
    image: 'any',
    resources: { requests: { cpu: '50m', memory: '16Mi' } },
  });
  return {
    metadata: { labels },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'app', image: 'any', resources }, ...sidecars.map(sidecar)],
      ...(nodeName === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': nodeName } }),
    },
  };
}

export interface WorkloadShape extends Partial<PodShape> {
  readonly name: string;
  /** Default 1. */
  readonly replicas?: number;
}

/** Pods carry the label `app: NAME`. */
export function deployment(shape: WorkloadShape): object {
  return { apiVersion: 'apps/v1', kind: 'Deployment', ...named(shape), spec: selectingSpec(shape) };
}

export function replicaSet(shape: WorkloadShape): object {
  return { apiVersion: 'apps/v1', kind: 'ReplicaSet', ...named(shape), spec: selectingSpec(shape) };
}

export function statefulSet(shape: WorkloadShape): object {
  const spec = { ...selectingSpec(shape), serviceName: shape.name };
  return { apiVersion: 'apps/v1', kind: 'StatefulSet', ...named(shape), spec };
}

export function replicationController(shape: WorkloadShape): object {
  const labels = shape.labels ?? { app: shape.name };
  const { replicas = 1 } = shape;
  const spec = { replicas, selector: labels, template: podTemplate({ ...shape, labels }) };
  return { apiVersion: 'v1', kind: 'ReplicationController', ...named(shape), spec };
}

function named({ name }: WorkloadShape): object {
  return { metadata: { name, namespace: 'default' } };
}

function selectingSpec(shape: WorkloadShape): object {
  const labels = shape.labels ?? { app: shape.name };
  const { replicas = 1 } = shape;
  return { replicas, selector: { matchLabels: labels }, template: podTemplate({ ...shape, labels }) };
}

export interface AutoscalerShape {
  readonly name: string;
  readonly target?: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  /** Default: half of the requested CPU. */
  readonly metrics?: readonly object[];
  readonly behavior?: object;
}

/** Scales the Deployment of its own name, unless told otherwise. */
export function horizontalPodAutoscaler(shape: AutoscalerShape): object {
  const { name, minReplicas = 1, maxReplicas = 10, metrics = [cpuUtilization(50)], behavior } = shape;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name, namespace: 'default' },
    spec: {
      scaleTargetRef: shape.target ?? { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas,
      maxReplicas,
      metrics,
      ...(behavior === undefined ? {} : { behavior }),
    },
  };
}

/** The same manifest with another apiVersion and kind: all that a move takes. */
export function headroomAutoscaler(shape: AutoscalerShape): object {
  return {
    ...horizontalPodAutoscaler(shape),
    apiVersion: 'autoscaling.headroom.dev/v1alpha1',
    kind: 'HeadroomAutoscaler',
  };
}

export function cpuUtilization(averageUtilization: number): object {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

export function memoryAverage(averageValue: string): object {
  return { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue } } };
}

/** Scale down `seconds` after the last higher recommendation. */
export function stabilizedFor(seconds: number): object {
  return { scaleDown: { stabilizationWindowSeconds: seconds } };
}

/** A kind `Widget` whose objects have a scale subresource, as operators' kinds have. */
export const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { replicas: { type: 'integer' } } },
              status: {
                type: 'object',
                properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
              },
            },
          },
        },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
      },
    ],
  },
};

export function widget(name: string, replicas: number): object {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name, namespace: 'default' },
    spec: { replicas },
  };
}
