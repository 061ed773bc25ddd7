// Flow: one look at one autoscaler: gather, decide, apply.
import type { Autoscaler } from '../crd/types.ts';
import type { ScaleClient } from '../kube/scale-client.ts';
import type { LogFields, Logger } from '../lib/logger.ts';
import { formatTimeMillis } from '../lib/time.ts';
import { type Applied, type ApplyDeps, apply } from './apply.ts';
import { autoscalerKey } from './autoscaler-key.ts';
import { type CourseConditions, chooseCourse, deferredUntilMs } from './course.ts';
import { decide } from './decide/decide.ts';
import type { Decision, DecisionKind, History, Observation } from './decide/types.ts';
import { decisionFields, decisionSubject } from './decision-log.ts';
import { type GatherDeps, gather } from './gather.ts';
import type { HotNodes } from './hot-nodes.ts';
import { longestWindowMs, type Memory, recall, retain, withoutOutdated } from './memory.ts';
import type { ControllerMonitor } from './monitor.ts';
import type { Looked, UsageLimits } from './usage-limits.ts';
import { type Grant, type Wish, type WriteTurns, wishOf } from './write-turns.ts';

export interface ReconcileDeps extends Omit<GatherDeps, 'scales'>, Omit<ApplyDeps, 'scales'> {
  readonly scales: ScaleClient;
  readonly logger: Logger;
  readonly monitor: ControllerMonitor;
  readonly hotNodes: Pick<HotNodes, 'decided' | 'delete'>;
  readonly limits: Pick<UsageLimits, 'decided'>;
  readonly turns: Pick<WriteTurns, 'ask' | 'leave'>;
}

/** What is known of an autoscaler before it is looked at. */
export interface Turn extends Omit<CourseConditions, 'mayWrite'> {
  readonly autoscaler: Autoscaler;
  readonly memory: Memory;
  /** Asked after everything was read, which may take long: the lease or the ownership may be lost meanwhile. */
  mayWrite(): boolean;
}

export type Reconciled =
  /** Decided and, if allowed, applied: remember this. */
  | {
      readonly kind: 'committed';
      /** False for a follower, which only remembers. */
      readonly isApplied: boolean;
      readonly decision: DecisionKind;
      readonly memory: Memory;
      /** When replicas were changed, of slow writes their end; undefined: they were not. */
      readonly scaledAtMs: number | undefined;
      /** How much later than the decision that is. */
      readonly countedWriteMs: number;
      /** The object with its new status; undefined when the status was not written. */
      readonly written: Autoscaler | undefined;
      /** What kept the sync from being all it should be, in upstream's words; undefined: nothing. */
      readonly problem: string | undefined;
    }
  /** Ask again at that time, when its turn to write has come, or when the period is over. A period leaves its recommendation all the same. */
  | { readonly kind: 'deferred'; readonly untilMs: number; readonly memory: Memory }
  /** Remember nothing. */
  | { readonly kind: 'discarded' }
  /** Remember nothing, and ask again at once: what was decided on has changed. */
  | { readonly kind: 'superseded' };

/** The wall clock is read once for the decision: it has one time. */
export async function reconcile(deps: ReconcileDeps, turn: Turn, signal?: AbortSignal): Promise<Reconciled> {
  const nowMs = deps.clock.now();
  const startMs = deps.clock.monotonic();
  const { observation, pods, readingSeconds, sampled } = await gather(deps, turn.autoscaler, signal);
  const { autoscaler } = turn;
  const key = autoscalerKey(autoscaler);
  const windowMs = longestWindowMs(autoscaler.spec.behavior, deps.settings.downscaleStabilizationMs);
  const memory = withoutOutdated(turn.memory, windowMs, nowMs);
  const decision = decide(observation, recall(memory, replicasOf(observation), nowMs), nowMs);

  const mayWrite = turn.mayWrite();
  const chosen = chooseCourse({ ...turn, mayWrite }, decision);
  const grant = askForTurn(deps.turns, key, chosen === 'commit' && mayWrite, () => wishOf(autoscaler, decision));
  const course = grant === 'wait' ? 'await-turn' : chosen;
  tellOfSamples(deps, key, { observation, pods, decision, mayWrite, isPeriodic: turn.isPeriodic });
  deps.monitor.looked(turn.isDue ? 'sync' : 'event', course);
  const retained = (history: History): Memory => retain(memory, decision, history, turn.isPeriodic);
  const waiting = (): Memory => (turn.isPeriodic ? retained(decision.history) : memory);
  switch (course) {
    case 'discard':
      return { kind: 'discarded' };
    case 'wait-for-metrics':
      return { kind: 'deferred', untilMs: turn.warmUpUntilMs, memory: waiting() };
    case 'await-turn':
      return { kind: 'deferred', untilMs: Number.POSITIVE_INFINITY, memory: waiting() };
    case 'defer':
      return { kind: 'deferred', untilMs: deferredUntilMs({ ...turn, mayWrite }, decision), memory: waiting() };
    case 'commit':
      if (!mayWrite) return remember(decision, retained(decision.history));
      deps.monitor.metricsComputed(observation, decision, readingSeconds);
      if (sampled !== undefined) deps.monitor.decidedOnSamples(nowMs - sampled.oldestMs);
      return write(deps, observation, decision, {
        startMs,
        signal,
        retained,
        newestSampleMs: sampled?.newestMs,
        leavesOutStatus: grant === 'leave-out',
      });
  }
}

/** What the target has now; undefined when that could not be read. */
function replicasOf({ target }: Observation): number | undefined {
  return target.kind === 'found' ? target.scale.specReplicas : undefined;
}

interface Told extends Looked, Pick<CourseConditions, 'mayWrite'> {}

/** Which samples would change this decision, and so where they are wanted soon. */
function tellOfSamples(
  { limits, hotNodes }: Pick<ReconcileDeps, 'limits' | 'hotNodes'>,
  key: string,
  { observation, pods, decision, mayWrite, isPeriodic }: Told,
): void {
  const hasRisen = limits.decided(key, { observation, pods, decision, isPeriodic });
  if (mayWrite) hotNodes.decided(key, observation, decision, hasRisen);
  else hotNodes.delete(key);
}

/** Who has nothing to write, or not now, stands in no line. */
function askForTurn(turns: ReconcileDeps['turns'], key: string, writes: boolean, wish: () => Wish): Grant {
  if (writes) return turns.ask(key, wish());
  turns.leave(key);
  return 'go';
}

/** A follower keeps the recommendation; whether replicas changed it learns from the status that the leader writes. */
function remember({ kind }: Decision, memory: Memory): Reconciled {
  const nothingWritten = { scaledAtMs: undefined, countedWriteMs: 0, written: undefined, problem: undefined };
  return { kind: 'committed', isApplied: false, decision: kind, memory, ...nothingWritten };
}

interface Writing {
  readonly startMs: number;
  readonly signal: AbortSignal | undefined;
  /** When the newest sample that it rests on was taken; undefined: it rests on none. */
  readonly newestSampleMs: number | undefined;
  /** Its new values can wait for another sync. */
  readonly leavesOutStatus: boolean;
  /** The memory that a history leaves. */
  retained(history: History): Memory;
}

async function write(
  deps: ReconcileDeps,
  observation: Observation,
  decision: Decision,
  writing: Writing,
): Promise<Reconciled> {
  const applied = await apply(deps, observation, decision, writing);
  logDecision(deps.logger, observation, decision, applied);
  if (applied.kind === 'superseded') {
    deps.monitor.looked('event', 'superseded');
    return applied;
  }
  const { settlement, acceptedAtMs, scaledAtMs, status } = applied;
  const hasScaled = acceptedAtMs !== undefined;
  if (hasScaled && writing.newestSampleMs !== undefined) {
    deps.monitor.patchedOnSamples(acceptedAtMs - writing.newestSampleMs);
  }
  const problem = settlement.error ?? (status.kind === 'failed' ? `status not written: ${status.message}` : undefined);
  deps.monitor.reconciled(observation, decision, {
    hasScaled,
    hasFailed: problem !== undefined,
    desiredReplicas: settlement.status.desiredReplicas,
    seconds: (deps.clock.monotonic() - writing.startMs) / 1000,
  });
  return {
    kind: 'committed',
    isApplied: true,
    decision: decision.kind,
    memory: writing.retained(settlement.history),
    scaledAtMs,
    countedWriteMs: (scaledAtMs ?? decision.atMs) - decision.atMs,
    written: status.kind === 'written' ? status.autoscaler : undefined,
    problem,
  };
}

/** Each change of replicas is one line with all numbers that led to it. */
function logDecision(logger: Logger, observation: Observation, decision: Decision, applied: Applied): void {
  const fields = (): LogFields => ({ ...decisionSubject(observation), ...decisionFields(decision) });
  if (applied.kind === 'superseded') {
    logger.info('target changed meanwhile, deciding again', fields());
  } else if (applied.acceptedAtMs !== undefined) {
    logger.info('replicas changed', { ...fields(), acceptedAt: formatTimeMillis(applied.acceptedAtMs) });
  } else {
    logger.debug('replicas kept', () => ({ decision: decision.kind, ...fields() }));
  }
}
