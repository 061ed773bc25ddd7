// Edge: what is compared of each autoscaler: replicas, status and events, without instants.
import { type AutoscalerKind, collectionOf } from './objects.ts';
import type { Side } from './side.ts';

interface ApiCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ApiAutoscaler {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status?: {
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly currentMetrics?: unknown;
    readonly conditions?: readonly ApiCondition[];
  };
}

interface ApiEvent {
  readonly involvedObject: { readonly uid: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

interface ApiDeployment {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly replicas: number };
}

export interface AutoscalerState {
  /** spec.replicas of the target. */
  readonly replicas: number | undefined;
  readonly currentReplicas: number | undefined;
  readonly desiredReplicas: number | undefined;
  readonly currentMetrics: unknown;
  /** `ScalingActive True ValidMetricFound: text`, in order. */
  readonly conditions: readonly string[];
  /** `Normal SuccessfulRescale: text`, sorted, each once; see `eventTexts`. */
  readonly events: readonly string[];
}

/** By the autoscaler's name. Its namespace is called `ns` wherever it is named. */
export async function takeSnapshot(
  { api }: Side,
  kind: AutoscalerKind,
  namespace: string,
): Promise<ReadonlyMap<string, AutoscalerState>> {
  const list = async <T>(path: string): Promise<readonly T[]> => {
    const { items } = await api.request<{ items: T[] }>({ method: 'GET', path });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same items, in other words
    return JSON.parse(JSON.stringify(items).replaceAll(namespace, 'ns')) as T[];
  };
  const [autoscalers, events, targets] = await Promise.all([
    list<ApiAutoscaler>(collectionOf(kind, namespace)),
    list<ApiEvent>(`/api/v1/namespaces/${namespace}/events`),
    list<ApiDeployment>(`/apis/apps/v1/namespaces/${namespace}/deployments`),
  ]);
  const replicas = new Map(targets.map(({ metadata, spec }) => [metadata.name, spec.replicas]));
  return new Map(
    autoscalers.map(({ metadata: { name, uid }, status = {} }) => [
      name,
      {
        replicas: replicas.get(name),
        currentReplicas: status.currentReplicas,
        desiredReplicas: status.desiredReplicas,
        // An empty list is null in an HPA and absent in a custom resource.
        currentMetrics: status.currentMetrics ?? undefined,
        conditions: (status.conditions ?? []).map(conditionText),
        events: eventTexts(
          events.filter(({ involvedObject }) => involvedObject.uid === uid),
          status.conditions ?? [],
        ),
      },
    ]),
  );
}

function conditionText({ type, status, reason = '', message = '' }: ApiCondition): string {
  return `${type} ${status} ${reason}: ${message}`;
}

/**
 * Changes of replicas, and the warnings that say what ScalingActive says now. On a busy machine the aggregator takes a server for unavailable now and
 * then, and a warning of that is chance.
 */
function eventTexts(events: readonly ApiEvent[], conditions: readonly ApiCondition[]): readonly string[] {
  const failure = conditions.find(({ type, status }) => type === 'ScalingActive' && status === 'False')?.message;
  const cause = failure?.replace('the HPA was unable to compute the replica count: ', '');
  const said = events.filter(({ type, message }) => {
    return type === 'Normal' || (cause !== undefined && message.endsWith(cause));
  });
  return [...new Set(said.map(({ type, reason, message }) => `${type} ${reason}: ${message}`))].toSorted();
}
