// Pure: the calls to the API server that bring a generated world about.
import { wireTime } from '../../cluster/sim/wire-time.ts';
import { widgetDefinition } from '../../support/workload-builders.ts';
import { apiVersions, refusingNamespace } from './make-groups.ts';
import type { ApiWrite, Group, HpaModel, Json, PodModel, PodState, TargetKind, TargetModel } from './model.ts';

const runtimeClass = 'with-overhead';
/** Of pods that are told to stop and do not. */
const graceSeconds = 3600;

/** The whole world in the order in which it must come about; the writes of one list do not depend on each other. */
export function setupWrites(groups: readonly Group[], startMs: number): readonly (readonly ApiWrite[])[] {
  const namespaces = [lastWordNamespace, ...new Set(groups.map(({ namespace }) => namespace))];
  const pods = groups.flatMap((group) => group.pods.map((pod) => ({ group, pod })));
  const targets = groups.flatMap((group) =>
    group.targets.filter(({ exists }) => exists).map((target) => ({ group, target })),
  );
  return [
    [
      ...namespaces.map((name) => post('/api/v1/namespaces', { metadata: { name } })),
      post('/apis/node.k8s.io/v1/runtimeclasses', {
        metadata: { name: runtimeClass },
        handler: 'any',
        overhead: { podFixed: { cpu: '120m', memory: '64Mi' } },
      }),
      post('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgetDefinition),
      ...refusingPolicy.map(({ resource, body }) => post(`/apis/admissionregistration.k8s.io/v1/${resource}`, body)),
    ],
    namespaces.map((name) => post(`/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: 'default' } })),
    [
      ...targets.map(({ group, target }) => createTarget(group, target)),
      ...pods.map(({ group, pod }) => createPod(group, pod)),
    ],
    [
      ...targets.flatMap(({ group, target }) => widgetStatus(group, target)),
      ...pods.filter(({ pod }) => pod.state !== 'bare').map(({ group, pod }) => podStatusWrite(group, pod, startMs)),
    ],
    pods.filter(({ pod }) => pod.terminating).map(({ group, pod }) => deletePod(group, pod, graceSeconds)),
  ];
}

const refusal = { name: 'refuse-scales' };
const refusingPolicy = [
  {
    resource: 'validatingadmissionpolicies',
    body: {
      metadata: refusal,
      spec: {
        matchConstraints: {
          namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': refusingNamespace } },
          resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['UPDATE'], resources: ['*/scale'] }],
        },
        validations: [{ expression: 'false', message: 'nobody may scale here' }],
      },
    },
  },
  {
    resource: 'validatingadmissionpolicybindings',
    body: { metadata: refusal, spec: { policyName: refusal.name, validationActions: ['Deny'] } },
  },
];

/** All HPAs that are there from the start. */
export function hpaWrites(groups: readonly Group[]): readonly ApiWrite[] {
  return groups.flatMap((group) =>
    group.hpas.filter(({ life }) => life === 'there').map((hpa) => createHpa(group, hpa)),
  );
}

export const lastWordNamespace = 'parity-last-words';

/** An HPA of which nothing is ever said but that its target does not exist. */
export function createLastWord(name: string): ApiWrite {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name };
  const spec = { scaleTargetRef, maxReplicas: 1 };
  return post(hpaCollection({ namespace: lastWordNamespace }), hpaObject({ name, spec }));
}

export function deleteLastWord(name: string): ApiWrite {
  return { method: 'DELETE', path: `${hpaCollection({ namespace: lastWordNamespace })}/${name}` };
}

export function createHpa(group: Group, hpa: HpaModel): ApiWrite {
  return post(hpaCollection(group), hpaObject(hpa));
}

export function replaceHpa(group: Group, hpa: HpaModel): ApiWrite {
  return { method: 'PUT', path: `${hpaCollection(group)}/${hpa.name}`, body: hpaObject(hpa) };
}

export function deleteHpa(group: Group, hpa: HpaModel): ApiWrite {
  return { method: 'DELETE', path: `${hpaCollection(group)}/${hpa.name}` };
}

export function scaleByHand(group: Group, target: TargetModel): ApiWrite {
  return { method: 'PATCH', path: targetPath(group, target), body: { spec: { replicas: target.replicas } } };
}

/** Tells a pod to stop; with a grace period it stays until somebody has stopped it, which nobody does here. */
export function deletePod(group: Group, pod: PodModel, gracePeriodSeconds: number = graceSeconds): ApiWrite {
  return { method: 'DELETE', path: podPath(group, pod), body: { gracePeriodSeconds } };
}

export function relabelPod(group: Group, pod: PodModel, labels: Json): ApiWrite {
  return { method: 'PATCH', path: podPath(group, pod), body: { metadata: { labels } } };
}

export function podStatusWrite(group: Group, pod: PodModel, nowMs: number): ApiWrite {
  return { method: 'PATCH', path: `${podPath(group, pod)}/status`, body: { status: podStatus(pod.state, nowMs) } };
}

const collections: Readonly<Record<TargetKind, string>> = {
  Deployment: '/apis/apps/v1/namespaces/{ns}/deployments',
  StatefulSet: '/apis/apps/v1/namespaces/{ns}/statefulsets',
  ReplicaSet: '/apis/apps/v1/namespaces/{ns}/replicasets',
  ReplicationController: '/api/v1/namespaces/{ns}/replicationcontrollers',
  Widget: '/apis/example.com/v1/namespaces/{ns}/widgets',
};

export function targetPath({ namespace }: Group, { kind, name }: TargetModel): string {
  return `${collections[kind].replace('{ns}', namespace)}/${name}`;
}

export function createTarget(group: Group, target: TargetModel): ApiWrite {
  const { kind, name, replicas, selector } = target;
  const path = collections[kind].replace('{ns}', group.namespace);
  const template = {
    metadata: { labels: selector },
    spec: { containers: [{ name: 'app', image: 'any' }] },
  };
  const spec = kind === 'Widget' ? { replicas } : { replicas, template, selector: selectorOf(target) };
  return post(path, { apiVersion: apiVersions[kind], kind, metadata: { name }, spec });
}

export function deleteTarget(group: Group, target: TargetModel): ApiWrite {
  return { method: 'DELETE', path: targetPath(group, target), body: { propagationPolicy: 'Background' } };
}

function selectorOf({ kind, selector, expressions }: TargetModel): Json {
  return kind === 'ReplicationController' ? selector : { matchLabels: selector, matchExpressions: expressions };
}

function widgetStatus(group: Group, target: TargetModel): ApiWrite[] {
  if (target.kind !== 'Widget') return [];
  const { replicas, selectorText: selector = '' } = target;
  const status = { replicas, ...(selector === '' ? {} : { selector }) };
  return [{ method: 'PATCH', path: `${targetPath(group, target)}/status`, body: { status } }];
}

export function createPod(group: Group, pod: PodModel): ApiWrite {
  const container = ({ name, requests, init }: PodModel['containers'][number]): Json => ({
    name,
    image: 'any',
    resources: { requests },
    ...(init === 'sidecar' ? { restartPolicy: 'Always' } : {}),
  });
  return post(`/api/v1/namespaces/${group.namespace}/pods`, {
    metadata: { name: pod.name, labels: pod.labels },
    spec: {
      nodeName: nodeName(group.node),
      automountServiceAccountToken: false,
      containers: pod.containers.filter(({ init }) => init === undefined).map(container),
      initContainers: pod.containers.filter(({ init }) => init !== undefined).map(container),
      ...(pod.requests === undefined ? {} : { resources: { requests: pod.requests } }),
      ...(pod.overhead ? { runtimeClassName: runtimeClass } : {}),
    },
  });
}

export function nodeName(index: number): string {
  return `parity-${index}`;
}

interface Ready {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly sinceMs: number;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** The initialization period of both controllers is 30 minutes: nothing comes of age during a run. */
function podStatus(state: PodState, nowMs: number): Json {
  const old = nowMs - 3 * hourMs;
  const young = nowMs - 5 * minuteMs;
  const running = (startedMs: number | undefined, ready?: Ready): Json => ({
    phase: 'Running',
    startTime: startedMs === undefined ? null : wireTime(startedMs),
    conditions: ready === undefined ? [] : [readyCondition(ready)],
  });
  const notReady = [readyCondition({ status: 'False', sinceMs: nowMs })];
  const statuses: Readonly<Record<PodState, Json>> = {
    ready: running(old, { status: 'True', sinceMs: old + 10 * secondMs }),
    'never-ready': running(old, { status: 'False', sinceMs: old + 10 * secondMs }),
    'was-ready': running(old, { status: 'False', sinceMs: nowMs - 10 * minuteMs }),
    unknown: running(old, { status: 'Unknown', sinceMs: nowMs - 10 * minuteMs }),
    'no-condition': running(old),
    'no-start-time': running(undefined, { status: 'True', sinceMs: old }),
    'young-ready': running(young, { status: 'True', sinceMs: young + 10 * secondMs }),
    'young-unready': running(young, { status: 'False', sinceMs: young + 10 * secondMs }),
    'young-ready-later': running(young, { status: 'True', sinceMs: nowMs + hourMs }),
    // Counts from the first sample on whose window began after the pod was ready: both sides see the same samples.
    new: running(nowMs, { status: 'True', sinceMs: nowMs }),
    // What the API server makes of a pod that no kubelet has seen; never written.
    bare: { phase: 'Pending' },
    pending: { phase: 'Pending', startTime: wireTime(nowMs), conditions: notReady },
    failed: { phase: 'Failed', startTime: wireTime(old), conditions: [] },
    succeeded: { phase: 'Succeeded', startTime: wireTime(old), conditions: notReady },
  };
  return statuses[state];
}

function readyCondition({ status, sinceMs }: Ready): Json {
  return { type: 'Ready', status, lastTransitionTime: wireTime(sinceMs) };
}

function podPath({ namespace }: Group, { name }: PodModel): string {
  return `/api/v1/namespaces/${namespace}/pods/${name}`;
}

export const hpaPath = '/apis/autoscaling/v2/horizontalpodautoscalers';

function hpaCollection({ namespace }: Pick<Group, 'namespace'>): string {
  return `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;
}

function hpaObject({ name, spec }: Pick<HpaModel, 'name' | 'spec'>): Json {
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name }, spec };
}

function post(path: string, body: unknown): ApiWrite {
  return { method: 'POST', path, body };
}
