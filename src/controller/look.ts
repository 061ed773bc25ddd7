// Flow: one key from the queue: look at the autoscaler, remember what came of it, and say when to look again.
import type { Autoscaler } from '../crd/types.ts';
import type { WorkResult } from '../kube/work-queue.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { describeAutoscaler } from './autoscaler-key.ts';
import type { DecisionKind } from './decide/types.ts';
import type { HistoryStore, Remembered } from './history-store.ts';
import type { HotNodes } from './hot-nodes.ts';
import type { LatestAutoscalers } from './latest-autoscalers.ts';
import { emptyMemory, isNew, type Memory } from './memory.ts';
import type { NativeHpas } from './native-hpas.ts';
import type { Reconciled, Turn } from './reconcile.ts';
import type { Schedule } from './schedule.ts';
import type { SelectorRegistry } from './selector-registry.ts';
import type { UsageLimits } from './usage-limits.ts';
import type { WriteTurns } from './write-turns.ts';

export interface LookDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly latest: LatestAutoscalers;
  readonly histories: HistoryStore;
  readonly schedule: Schedule;
  readonly selectors: Pick<SelectorRegistry, 'delete'>;
  readonly limits: Pick<UsageLimits, 'delete'>;
  readonly hotNodes: Pick<HotNodes, 'delete'>;
  readonly nativeHpas: Pick<NativeHpas, 'owner' | 'isCanary'>;
  readonly turns: Pick<WriteTurns, 'isInLine' | 'delete'>;
  readonly syncPeriodMs: number;
  /** Monotonic time until which the usage of pods may be unknown because the program is young. */
  readonly warmUpUntilMs: number;
  isLeader(): boolean;
  /** A whole sync begins, so long after it was due. */
  syncBegins(latenessMs: number): void;
  /** Empties every store of what belongs to the key. */
  forget(key: string): void;
  reconcile(turn: Turn, signal: AbortSignal): Promise<Reconciled>;
}

/** When what was decided on has changed: time for the caches to see it too. */
const supersededRetryMs = 100;

/** What is known of an autoscaler for this process only. */
interface Last {
  kind: DecisionKind | undefined;
  /** It decided to change replicas, and could not. */
  isRefused: boolean;
  problem: string | undefined;
}

export class Looks {
  readonly #deps: LookDeps;
  readonly #last = new Map<string, Last>();
  /** Those that were left since their last look began. */
  readonly #left = new Set<string>();

  constructor(deps: LookDeps) {
    this.#deps = deps;
  }

  /** Whether it is this process that changes the autoscaler and its target. */
  mayWrite(autoscaler: Autoscaler): boolean {
    const { nativeHpas } = this.#deps;
    return this.#deps.isLeader() && (autoscaler.kind === 'HeadroomAutoscaler' || nativeHpas.owner === 'ours');
  }

  /** Our own canary is no autoscaler of anybody's. */
  isCanary(autoscaler: Autoscaler): boolean {
    return this.#deps.nativeHpas.isCanary(autoscaler);
  }

  /** Whether the autoscaler is looked at at all. Of HPAs whose owner is not known yet, recommendations are already collected. */
  isWatched(autoscaler: Autoscaler): boolean {
    const { nativeHpas } = this.#deps;
    if (this.isCanary(autoscaler)) return false;
    return autoscaler.kind === 'HeadroomAutoscaler' || nativeHpas.owner !== 'theirs';
  }

  /**
   * Whether samples can change what was decided: not while the target or the selector is at fault. A thousand autoscalers on one target, which refuse each other, would
   * otherwise all be looked at whenever one of its pods is sampled.
   */
  restsOnSamples(key: string): boolean {
    const kind = this.#last.get(key)?.kind;
    return kind !== 'target-failed' && kind !== 'selector-failed';
  }

  async look(key: string, signal: AbortSignal): Promise<WorkResult> {
    const { clock, latest, schedule, turns } = this.#deps;
    const autoscaler = latest.get(key);
    // Deleted while it was looked at, perhaps: then something of it was remembered again.
    if (autoscaler === undefined) this.forget(key);
    if (autoscaler === undefined || !this.isWatched(autoscaler)) {
      turns.delete(key);
      return { next: 'done' };
    }

    const startMs = clock.monotonic();
    const turn = this.#turn(key, autoscaler, startMs);
    if (turn.isDue && !turn.isInLine) this.#deps.syncBegins(schedule.overdueMs(key, startMs));
    schedule.looked(key, startMs);
    this.#left.delete(key);
    const reconciled = await this.#deps.reconcile(turn, signal);
    if (!this.isWatched(autoscaler) || this.#left.has(key)) {
      // It became somebody else's meanwhile, and parts of it were remembered again. If it has come back already it is queued.
      this.leave(key);
      turns.delete(key);
      return { next: 'done' };
    }
    return { next: 'requeue', afterMs: this.#conclude(key, { turn, startMs }, reconciled) };
  }

  /** The autoscaler is gone. */
  forget(key: string): void {
    this.#last.delete(key);
    this.#left.delete(key);
    this.#deps.forget(key);
  }

  /**
   * It is somebody else's from now on, and what they recommend will not be known. When it is watched again it is as if seen for the first time, so that they
   * spread over the period again.
   */
  leave(key: string): void {
    const { histories, schedule, selectors, limits, hotNodes } = this.#deps;
    this.#left.add(key);
    for (const store of [this.#last, histories, schedule, selectors, limits, hotNodes]) store.delete(key);
  }

  #turn(key: string, autoscaler: Autoscaler, nowMs: number): Turn {
    const { clock, histories, schedule, syncPeriodMs, turns, warmUpUntilMs } = this.#deps;
    const remembered = histories.get(key, autoscaler.uid);
    const memory = remembered ?? emptyMemory;
    const last = this.#last.get(key);
    return {
      autoscaler,
      memory,
      isDue: schedule.isDue(key, nowMs),
      isPeriodic: schedule.isPeriodic(key, nowMs) || isNew(memory),
      lastKind: last?.kind,
      isRefused: last?.isRefused ?? false,
      lastScaleAtMs: latestOf(remembered?.lastScaleAtMs, autoscaler.status.lastScaleAtMs),
      syncPeriodMs,
      isInLine: turns.isInLine(key),
      mayWrite: () => this.mayWrite(autoscaler),
      // A clock that is set back, as they often are when a machine starts, makes nobody young again.
      warmUpUntilMs: clock.now() + warmUpUntilMs - nowMs,
    };
  }

  /** Remembers, and says after how many milliseconds to look again. */
  #conclude(key: string, { turn, startMs }: { turn: Turn; startMs: number }, reconciled: Reconciled): number {
    const { clock, histories, schedule } = this.#deps;
    const nowMs = clock.monotonic();
    switch (reconciled.kind) {
      case 'superseded':
        return supersededRetryMs;
      case 'deferred': {
        this.#remember(
          key,
          turn,
          withLearntEvents(reconciled.memory, histories.get(key, turn.autoscaler.uid), turn.memory),
          undefined,
        );
        if (turn.isPeriodic) schedule.beginPeriod(key, startMs, nowMs);
        if (turn.isDue) schedule.makeDue(key, nowMs);
        const afterMs = Math.min(Math.max(1, reconciled.untilMs - clock.now()), schedule.untilPeriodMs(key, nowMs));
        schedule.hold(key, nowMs + afterMs);
        return afterMs;
      }
      case 'committed':
        this.#committed(key, turn, reconciled);
        if (turn.isPeriodic) {
          // By the wall clock, which may have been set during the write, so much was counted.
          schedule.beginPeriod(key, Math.min(startMs + reconciled.countedWriteMs, nowMs), nowMs);
        }
        schedule.synced(key, startMs);
        return schedule.untilDueMs(key, nowMs);
      case 'discarded':
        return schedule.untilDueMs(key, nowMs);
    }
  }

  #remember(key: string, { autoscaler }: Turn, memory: Memory, scaledAtMs: number | undefined): void {
    const { histories } = this.#deps;
    const known = histories.get(key, autoscaler.uid);
    const lastScaleAtMs = scaledAtMs ?? known?.lastScaleAtMs;
    histories.set(key, { ...memory, uid: autoscaler.uid, lastScaleAtMs });
  }

  #committed(key: string, turn: Turn, committed: Extract<Reconciled, { readonly kind: 'committed' }>): void {
    const { histories, latest } = this.#deps;
    const { autoscaler } = turn;
    const known = histories.get(key, autoscaler.uid);
    // Who did not change replicas may have begun to lead meanwhile, and learnt what the leader before did.
    const memory =
      committed.scaledAtMs === undefined ? withLearntEvents(committed.memory, known, turn.memory) : committed.memory;
    this.#remember(key, turn, memory, committed.scaledAtMs);
    if (committed.written !== undefined) latest.written(committed.written);
    const before = this.#last.get(key);
    // A follower meets no problem because it does nothing; that is no news.
    const problem = committed.isApplied ? committed.problem : before?.problem;
    const isRefused = committed.isApplied && committed.decision === 'scale' && committed.scaledAtMs === undefined;
    this.#last.set(key, { kind: committed.decision, isRefused, problem });
    this.#reportProblem(autoscaler, before?.problem, problem);
  }

  /** Once when it comes and once when it goes; it is met again at every sync. */
  #reportProblem(autoscaler: Autoscaler, before: string | undefined, problem: string | undefined): void {
    if (problem === before) return;
    const subject = { autoscaler: describeAutoscaler(autoscaler) };
    if (problem === undefined) this.#deps.logger.info('autoscaler works again', subject);
    else this.#deps.logger.warn('autoscaler has a problem', { ...subject, problem });
  }
}

/**
 * A follower learns of changes of replicas while it looks; they must not be lost to a history that was read before. `before`: what was known when the look
 * began. Only then: the decision may have set events right that lie in the future.
 */
function withLearntEvents(memory: Memory, known: Remembered | undefined, before: Memory): Memory {
  if (known === undefined || known.history === before.history) return memory;
  const { scaleUpEvents, scaleDownEvents } = known.history;
  return { ...memory, history: { ...memory.history, scaleUpEvents, scaleDownEvents } };
}

function latestOf(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}
