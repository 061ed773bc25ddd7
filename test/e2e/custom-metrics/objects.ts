// Pure: the objects of one case, and what of them is compared.
import { maxReplicas, podsPerTarget, replicasBefore } from './cases.ts';

export type AutoscalerKind = 'HorizontalPodAutoscaler' | 'HeadroomAutoscaler';

/** A Deployment that nobody rolls out, and the pods that would be its own. */
export function workload(
  namespace: string,
  name: string,
): { readonly target: object; readonly targetStatus: object; readonly pods: readonly object[] } {
  const labels = { app: name };
  const container = { name: 'app', image: 'any' };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  return {
    target: {
      metadata: { name, namespace },
      spec: { replicas: replicasBefore, selector: { matchLabels: labels }, template },
    },
    targetStatus: { replicas: replicasBefore },
    pods: Array.from({ length: podsPerTarget }, (_, index) => ({
      metadata: { name: `${name}-${index}`, namespace, labels },
      spec: { nodeName: 'nowhere', automountServiceAccountToken: false, containers: [container] },
    })),
  };
}

/** Long ready. */
export const podStatus: object = {
  phase: 'Running',
  startTime: '2026-01-01T00:00:00Z',
  conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:10Z' }],
};

const apis: Readonly<Record<AutoscalerKind, { readonly apiVersion: string; readonly plural: string }>> = {
  HorizontalPodAutoscaler: { apiVersion: 'autoscaling/v2', plural: 'horizontalpodautoscalers' },
  HeadroomAutoscaler: { apiVersion: 'autoscaling.headroom.dev/v1alpha1', plural: 'headroomautoscalers' },
};

export function collectionOf(kind: AutoscalerKind, namespace: string): string {
  const { apiVersion, plural } = apis[kind];
  return `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;
}

export interface AutoscalerShape {
  readonly namespace: string;
  /** Also its target's. */
  readonly name: string;
  readonly metrics: readonly object[];
}

export function autoscaler(
  kind: AutoscalerKind,
  { namespace, name, metrics }: AutoscalerShape,
): { readonly collection: string; readonly body: object } {
  const { apiVersion } = apis[kind];
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  const spec = { scaleTargetRef, minReplicas: 1, maxReplicas, metrics };
  const body = { apiVersion, kind, metadata: { name, namespace }, spec };
  return { collection: collectionOf(kind, namespace), body };
}
