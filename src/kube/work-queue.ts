// Flow: keys that want work, each once. What happened to an object is forgotten on purpose; whoever works on the key looks at the present.
import type { Clock } from '../lib/clock.ts';
import { HeadroomError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { KubeMonitor } from './monitor.ts';
import { type Timer, TimerHeap } from './timer-heap.ts';

export interface WorkQueueOptions {
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor?: KubeMonitor | undefined;
}

/** What becomes of a key that was processed. A key that was added meanwhile is processed again in any case. */
export type WorkResult = { readonly next: 'done' } | { readonly next: 'requeue'; readonly afterMs: number };

export type Work = (key: string, signal: AbortSignal) => Promise<WorkResult>;

/** A key whose work throws comes back after this, doubled each time in a row up to the maximum. */
const retryInitialMs = 1_000;
const retryMaxMs = 60_000;

interface KeyTimer extends Timer {
  readonly key: string;
}

/**
 * Invariants: a key is in at most one of ready and waiting; a key being processed is not processed a second time meanwhile; of several
 * times asked for, the earliest counts. Memory is bounded by the number of keys.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** In order of arrival. */
  readonly #ready = new Set<string>();
  /** Key -> when it becomes ready. The heap may hold outdated times for a key; this map says which one counts. */
  readonly #waiting = new Map<string, number>();
  #timers = new TimerHeap<KeyTimer>();
  readonly #processing = new Set<string>();
  /** Keys that were added while they were processed. */
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, number>();
  #wakeWorkers: (() => void)[] = [];
  #rearm: AbortController | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
    options.monitor?.addQueue(options.name, () => this.depth);
  }

  /** Keys that are ready and wait for a worker. */
  get depth(): number {
    return this.#ready.size;
  }

  /** Process this key as soon as a worker is free; a later time that was asked for is dropped. */
  add(key: string): void {
    this.#waiting.delete(key);
    if (this.#processing.has(key)) {
      this.#dirty.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    this.#ready.add(key);
    this.#wakeWorkers.shift()?.();
  }

  /** Process this key after `delayMs`, unless it is to be processed earlier anyway. */
  addAfter(key: string, delayMs: number): void {
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    if (this.#ready.has(key) || this.#dirty.has(key)) return;
    const dueAtMs = this.#options.clock.monotonic() + delayMs;
    const waitsUntilMs = this.#waiting.get(key);
    if (waitsUntilMs !== undefined && waitsUntilMs <= dueAtMs) return;
    this.#waiting.set(key, dueAtMs);
    this.#timers.push({ key, dueAtMs });
    if (this.#timers.size > 2 * this.#waiting.size + 64) this.#dropOutdatedTimers();
    if (this.#timers.first()?.key === key) this.#rearm?.abort();
  }

  /** Forgets a key that waits or is ready; one that is being processed runs to its end. */
  forget(key: string): void {
    for (const place of [this.#ready, this.#waiting, this.#dirty, this.#failures]) place.delete(key);
  }

  /** Processes keys with so many workers until the signal aborts; resolves when the work under way has ended. */
  async run(workers: number, work: Work, signal: AbortSignal): Promise<void> {
    const wakeAll = (): void => {
      this.#rearm?.abort();
      for (const wake of this.#wakeWorkers.splice(0)) wake();
    };
    signal.addEventListener('abort', wakeAll, { once: true });
    const loops = Array.from({ length: workers }, () => this.#worker(work, signal));
    await Promise.all([this.#timerLoop(signal), ...loops]);
    signal.removeEventListener('abort', wakeAll);
  }

  async #worker(work: Work, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const key = this.#takeReady();
      if (key === undefined) await new Promise<void>((resolve) => this.#wakeWorkers.push(resolve));
      else await this.#process(key, work, signal);
    }
  }

  #takeReady(): string | undefined {
    for (const key of this.#ready) {
      this.#ready.delete(key);
      return key;
    }
    return undefined;
  }

  async #process(key: string, work: Work, signal: AbortSignal): Promise<void> {
    this.#processing.add(key);
    let requeueAfterMs: number | undefined;
    try {
      const result = await work(key, signal);
      this.#failures.delete(key);
      if (result.next === 'requeue') requeueAfterMs = result.afterMs;
    } catch (error) {
      if (!signal.aborted) requeueAfterMs = this.#failed(key, error);
    }
    this.#processing.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
    else if (requeueAfterMs !== undefined) this.addAfter(key, requeueAfterMs);
  }

  /** When to try again; undefined: not before something changes. */
  #failed(key: string, error: unknown): number | undefined {
    const { logger, name } = this.#options;
    logger.error('processing a key failed', { queue: name, key, error });
    if (error instanceof HeadroomError && !error.retryable) {
      this.#failures.delete(key);
      return undefined;
    }
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(retryMaxMs, retryInitialMs * 2 ** Math.min(failures, 10));
  }

  async #timerLoop(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#moveDueKeys();
      const first = this.#timers.first();
      // The end of `signal` aborts it too (in `run`). AbortSignal.any would leave a kilobyte behind, each time, until all of the heap is collected.
      this.#rearm = new AbortController();
      const wake = this.#rearm.signal;
      const forMs = first === undefined ? undefined : first.dueAtMs - this.#options.clock.monotonic();
      // Timers count whole milliseconds: one that is asked for less wakes up too early, and then once more.
      if (forMs !== undefined) await this.#options.clock.sleep(Math.ceil(forMs), wake);
      else if (!wake.aborted) {
        await new Promise((resolve) => wake.addEventListener('abort', resolve, { once: true }));
      }
    }
  }

  #dropOutdatedTimers(): void {
    this.#timers = new TimerHeap();
    for (const [key, dueAtMs] of this.#waiting) this.#timers.push({ key, dueAtMs });
  }

  #moveDueKeys(): void {
    const nowMs = this.#options.clock.monotonic();
    for (
      let timer = this.#timers.first();
      timer !== undefined && timer.dueAtMs <= nowMs;
      timer = this.#timers.first()
    ) {
      this.#timers.pop();
      if (this.#waiting.get(timer.key) === timer.dueAtMs) this.add(timer.key);
    }
  }
}
