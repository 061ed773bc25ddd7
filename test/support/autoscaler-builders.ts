// Builders of autoscalers, as JSON from the API server and as read. Valid by default; a test names only what it is about.
import { parseAutoscaler } from '../../src/crd/parse.ts';
import type { Autoscaler, AutoscalerKind } from '../../src/crd/types.ts';

type Json = Readonly<Record<string, unknown>>;

export interface AutoscalerParts {
  readonly kind?: AutoscalerKind;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Name of the Deployment to scale. */
  readonly target?: string;
  readonly spec?: Json;
  readonly status?: Json;
  readonly managedFields?: readonly Json[];
}

/** shop/web on Deployment web: 1 to 10 replicas, 50 % average CPU utilization, never reconciled. */
export function autoscalerJson(parts: AutoscalerParts = {}): Json {
  const { kind = 'HorizontalPodAutoscaler', namespace = 'shop', name = 'web' } = parts;
  return {
    apiVersion: kind === 'HeadroomAutoscaler' ? 'autoscaling.headroom.dev/v1alpha1' : 'autoscaling/v2',
    kind,
    metadata: {
      namespace,
      name,
      uid: parts.uid ?? `uid-${kind}-${namespace}-${name}`,
      resourceVersion: parts.resourceVersion ?? '1',
      ...(parts.managedFields === undefined ? {} : { managedFields: parts.managedFields }),
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: parts.target ?? 'web' },
      minReplicas: 1,
      maxReplicas: 10,
      metrics: [cpuUtilization(50)],
      ...parts.spec,
    },
    status: parts.status ?? { currentMetrics: null, desiredReplicas: 0 },
  };
}

export function autoscaler(parts: AutoscalerParts = {}): Autoscaler {
  return parseAutoscaler(autoscalerJson(parts), parts.kind ?? 'HorizontalPodAutoscaler');
}

/** A metric spec: average CPU utilization in percent of the request. */
export function cpuUtilization(percent: number): Json {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } };
}
