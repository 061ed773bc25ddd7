// Pure: targets that cannot be scaled, that several autoscalers share, or that the files set back.
import { scaleNotRead, scalingDisabled } from '../../controller/decide/conditions.ts';
import { describeRefusal, describeSelectorFailure } from '../../controller/decide/selector-check.ts';
import { goQuote } from '../../lib/go-quote.ts';
import { conditionText } from './condition-text.ts';
import { lasting } from './replaced.ts';
import type { ValidAutoscaler, Warning, Workload } from './types.ts';
import { groupOf } from './workload.ts';

/** Of these groups everything that has a scale is known. */
const scalable: ReadonlyMap<string, readonly string[]> = new Map([
  ['', ['ReplicationController']],
  ['apps', ['Deployment', 'ReplicaSet', 'StatefulSet']],
  ['batch', []],
]);
const withoutScale: ReadonlyMap<string, readonly string[]> = new Map([
  ['apps', ['DaemonSet', 'ControllerRevision']],
  ['batch', ['Job', 'CronJob']],
]);
/** Once served Deployments and ReplicaSets; nobody has it since 1.22. */
const gone = 'extensions';

export function senseTargets(all: readonly ValidAutoscaler[]): Warning[] {
  return [...all.flatMap(cannotScale), ...sharedTargets(lasting(all)), ...setBack(all)];
}

function cannotScale({ object, fields, autoscaler }: ValidAutoscaler): Warning[] {
  const { apiVersion, kind } = autoscaler.spec.scaleTargetRef;
  const group = groupOf(apiVersion);
  const field = fields.descend('spec', 'scaleTargetRef', group === gone ? 'apiVersion' : 'kind');
  const known = scalable.get(group);
  if (group !== gone && (known === undefined || names(known, kind))) return [];
  const error = names(withoutScale.get(group) ?? [], kind)
    ? 'the server could not find the requested resource'
    : `no matches for kind ${goQuote(kind)} in group ${goQuote(group)}`;
  const advice =
    group === gone
      ? 'write apiVersion: apps/v1'
      : `name one of ${[...scalable.values()].flat().join(', ')}, or a custom resource with a scale`;
  return [{ object, field: field.path, at: field.at, message: conditionText(scaleNotRead(error)), advice }];
}

/** The mapper of kinds takes them in lower case too, and in no other. */
function names(kinds: readonly string[], kind: string): boolean {
  return kinds.some((known) => known === kind || known.toLowerCase() === kind);
}

/** Each of the autoscalers that get into each other's way is told. */
function sharedTargets(all: readonly ValidAutoscaler[]): Warning[] {
  const byTarget = Map.groupBy(all, (one) => targetKey(one.autoscaler));
  const withPods = all.filter(({ workload }) => workload !== undefined);
  return all.flatMap((one): Warning[] => {
    const sameTarget = byTarget.get(targetKey(one.autoscaler)) ?? [];
    const involved = new Set([...sameTarget, ...withPods.filter((other) => sharePods(one, other))]);
    involved.delete(one);
    if (involved.size === 0) return [];
    const rivals = all.filter((other) => involved.has(other));
    return [shared(one, rivals)];
  });
}

function shared(
  { object, fields, autoscaler, workload }: ValidAutoscaler,
  rivals: readonly ValidAutoscaler[],
): Warning {
  const { path, at } = fields.descend('spec', 'scaleTargetRef');
  const others = rivals.map(({ object: { file }, fields }) => `${file}:${fields.at.line}`).join(', ');
  return {
    object,
    field: path,
    at,
    message: sharedText(autoscaler, rivals, workload),
    advice: `keep one autoscaler for these pods; the others are at ${others}`,
  };
}

function sharedText(
  autoscaler: ValidAutoscaler['autoscaler'],
  rivals: readonly ValidAutoscaler[],
  workload: Workload | undefined,
): string {
  const all = [autoscaler, ...rivals.map((rival) => rival.autoscaler)];
  const ofOtherKind = all.some(({ kind }) => kind !== autoscaler.kind);
  const isSameTarget = rivals.every((rival) => targetKey(rival.autoscaler) === targetKey(autoscaler));
  if (ofOtherKind && isSameTarget) {
    const { kind, name } = autoscaler.spec.scaleTargetRef;
    const message = describeRefusal({ kind, namespace: autoscaler.namespace, name }, all);
    return failureText({ kind: 'refused', message }, '');
  }
  const names = all.map(({ kind, namespace, name }) => {
    return kind === 'HorizontalPodAutoscaler' ? `${namespace}/${name}` : `${kind}/${namespace}/${name}`;
  });
  return failureText({ kind: 'ambiguous', autoscalers: names }, workload?.selector?.toString() || 'of its target');
}

function failureText(selector: Parameters<typeof describeSelectorFailure>[0], text: string): string {
  const failure = describeSelectorFailure(selector, text);
  return failure === undefined ? '' : conditionText(failure.condition);
}

/** Whether both select the pods of either. */
function sharePods(a: ValidAutoscaler, b: ValidAutoscaler): boolean {
  if (a.autoscaler.namespace !== b.autoscaler.namespace) return false;
  return [a.workload, b.workload].some((workload) => {
    return workload !== undefined && selects(a.workload, workload) && selects(b.workload, workload);
  });
}

function selects(workload: Workload | undefined, pods: Workload): boolean {
  return workload?.selector?.matches(pods.podLabels) === true;
}

function targetKey({ namespace, spec }: ValidAutoscaler['autoscaler']): string {
  const { apiVersion, kind, name } = spec.scaleTargetRef;
  return `${namespace}/${groupOf(apiVersion)}/${kind.toLowerCase()}/${name}`;
}

/** Replicas in the manifest of a target are set again with each `kubectl apply`. Told once for each target. */
function setBack(all: readonly ValidAutoscaler[]): Warning[] {
  const scaled = new Map(all.flatMap((one) => (one.workload === undefined ? [] : [[one.workload, one] as const])));
  return [...scaled].flatMap(([workload, { autoscaler }]): Warning[] => {
    const replicas = workload.fields.descend('spec', 'replicas');
    if (!replicas.isPresent) return [];
    const isOff = replicas.integer() === 0 && autoscaler.spec.minReplicas !== 0;
    const message = isOff
      ? conditionText(scalingDisabled)
      : `each kubectl apply of this manifest sets ${replicas.integer()} replicas, whatever its autoscaler wants`;
    const advice = 'leave spec.replicas out of the manifest of a workload that is scaled';
    return [{ object: workload.object, field: replicas.path, at: replicas.at, message, advice }];
  });
}
