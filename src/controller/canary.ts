// Edge: the canary, an HPA of our own whose target does not exist and whose status we never write.
import { parseAutoscaler } from '../crd/parse.ts';
import { autoscalerPath } from '../crd/resources.ts';
import type { Autoscaler } from '../crd/types.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../kube/api-status-error.ts';
import type { ApiClient } from '../kube/types.ts';

export const canaryName = 'headroom-canary';

const kind = 'HorizontalPodAutoscaler';

/** The canary at the API server. What fails throws, but for what is so already. */
export class Canary {
  readonly #api: ApiClient;
  readonly #namespace: string;
  readonly #path: string;

  constructor(api: ApiClient, namespace: string) {
    this.#api = api;
    this.#namespace = namespace;
    this.#path = autoscalerPath({ kind, namespace, name: canaryName });
  }

  /** As it is now, not as a cache has it; undefined: there is none. */
  async read(deadlineMs: number, signal: AbortSignal): Promise<Autoscaler | undefined> {
    try {
      return parseAutoscaler(await this.#api.request({ method: 'GET', path: this.#path, deadlineMs, signal }), kind);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Its uid; undefined when there is one already, which the caches have not seen yet. */
  async make(signal: AbortSignal): Promise<string | undefined> {
    const path = autoscalerPath({ kind, namespace: this.#namespace, name: '' }).slice(0, -1);
    try {
      const body = manifest(this.#namespace);
      const made = await this.#api.request<{ metadata?: { uid?: string } }>({ method: 'POST', path, body, signal });
      return made.metadata?.uid;
    } catch (error) {
      if (isAlreadyExists(error)) return undefined;
      throw error;
    }
  }

  /** Only the one with this uid: another leader may have made a new one. */
  async delete(uid: string, signal: AbortSignal): Promise<void> {
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } };
    try {
      await this.#api.request({ method: 'DELETE', path: this.#path, body, signal });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}

function manifest(namespace: string): object {
  const note =
    'Made by Headroom to see whether another controller reconciles HorizontalPodAutoscalers: its target does not exist. Removed when Headroom stops.';
  return {
    apiVersion: 'autoscaling/v2',
    kind,
    metadata: {
      name: canaryName,
      namespace,
      labels: { 'app.kubernetes.io/name': 'headroom', 'app.kubernetes.io/component': 'canary' },
      annotations: { 'kubernetes.io/description': note },
    },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'headroom-canary-has-no-target' },
      minReplicas: 1,
      maxReplicas: 1,
    },
  };
}
