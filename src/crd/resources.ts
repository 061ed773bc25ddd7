// Pure: what the two kinds of autoscaler are called in the API.
import type { Autoscaler, AutoscalerKind } from './types.ts';

export interface AutoscalerResource {
  readonly group: string;
  readonly version: string;
  readonly kind: AutoscalerKind;
  readonly plural: string;
}

/** The native kind and our own. HPAs are read and written as autoscaling/v2, whatever version they were created in. */
export const autoscalerResources: Readonly<Record<AutoscalerKind, AutoscalerResource>> = {
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    version: 'v2',
    kind: 'HorizontalPodAutoscaler',
    plural: 'horizontalpodautoscalers',
  },
  HeadroomAutoscaler: {
    group: 'autoscaling.headroom.dev',
    version: 'v1alpha1',
    kind: 'HeadroomAutoscaler',
    plural: 'headroomautoscalers',
  },
};

export function isAutoscalerKind(kind: string): kind is AutoscalerKind {
  return Object.hasOwn(autoscalerResources, kind);
}

/** `autoscaling/v2`. */
export function apiVersionOf({ group, version }: AutoscalerResource): string {
  return `${group}/${version}`;
}

/** `/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web`. */
export function autoscalerPath({ kind, namespace, name }: Pick<Autoscaler, 'kind' | 'namespace' | 'name'>): string {
  const resource = autoscalerResources[kind];
  return `/apis/${apiVersionOf(resource)}/namespaces/${namespace}/${resource.plural}/${name}`;
}
