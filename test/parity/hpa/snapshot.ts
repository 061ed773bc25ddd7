// Edge and pure: what is compared of each HPA, with chance taken out.
import { refusingNamespace } from './make-groups.ts';
import type { Group, Json } from './model.ts';
import type { ReportedEvent } from './reported-events.ts';
import type { Side } from './side.ts';
import { targetPath } from './writes.ts';

interface ApiCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string | null;
}

export interface ApiHpa {
  readonly metadata: {
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
    readonly creationTimestamp: string;
  };
  /** Absent in a HeadroomAutoscaler that was not looked at yet. */
  readonly status?: {
    readonly lastScaleTime?: string;
    readonly currentReplicas?: number;
    readonly desiredReplicas?: number;
    readonly observedGeneration?: number;
    readonly currentMetrics?: unknown;
    readonly conditions?: readonly ApiCondition[];
  };
}

interface ApiEvent {
  readonly involvedObject: { readonly uid: string };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count?: number;
}

/** Field name to value; values are compared as JSON. */
export type Fields = Readonly<Record<string, unknown>>;

export interface EventSet {
  /** `Warning FailedGetScale: text`, sorted. */
  readonly texts: readonly string[];
  /** How often each type was written: a recorder lets 25 through and drops the rest. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface HpaSnapshot {
  readonly fields: Fields;
  readonly events: EventSet;
}

export async function readHpas(side: Side): Promise<ReadonlyMap<string, ApiHpa>> {
  const { items } = await side.read<{ items: ApiHpa[] }>(side.autoscalersPath);
  return new Map(items.map((hpa) => [`${hpa.metadata.namespace}/${hpa.metadata.name}`, hpa]));
}

/** Everything of every HPA, by namespace/name. `sinceMs`: when the step began. */
export async function takeSnapshots(
  side: Side,
  groups: readonly Group[],
  sinceMs: number,
): Promise<ReadonlyMap<string, HpaSnapshot>> {
  const [hpas, events, reported, replicas] = await Promise.all([
    readHpas(side),
    readEvents(side),
    side.reportedEvents(),
    readReplicas(side, groups),
  ]);
  const reportedByHpa = reported && Map.groupBy(reported, ({ hpa }) => hpa);
  const snapshots = new Map<string, HpaSnapshot>();
  for (const [key, hpa] of hpas) {
    snapshots.set(key, {
      fields: { replicas: replicas.get(key), ...hpaFields(hpa, sinceMs) },
      events: eventSet(events.get(hpa.metadata.uid) ?? [], reportedByHpa && reportedOf(hpa, reportedByHpa.get(key))),
    });
  }
  return snapshots;
}

/** The status, one field for each thing that may differ by itself. */
export function hpaFields({ metadata, status = {} }: ApiHpa, sinceMs: number): Fields {
  const conditions = status.conditions ?? [];
  return {
    // An HPA leaves a zero out where a custom resource may have it.
    currentReplicas: status.currentReplicas ?? 0,
    desiredReplicas: status.desiredReplicas ?? 0,
    observedGeneration: status.observedGeneration,
    currentMetrics: status.currentMetrics ?? null,
    lastScaleTime: whenText(status.lastScaleTime, sinceMs),
    conditionOrder: conditions.map(({ type }) => type),
    ...Object.fromEntries(
      conditions.map((condition) => {
        const isFlapping = metadata.namespace === refusingNamespace && condition.type === 'AbleToScale';
        return [condition.type, conditionFields(condition, isFlapping ? undefined : sinceMs)];
      }),
    ),
  };
}

/** `sinceMs` undefined: each sync reads the scale and fails to write it, so it is chance when the last of them was. */
function conditionFields(
  { status, reason, message, lastTransitionTime }: ApiCondition,
  sinceMs: number | undefined,
): Json {
  const since = sinceMs === undefined ? 'any time' : whenText(lastTransitionTime, sinceMs);
  return { status, reason, message: withoutChance(message ?? ''), since };
}

/** Instants differ; that something happened in this step does not. */
function whenText(time: string | null | undefined, sinceMs: number): string {
  if (time === undefined || time === null) return 'never';
  // Written in whole seconds.
  return Date.parse(time) >= Math.floor(sinceMs / 1000) * 1000 ? 'in this step' : 'before';
}

/**
 * What upstream leaves to the order of a map: which of several pods without a request is named, and in what order rivals are.
 */
function withoutChance(message: string): string {
  return message
    .replace(/(missing request for \S+ in container )\S+( of Pod )\S+/g, '$1*$2*')
    .replace(/(missing pod-level request for \S+ in Pod |container \S+ not found in Pod )\S+/g, '$1*')
    .replace(/(are controlled by multiple HPAs: )\[([^\]]*)\]/, (_all, start: string, names: string) => {
      return `${start}[${names.split(' ').toSorted().join(' ')}]`;
    });
}

async function readEvents(side: Side): Promise<ReadonlyMap<string, readonly ApiEvent[]>> {
  const { items } = await side.read<{ items: ApiEvent[] }>('/api/v1/events');
  return Map.groupBy(items, ({ involvedObject }) => involvedObject.uid);
}

/** A conflict of two writers is chance; docs/autoscaling.md 7 says what each program does about it. */
const isConflict = ({ message }: Pick<ApiEvent, 'message'>): boolean =>
  message.includes('the object has been modified');

/** What Headroom puts before the names of HeadroomAutoscalers among rivals (K14); that it does is seen in the condition of the same text. */
const withoutKind = (message: string): string => message.replaceAll('HeadroomAutoscaler:', '');

/** Of this object, not of one of the same name before it. */
function reportedOf({ metadata }: ApiHpa, reported: readonly ReportedEvent[] = []): readonly ReportedEvent[] {
  return reported.filter(({ atMs }) => atMs >= Date.parse(metadata.creationTimestamp));
}

/** `reported`: all that there were, written or not; undefined when only the written ones are known. */
function eventSet(written: readonly ApiEvent[], reported: readonly ReportedEvent[] | undefined): EventSet {
  const counts: Record<string, number> = {};
  // Of what was reported nothing is missing.
  if (reported === undefined) for (const { type, count = 1 } of written) counts[type] = (counts[type] ?? 0) + count;
  const texts = [...written, ...(reported ?? [])]
    .filter((event) => !isConflict(event))
    .map(({ type, reason, message }) => `${type} ${reason}: ${withoutChance(withoutKind(message))}`);
  return { texts: [...new Set(texts)].toSorted(), counts };
}

interface ApiTarget {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly replicas?: number };
}

/** spec.replicas of the target that has the HPA's name. */
async function readReplicas(side: Side, groups: readonly Group[]): Promise<ReadonlyMap<string, number>> {
  const paths = new Set(
    groups.flatMap((group) =>
      group.targets.map((target) =>
        targetPath(group, target)
          .replace(/\/[^/]+$/, '')
          .replace(/\/namespaces\/[^/]+/, ''),
      ),
    ),
  );
  const lists = await Promise.all([...paths].map((path) => side.read<{ items: ApiTarget[] }>(path)));
  return new Map(
    lists
      .flatMap(({ items }) => items)
      .map(({ metadata, spec }) => [`${metadata.namespace}/${metadata.name}`, spec.replicas ?? 0]),
  );
}
