// Flow: histories are restored at the start, saved now and then and at the end. docs/autoscaling.md 5.
import type { Autoscaler } from '../crd/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { HistorySnapshot } from './history-snapshot.ts';
import type { HistoryStore, Remembered } from './history-store.ts';

export interface SnapshotKeeperDeps {
  readonly clock: Clock;
  readonly histories: HistoryStore;
  /** undefined: nothing outlives the process. */
  readonly snapshot: HistorySnapshot | undefined;
  /** The autoscaler of a key as it is now; undefined: it is gone. */
  autoscaler(key: string): Autoscaler | undefined;
}

/** What a crash may lose of recommendations. */
const savePeriodMs = 60_000;
/** What a crash may lose of changes of replicas. */
const checkPeriodMs = 1_000;
/** A restart takes less; after more, what would have been recommended meanwhile counts as not known. */
const longestGapMs = 120_000;

export class SnapshotKeeper {
  readonly #deps: SnapshotKeeperDeps;
  /** Of the changes of replicas that are in the file. */
  #savedVersion = 0;

  constructor(deps: SnapshotKeeperDeps) {
    this.#deps = deps;
  }

  /** Reads what was saved; what belongs to autoscalers that are gone is dropped. From then on the file is that of a process that runs. */
  async restore(): Promise<void> {
    const { snapshot, histories, clock } = this.#deps;
    if (snapshot === undefined) return;
    const isFinal = await snapshot.restore(histories);
    for (const [key, remembered] of histories.entries()) {
      const autoscaler = this.#deps.autoscaler(key);
      if (autoscaler?.uid !== remembered.uid) histories.delete(key);
      else if (!isFinal || clock.now() - newestAtMs(remembered) > longestGapMs) {
        histories.set(key, afterGap(remembered));
      }
    }
    // What is learnt from now on is not in the file, also before `run`.
    this.#savedVersion = histories.scalesVersion;
    if (isFinal) await this.save(false);
  }

  /** Saves every minute, and soon after replicas were changed, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, histories, snapshot } = this.#deps;
    if (snapshot === undefined) return;
    let savedAtMs = clock.monotonic();
    for (;;) {
      await clock.sleep(checkPeriodMs, signal);
      if (signal.aborted) return;
      const { scalesVersion } = histories;
      if (scalesVersion === this.#savedVersion && clock.monotonic() - savedAtMs < savePeriodMs) continue;
      this.#savedVersion = scalesVersion;
      savedAtMs = clock.monotonic();
      await this.save(false);
    }
  }

  async save(isFinal: boolean): Promise<void> {
    await this.#deps.snapshot?.save(this.#deps.histories, isFinal);
  }
}

/**
 * What is remembered when the last of it is missing: the autoscaler begins with the replicas that it finds, as one that is new, so that nothing scales down before a
 * window has passed; what is known counts beside that.
 */
function afterGap(remembered: Remembered): Remembered {
  const { history, between } = remembered;
  return {
    ...remembered,
    history: { ...history, recommendations: [] },
    between: [...between, ...history.recommendations],
  };
}

function newestAtMs({ history, between }: Remembered): number {
  return [...history.recommendations, ...between].reduce((newest, { atMs }) => Math.max(newest, atMs), 0);
}
