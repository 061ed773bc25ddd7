// Pure: the life of a pod on a node, as a state that moves with time and commands.
//
//   creating --startDelay--> running --readyDelay--> running, ready
//                               |  ^                     |
//                               |  '---- restart --------'
//                               '-- finish --> finished (Succeeded or Failed)
//   any of them --deletion--> terminating --stopDelay--> stopped (to be deleted from the API)
//
// A PodLife is never changed but replaced, so "is there anything to publish?" is a comparison of two references.
import type { ApiPod, LifecycleTiming } from './pod-object.ts';

export type Stage = 'creating' | 'running' | 'finished' | 'terminating' | 'stopped';
export type FinalPhase = 'Succeeded' | 'Failed';

export interface ContainerLife {
  readonly startedAtMs: number;
  readonly restarts: number;
  /** When the process before this one began and ended. */
  readonly previous?: { readonly startedAtMs: number; readonly finishedAtMs: number };
}

export interface PodLife {
  readonly stage: Stage;
  /** When the node first saw the pod: status.startTime. */
  readonly acceptedAtMs: number;
  /** When the stage moves on by itself. */
  readonly nextStageAtMs: number;
  readonly containers: Readonly<Record<string, ContainerLife>>;
  readonly ready: boolean;
  /** When `ready` last changed. */
  readonly readyChangedAtMs: number;
  /** The earliest instant at which a running pod is ready. */
  readonly readyAtMs: number;
  /** The readiness probe fails for as long as this is set. */
  readonly probeFails: boolean;
  readonly final?: { readonly phase: FinalPhase; readonly atMs: number };
}

/** What changes for the load on the node. */
export type LifeEffect = 'start' | 'ready' | 'unready' | 'stop';

export interface Advance {
  readonly life: PodLife;
  readonly effects: readonly LifeEffect[];
}

/** A pod that the node sees for the first time; one that already runs, according to its status, is taken over as it is. */
export function acceptPod(pod: ApiPod, timing: LifecycleTiming, nowMs: number): PodLife {
  const fresh: PodLife = {
    stage: 'creating',
    acceptedAtMs: nowMs,
    nextStageAtMs: nowMs + timing.startDelayMs,
    containers: {},
    ready: false,
    readyChangedAtMs: nowMs,
    readyAtMs: Number.POSITIVE_INFINITY,
    probeFails: false,
  };
  const status = pod.status ?? {};
  const acceptedAtMs = Date.parse(status.startTime ?? '') || nowMs;
  if (status.phase === 'Succeeded' || status.phase === 'Failed') {
    return { ...fresh, stage: 'finished', acceptedAtMs, final: { phase: status.phase, atMs: nowMs } };
  }
  return status.phase === 'Running' ? { ...fresh, ...takenOver(pod, acceptedAtMs, nowMs) } : { ...fresh, acceptedAtMs };
}

function takenOver(pod: ApiPod, acceptedAtMs: number, nowMs: number): Partial<PodLife> {
  const ready = pod.status?.conditions?.find((condition) => condition.type === 'Ready');
  const containers = (pod.status?.containerStatuses ?? []).map((status): [string, ContainerLife] => [
    status.name,
    { startedAtMs: Date.parse(status.state?.running?.startedAt ?? '') || acceptedAtMs, restarts: status.restartCount },
  ]);
  return {
    stage: 'running',
    acceptedAtMs,
    containers: Object.fromEntries(containers),
    ready: ready?.status === 'True',
    readyChangedAtMs: Date.parse(ready?.lastTransitionTime ?? '') || acceptedAtMs,
    readyAtMs: nowMs,
  };
}

/** Moves a life as far as time and deletion allow. */
export function advancePod(start: PodLife, pod: ApiPod, timing: LifecycleTiming, nowMs: number): Advance {
  const effects: LifeEffect[] = [];
  let life = start;
  for (const step of [beginToStop, startWhenDue, followProbe, stopWhenDue]) {
    const [next, effect] = step(life, { pod, timing, nowMs });
    life = next;
    if (effect !== undefined) effects.push(effect);
  }
  return { life, effects };
}

interface StepInput {
  readonly pod: ApiPod;
  readonly timing: LifecycleTiming;
  readonly nowMs: number;
}

type Step = (life: PodLife, input: StepInput) => readonly [PodLife, LifeEffect?];

/** A pod that is told to stop gets no more requests, though it is called ready until it has stopped. */
const beginToStop: Step = (life, { pod, timing, nowMs }) => {
  if (pod.metadata.deletionTimestamp === undefined) return [life];
  if (life.stage === 'terminating' || life.stage === 'stopped') return [life];
  const nothingRuns = life.stage === 'creating' || life.stage === 'finished';
  const terminating: PodLife = {
    ...life,
    stage: 'terminating',
    nextStageAtMs: nothingRuns ? nowMs : nowMs + timing.stopDelayMs,
  };
  return life.ready ? [terminating, 'unready'] : [terminating];
};

const startWhenDue: Step = (life, { pod, timing, nowMs }) => {
  if (life.stage !== 'creating' || nowMs < life.nextStageAtMs) return [life];
  return [startContainers(life, pod, timing, nowMs), 'start'];
};

const followProbe: Step = (life, { nowMs }) => {
  const ready = !life.probeFails && nowMs >= life.readyAtMs;
  if (life.stage !== 'running' || ready === life.ready) return [life];
  return [{ ...life, ready, readyChangedAtMs: nowMs }, ready ? 'ready' : 'unready'];
};

const stopWhenDue: Step = (life, { nowMs }) => {
  if (life.stage !== 'terminating' || nowMs < life.nextStageAtMs) return [life];
  const stopped: PodLife = {
    ...life,
    stage: 'stopped',
    ready: false,
    readyChangedAtMs: life.ready ? nowMs : life.readyChangedAtMs,
    final: life.final ?? { phase: 'Succeeded', atMs: nowMs },
  };
  return [stopped, 'stop'];
};

function startContainers(life: PodLife, pod: ApiPod, timing: LifecycleTiming, nowMs: number): PodLife {
  const names = pod.spec.containers.map((container) => container.name);
  return {
    ...life,
    stage: 'running',
    nextStageAtMs: Number.POSITIVE_INFINITY,
    containers: Object.fromEntries(names.map((name) => [name, { startedAtMs: nowMs, restarts: 0 }])),
    readyAtMs: nowMs + timing.readyDelayMs,
  };
}

/** When a life moves on by itself; undefined when only a command or a change of the pod can move it. */
export function nextInstant(life: PodLife): number | undefined {
  switch (life.stage) {
    case 'creating':
    case 'terminating':
      return life.nextStageAtMs;
    case 'running':
      return life.ready || life.probeFails ? undefined : life.readyAtMs;
    case 'finished':
    case 'stopped':
      return undefined;
  }
}

/** Containers begin anew (one, or all when none is named): not ready until the readiness delay has passed again. */
export function restartContainers(
  life: PodLife,
  container: string | undefined,
  timing: LifecycleTiming,
  nowMs: number,
): PodLife {
  if (life.stage !== 'running') return life;
  const containers = Object.entries(life.containers).map(([name, before]): [string, ContainerLife] => {
    if (container !== undefined && container !== name) return [name, before];
    const previous = { startedAtMs: before.startedAtMs, finishedAtMs: nowMs };
    return [name, { startedAtMs: nowMs, restarts: before.restarts + 1, previous }];
  });
  return { ...life, containers: Object.fromEntries(containers), readyAtMs: nowMs + timing.readyDelayMs };
}

/** The readiness probe begins to fail, or to succeed again. */
export function setProbe(life: PodLife, fails: boolean): PodLife {
  return life.probeFails === fails ? life : { ...life, probeFails: fails };
}

/** All containers end for good. */
export function finishPod(life: PodLife, phase: FinalPhase, nowMs: number): PodLife {
  if (life.stage !== 'running') return life;
  return { ...life, stage: 'finished', ready: false, readyChangedAtMs: nowMs, final: { phase, atMs: nowMs } };
}
