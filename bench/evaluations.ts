// Edge: how often autoscalers were evaluated so far, and what the API server was asked for it.
import type { ApiReader } from './api-reader.ts';
import type { MetricsApi } from './metrics-api.ts';
import { sumOf } from './metrics-text.ts';
import type { ContenderName } from './options.ts';
import type { Stage } from './stage.ts';

export interface Evaluations {
  /** Whole syncs. */
  readonly evaluations: number;
  /** Syncs, and looks between them that samples called for. */
  readonly looks: number;
}

export async function evaluationsOf(
  name: ContenderName,
  { api, served, stage }: { readonly api: ApiReader; readonly served: MetricsApi; readonly stage: Stage },
): Promise<Evaluations> {
  if (name === 'reference') {
    const page = await api.metrics(`https://127.0.0.1:${stage.controlPlane.ports.controllerManager}`);
    const evaluations = sumOf(page, 'horizontal_pod_autoscaler_controller_reconciliations_total');
    return { evaluations, looks: evaluations };
  }
  const page = await served.selfMetrics();
  const looks = (trigger: string): number =>
    sumOf(page, 'headroom_controller_looks_total', (labels) => labels['trigger'] === trigger);
  return { evaluations: looks('sync'), looks: looks('sync') + looks('event') };
}

const groups: ReadonlySet<string | undefined> = new Set(['autoscaling', 'apps', 'metrics.k8s.io', 'events.k8s.io']);
/** Of this benchmark itself, and of caches that are filled once. */
const others: ReadonlySet<string | undefined> = new Set(['WATCH', 'LIST']);

/** Requests about autoscalers, scales, metrics and events. Lists count only where they are lists of metrics. */
export async function requestsForAutoscaling(api: ApiReader): Promise<number> {
  return sumOf(await api.metrics(), 'apiserver_request_total', ({ group, resource, verb }) => {
    if (resource === 'events') return true;
    return groups.has(group) && (group === 'metrics.k8s.io' || !others.has(verb));
  });
}
