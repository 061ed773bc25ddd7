// Edge: what the API server says about the example right now, as kubectl would be told.
import type { ApiClient } from '../src/kube/types.ts';
import { parseQuantityNumber } from '../src/lib/quantity.ts';
import type { Example } from './manifests.ts';

/** A condition of the autoscaler. */
export interface ConditionView {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface ClusterView {
  /** Headings and cells of `kubectl get hpa`. */
  readonly columns: readonly string[];
  readonly cells: readonly string[];
  readonly conditions: readonly ConditionView[];
  /** spec.replicas of the Deployment, and how many of its pods are ready. */
  readonly replicas: number;
  readonly readyReplicas: number;
  /** From the Metrics API; undefined when it has no pod of the example. */
  readonly usedCores: number | undefined;
  readonly measuredPods: number;
  /** CPU used over CPU requested by the pods that are measured. */
  readonly utilization: number | undefined;
}

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

interface PodMetricsList {
  readonly items: readonly { readonly containers: readonly { readonly usage: { readonly cpu: string } }[] }[];
}

const asTable = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const deadlineMs = 3_000;

/** Four small requests. Throws when the API server or Headroom's Metrics API does not answer. */
export async function observe(client: ApiClient, example: Example, signal: AbortSignal): Promise<ClusterView> {
  const { name } = example;
  const get = <T>(path: string, accept?: string): Promise<T> =>
    client.request<T>({ method: 'GET', path, accept, deadlineMs, signal });
  const autoscalerPath = `/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers/${name}`;
  const [table, autoscaler, deployment, metrics] = await Promise.all([
    get<Table>(autoscalerPath, asTable),
    get<{ readonly status?: { readonly conditions?: readonly ConditionView[] } }>(autoscalerPath),
    get<{ readonly spec: { readonly replicas: number }; readonly status: { readonly readyReplicas?: number } }>(
      `/apis/apps/v1/namespaces/default/deployments/${name}`,
    ),
    client.request<PodMetricsList>({
      method: 'GET',
      path: '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods',
      query: { labelSelector: `app=${name}` },
      deadlineMs,
      signal,
    }),
  ]);
  return {
    ...printedRow(table),
    conditions: autoscaler.status?.conditions ?? [],
    replicas: deployment.spec.replicas,
    readyReplicas: deployment.status.readyReplicas ?? 0,
    ...usageOf(metrics, example),
  };
}

/** kubectl shows the columns of priority 0 and writes their names in capitals. */
function printedRow({ columnDefinitions, rows }: Table): Pick<ClusterView, 'columns' | 'cells'> {
  const shown = columnDefinitions.map(({ priority }) => priority === 0);
  const cells = (rows[0]?.cells ?? []).map(String);
  return {
    columns: columnDefinitions.filter((_, index) => shown[index]).map(({ name }) => name.toUpperCase()),
    cells: cells.filter((_, index) => shown[index]),
  };
}

function usageOf(
  { items }: PodMetricsList,
  { cpuRequestMilli }: Example,
): Pick<ClusterView, 'usedCores' | 'measuredPods' | 'utilization'> {
  const measuredPods = items.length;
  if (measuredPods === 0) return { usedCores: undefined, measuredPods, utilization: undefined };
  const containers = items.flatMap((pod) => pod.containers);
  const usedCores = containers.reduce((sum, { usage }) => sum + parseQuantityNumber(usage.cpu), 0);
  return { usedCores, measuredPods, utilization: usedCores / ((cpuRequestMilli / 1000) * measuredPods) };
}
