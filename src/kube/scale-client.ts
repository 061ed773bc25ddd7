// Edge: the scale subresource of any resource: who may be scaled, how large it is, and making it larger or smaller.
import { HeadroomError } from '../lib/errors.ts';
import type { ScaleView } from '../lib/views.ts';
import { notFound } from './api-status-error.ts';
import { groupVersionPath, type ServedResource } from './discovery.ts';
import { parseGroupVersion } from './group-version.ts';
import { projectScale } from './project-scale.ts';
import type { RestMapper } from './rest-mapper.ts';
import type { ScaleCache } from './scale-cache.ts';
import type { ApiClient } from './types.ts';

/** spec.scaleTargetRef. The version in `apiVersion` does not matter, as in kube-controller-manager. */
export interface ScaleReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/**
 * Messages of what it throws are the texts that users see in conditions:
 * OBJECT_INVALID `unexpected GroupVersion string: …` (H-14), KIND_UNKNOWN `no matches for kind …` (H-15), ApiStatusError (H-16), or
 * API_REQUEST_FAILED.
 */
export interface ScaleClient {
  /** The scale, from the cache where that knows the kind. */
  getScale(reference: ScaleReference, namespace: string, signal?: AbortSignal): Promise<ScaleView>;
  /** The scale as it is at the API server now. */
  getLiveScale(reference: ScaleReference, namespace: string, signal?: AbortSignal): Promise<ScaleView>;
  /** Sets spec.replicas, if the object is still the one that `scale` was read from; an ApiStatusError with isConflict otherwise. */
  updateScale(update: ScaleUpdate, signal?: AbortSignal): Promise<ScaleView>;
}

export interface ScaleUpdate {
  readonly reference: ScaleReference;
  readonly namespace: string;
  /** What was decided on. */
  readonly scale: ScaleView;
  readonly replicas: number;
  /** See ApiRequest. */
  readonly isPrepaid?: boolean | undefined;
}

export interface ScaleClientOptions {
  readonly client: ApiClient;
  readonly mapper: RestMapper;
  readonly cache?: ScaleCache | undefined;
}

export function createScaleClient({ client, mapper, cache }: ScaleClientOptions): ScaleClient {
  const resourceOf = (reference: ScaleReference, signal: AbortSignal | undefined): Promise<ServedResource> =>
    mapper.resourceFor(reference.kind, groupOf(reference), signal);

  const getLiveScale: ScaleClient['getLiveScale'] = async (reference, namespace, signal) => {
    const path = scalePath(await resourceOf(reference, signal), namespace, reference.name);
    return projectScale(await client.request({ method: 'GET', path, signal }));
  };

  return {
    getLiveScale,
    getScale: async (reference, namespace, signal) => {
      const { kind, name } = reference;
      const cached = cache?.get(groupOf(reference), kind, namespace, name) ?? { outcome: 'unknown' };
      switch (cached.outcome) {
        case 'found':
          return cached.scale;
        case 'missing':
          throw notFound(cached.kind, name);
        case 'unknown':
          return getLiveScale(reference, namespace, signal);
      }
    },
    updateScale: async ({ reference, namespace, scale, replicas, isPrepaid }, signal) => {
      const resource = await resourceOf(reference, signal);
      const { name } = reference;
      const answer: unknown = await client.request({
        method: 'PUT',
        path: scalePath(resource, namespace, name),
        body: {
          kind: 'Scale',
          apiVersion: resource.scaleApiVersion ?? 'autoscaling/v1',
          metadata: { name, namespace, uid: scale.uid, resourceVersion: scale.resourceVersion },
          spec: { replicas },
          status: { replicas: scale.statusReplicas, selector: scale.selector },
        },
        isPrepaid,
        priority: 'urgent',
        signal,
      });
      return projectScale(answer);
    },
  };
}

function groupOf({ apiVersion }: ScaleReference): string {
  const groupVersion = parseGroupVersion(apiVersion);
  if (groupVersion === undefined) {
    throw new HeadroomError('OBJECT_INVALID', `unexpected GroupVersion string: ${apiVersion}`, { retryable: false });
  }
  return groupVersion.group;
}

function scalePath(resource: ServedResource, namespace: string, name: string): string {
  const base = groupVersionPath(resource.group, resource.version);
  return `${base}/namespaces/${encodeURIComponent(namespace)}/${resource.resource}/${encodeURIComponent(name)}/scale`;
}
