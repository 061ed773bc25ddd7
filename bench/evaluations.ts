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

const groups: ReadonlySet<string | undefined> = new Set(['autoscaling', 'apps', 'events.k8s.io']);
const metricsGroup = 'metrics.k8s.io';
/** Of this benchmark itself, and of caches that are filled once. */
const others: ReadonlySet<string | undefined> = new Set(['WATCH', 'LIST']);

/**
 * Requests to the API server about autoscalers, scales, metrics and events. Those that it hands on to the Metrics API it does not count itself: metrics-server
 * does. Headroom sends itself none.
 */
export async function requestsForAutoscaling(
  name: ContenderName,
  { api, served }: { readonly api: ApiReader; readonly served: MetricsApi },
): Promise<number> {
  const counter = 'apiserver_request_total';
  const answered = sumOf(
    await api.metrics(),
    counter,
    ({ group, resource, verb }) => resource === 'events' || (groups.has(group) && !others.has(verb)),
  );
  if (name !== 'reference') return answered;
  return answered + sumOf(await served.selfMetrics(), counter, ({ group }) => group === metricsGroup);
}
