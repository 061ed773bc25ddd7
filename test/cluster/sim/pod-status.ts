// Pure: the status that a kubelet reports for a pod. Source of words and order: pkg/kubelet/status/generate.go.
import type { ContainerLife, PodLife } from './pod-lifecycle.ts';
import type { ApiPod } from './pod-object.ts';
import { wireTime } from './wire-time.ts';

export interface PodAddresses {
  readonly hostIp: string;
  readonly podIp: string;
}

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastProbeTime: null;
  readonly lastTransitionTime: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A strategic merge patch of the status: conditions of other writers stay. */
export function podStatusPatch(pod: ApiPod, life: PodLife, addresses: PodAddresses): { readonly status: unknown } {
  const started = Object.keys(life.containers).length > 0;
  return {
    status: {
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      phase: phaseOf(life, started),
      startTime: wireTime(life.acceptedAtMs),
      hostIP: addresses.hostIp,
      hostIPs: [{ ip: addresses.hostIp }],
      ...(started ? { podIP: addresses.podIp, podIPs: [{ ip: addresses.podIp }] } : {}),
      conditions: conditions(pod, life, started),
      containerStatuses: pod.spec.containers.map((container) => containerStatus(container, life, pod.metadata.uid)),
    },
  };
}

function phaseOf(life: PodLife, started: boolean): string {
  if (life.final !== undefined) return life.final.phase;
  return started ? 'Running' : 'Pending';
}

function conditions(pod: ApiPod, life: PodLife, started: boolean): readonly Condition[] {
  const acceptedAt = wireTime(life.acceptedAtMs);
  const scheduled = pod.status?.conditions?.find((condition) => condition.type === 'PodScheduled');
  const readiness = readinessOf(pod, life);
  const readyChangedAt = wireTime(life.readyChangedAtMs);
  return [
    condition('PodReadyToStartContainers', started && life.final === undefined, acceptedAt),
    condition('Initialized', true, acceptedAt),
    { ...condition('Ready', life.ready, readyChangedAt), ...readiness },
    { ...condition('ContainersReady', life.ready, readyChangedAt), ...readiness },
    condition('PodScheduled', true, scheduled?.lastTransitionTime ?? acceptedAt),
  ];
}

function condition(type: string, holds: boolean, lastTransitionTime: string): Condition {
  return { type, status: holds ? 'True' : 'False', lastProbeTime: null, lastTransitionTime };
}

/** A patch merges conditions field by field, so a reason that is over must be taken away by name. */
function readinessOf(pod: ApiPod, life: PodLife): { reason?: string; message?: string } {
  const none = { reason: null, message: null } as unknown as { reason?: string; message?: string };
  if (life.ready) return none;
  if (life.final !== undefined)
    return { ...none, reason: life.final.phase === 'Failed' ? 'PodFailed' : 'PodCompleted' };
  const names = pod.spec.containers.map((container) => container.name).join(' ');
  return { reason: 'ContainersNotReady', message: `containers with unready status: [${names}]` };
}

function containerStatus(
  container: ApiPod['spec']['containers'][number],
  life: PodLife,
  podUid: string,
): Readonly<Record<string, unknown>> {
  const running = life.containers[container.name];
  const image = container.image ?? '';
  const common = { name: container.name, image, imageID: '', restartCount: running?.restarts ?? 0 };
  if (running === undefined) {
    const state =
      life.final === undefined
        ? { waiting: { reason: 'ContainerCreating' } }
        : { terminated: terminated(life.final.atMs, life.final.atMs, life.final.phase === 'Failed' ? 137 : 0) };
    return { ...common, ready: false, started: false, state, lastState: {} };
  }
  const containerID = `containerd://${podUid}-${container.name}-${running.restarts}`;
  const over = life.final;
  return {
    ...common,
    containerID,
    ready: life.ready,
    started: over === undefined,
    state:
      over === undefined
        ? { running: { startedAt: wireTime(running.startedAtMs) } }
        : { terminated: terminated(running.startedAtMs, over.atMs, over.phase === 'Failed' ? 1 : 0) },
    lastState: lastState(running),
  };
}

function lastState({ previous }: ContainerLife): Readonly<Record<string, unknown>> {
  return previous === undefined ? {} : { terminated: terminated(previous.startedAtMs, previous.finishedAtMs, 1) };
}

function terminated(startedAtMs: number, finishedAtMs: number, exitCode: number): Readonly<Record<string, unknown>> {
  return {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    startedAt: wireTime(startedAtMs),
    finishedAt: wireTime(finishedAtMs),
  };
}
