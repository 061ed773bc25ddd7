// Flow: samples are restored at the start, saved now and then and at the end, so that a restart serves every pod at once. docs/metrics-math.md 4.7 to 4.9.
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { StateFile } from '../lib/state-file.ts';
import type { LabelMatcher, NodeLister, PodLister } from '../lib/views.ts';
import type { MetricsMonitor } from './monitor.ts';
import { type Present, readSnapshot, type SnapshotTimes, writeSnapshot } from './sample-snapshot.ts';
import type { WindowStore } from './window-store.ts';

export interface SampleKeeperDeps {
  /** --state-dir. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor: Pick<MetricsMonitor, 'snapshotWritten'>;
  readonly store: WindowStore;
  readonly nodes: NodeLister;
  readonly nodeSelector: LabelMatcher;
  readonly pods: Pick<PodLister, 'get'>;
}

const fileName = 'samples.bin';
/** What a crash may make samples older by. 150,000 containers are 20 MB, which is not to be written all the time. */
const savePeriodMs = 60_000;

export class SampleKeeper {
  readonly #deps: SampleKeeperDeps;
  readonly #file: StateFile;
  readonly #present: Present;
  readonly #stopping = new AbortController();
  #saving: Promise<void> = Promise.resolve();

  constructor(deps: SampleKeeperDeps) {
    const { directory, logger, monitor, nodes, nodeSelector, pods } = deps;
    this.#deps = deps;
    this.#file = new StateFile(directory, fileName, {
      logger,
      holds: 'samples',
      onWritten: (outcome) => monitor.snapshotWritten(outcome),
    });
    this.#present = {
      uidOf: (nodeName) => {
        const node = nodes.get(nodeName);
        return node !== undefined && nodeSelector.matches(node.labels) ? node.uid : undefined;
      },
      // Another pod of the same name has started later.
      ran: ({ namespace, name }, nodeName, atMs) => {
        const pod = pods.get(namespace, name);
        return pod?.nodeName === nodeName && pod.startedAtMs !== undefined && pod.startedAtMs <= atMs;
      },
    };
  }

  /**
   * Restores what an earlier process saved, and saves every minute from then on. Call before the first scrape, when nodes and pods are listed. Returns whether
   * every ready node has its usage again: then one scrape of each tells what it takes two to tell otherwise.
   */
  async start(): Promise<boolean> {
    const { logger, store } = this.#deps;
    const times = this.#times();
    const { nowMs } = times;
    const writtenAtMs = await this.#file.read((contents) => readSnapshot(contents, store, this.#present, times));
    if (writtenAtMs !== undefined) {
      logger.info('samples restored', { path: this.#file.path, ageMs: nowMs - writtenAtMs, ...store.usages });
    }
    this.#saving = this.#saveAgainAndAgain();
    return this.#hasEveryNode();
  }

  /** Saves for the last time; call after the last scrape. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#saving;
    await this.#save();
  }

  #hasEveryNode(): boolean {
    const { nodes, nodeSelector, store } = this.#deps;
    const ready = nodes.list().filter((node) => node.ready && nodeSelector.matches(node.labels));
    return ready.length > 0 && ready.every(({ name }) => store.nodeUsage(name) !== undefined);
  }

  async #saveAgainAndAgain(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      await this.#deps.clock.sleep(savePeriodMs, signal);
      if (signal.aborted) return;
      await this.#save();
    }
  }

  /** Not synced to the disk: after a crash of the machine the checksum tells, and nobody else who writes there waits for 20 MB of samples. */
  #save(): Promise<void> {
    return this.#file.replace((file) => writeSnapshot(file, this.#deps.store, this.#present, this.#times()));
  }

  #times(): SnapshotTimes {
    const { clock } = this.#deps;
    const nowMs = clock.now();
    return { nowMs, originMs: nowMs - clock.monotonic() };
  }
}
