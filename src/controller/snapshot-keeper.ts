// Flow: histories are restored at the start, saved now and then and at the end.
import type { Clock } from '../lib/clock.ts';
import { errorMessage } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import type { HistorySnapshot } from './history-snapshot.ts';
import type { HistoryStore } from './history-store.ts';
import type { ControllerMonitor } from './monitor.ts';

export interface SnapshotKeeperDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor: Pick<ControllerMonitor, 'snapshotWritten'>;
  readonly histories: HistoryStore;
  /** undefined: nothing outlives the process. */
  readonly snapshot: HistorySnapshot | undefined;
  /** Whether the autoscaler of a key exists. */
  isKnown(key: string): boolean;
}

/** What a crash may lose. */
const savePeriodMs = 60_000;

export class SnapshotKeeper {
  readonly #deps: SnapshotKeeperDeps;
  #problem: string | undefined;

  constructor(deps: SnapshotKeeperDeps) {
    this.#deps = deps;
  }

  /** Reads what was saved; what belongs to autoscalers that are gone is dropped. */
  async restore(): Promise<void> {
    const { snapshot, histories } = this.#deps;
    await snapshot?.restore(histories);
    const gone = [...histories.keys()].filter((key) => !this.#deps.isKnown(key));
    for (const key of gone) histories.delete(key);
  }

  /** Saves every minute until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    if (this.#deps.snapshot === undefined) return;
    for (;;) {
      await this.#deps.clock.sleep(savePeriodMs, signal);
      if (signal.aborted) return;
      await this.save();
    }
  }

  /** A file system that fails costs memory over a restart, nothing else: it is logged once per problem. */
  async save(): Promise<void> {
    const { snapshot, histories, monitor, logger } = this.#deps;
    if (snapshot === undefined) return;
    try {
      await snapshot.save(histories);
      monitor.snapshotWritten('written');
      this.#problem = undefined;
    } catch (error) {
      monitor.snapshotWritten('failed');
      const problem = errorMessage(error);
      if (problem !== this.#problem) logger.warn('histories not saved', { problem });
      this.#problem = problem;
    }
  }
}
