// Flow: puts the parts of the controller together, starts and stops them.
import type { Registry } from 'prom-client';
import type { KubeMonitor } from '../kube/monitor.ts';
import type { RestMapper } from '../kube/rest-mapper.ts';
import type { ScaleCache } from '../kube/scale-cache.ts';
import type { ScaleClient } from '../kube/scale-client.ts';
import type { ApiClient, EventRecorder, RequestBudget } from '../kube/types.ts';
import { WorkQueue } from '../kube/work-queue.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { PodLister } from '../lib/views.ts';
import type { MetricsReader } from '../metrics/types.ts';
import { splitAutoscalerKey } from './autoscaler-key.ts';
import { createCustomMetrics } from './custom-metrics.ts';
import type { DecideSettings } from './decide/types.ts';
import { createHistorySnapshot } from './history-snapshot.ts';
import { HistoryStore } from './history-store.ts';
import type { HotNodes } from './hot-nodes.ts';
import { LatestAutoscalers } from './latest-autoscalers.ts';
import { Looks } from './look.ts';
import { createControllerMonitor } from './monitor.ts';
import { createNativeHpas, type NativeHpasMode } from './native-hpas.ts';
import { createPunctualityMetrics } from './punctuality.ts';
import { reconcile } from './reconcile.ts';
import { Schedule } from './schedule.ts';
import { SelectedPods } from './selected-pods.ts';
import { SelectorRegistry } from './selector-registry.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';
import { TargetPods } from './target-pods.ts';
import { TargetRegistry } from './target-registry.ts';
import { Triggers } from './triggers.ts';
import type { AutoscalerSource } from './types.ts';
import { UsageLimits } from './usage-limits.ts';
import { WriteTurns } from './write-turns.ts';

export interface AutoscalerControllerSettings {
  readonly decide: DecideSettings;
  /** --horizontal-pod-autoscaler-sync-period. */
  readonly syncPeriodMs: number;
  /** --concurrent-horizontal-pod-autoscaler-syncs. */
  readonly concurrentSyncs: number;
  /** How long after the start pods may be without usage because no kubelet has been scraped twice. */
  readonly warmUpMs: number;
  readonly nativeHpas: NativeHpasMode;
  /** Our own namespace. */
  readonly namespace: string;
  /** Where histories outlive a restart; '' for nowhere. */
  readonly stateDir: string;
}

export interface AutoscalerControllerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly kubeMonitor?: KubeMonitor | undefined;
  readonly api: ApiClient;
  /** Of the client that `api` and `scales` use. */
  readonly budget: RequestBudget;
  readonly mapper: RestMapper;
  readonly scales: ScaleClient;
  readonly scaleChanges: Pick<ScaleCache, 'onChange'>;
  readonly events: EventRecorder;
  readonly hpas: AutoscalerSource;
  readonly hras: AutoscalerSource;
  readonly pods: PodLister;
  readonly metrics: MetricsReader;
  /** Is told which nodes to scrape faster. */
  readonly hotNodes: Pick<HotNodes, 'decided' | 'delete'>;
  isLeader(): boolean;
  readonly settings: AutoscalerControllerSettings;
}

export interface AutoscalerController {
  /** Call when every cache has been filled. Resolves when the histories are restored and the first looks are under way. */
  start(): Promise<void>;
  /** Call when we begin to lead: looks at every autoscaler at once, as what followers decide has no effect. May be called before start. */
  startedLeading(): void;
  /** Ends: looks under way finish, histories are saved, the canary is removed. May be called twice, and before start. */
  stop(): Promise<void>;
}

/** What a look that is under way when we stop may still take. */
const drainMs = 5_000;

export function createAutoscalerController(deps: AutoscalerControllerDeps): AutoscalerController {
  const { clock, logger, settings } = deps;
  const stopping = new AbortController();
  const draining = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  /** undefined until every autoscaler is known. */
  let triggers: Triggers | undefined;

  return {
    start: async () => {
      const parts = createParts(deps);
      await parts.snapshots.restore();
      if (stopping.signal.aborted) return;
      const unsubscribe = parts.triggers.subscribe();
      triggers = parts.triggers;
      stopping.signal.addEventListener('abort', unsubscribe, { once: true });
      stopping.signal.addEventListener('abort', () => parts.turns.close(), { once: true });
      const work = (key: string) => parts.looks.look(key, draining.signal);
      running = Promise.all([
        parts.queue.run(settings.concurrentSyncs, work, stopping.signal),
        parts.nativeHpas.run(stopping.signal, () => parts.triggers.rightsChanged()),
        parts.snapshots.run(stopping.signal),
      ]).then(() => parts.snapshots.save(true));
      logger.info('autoscaler controller runs', {
        hpas: deps.hpas.size,
        hras: deps.hras.size,
        nativeHpas: settings.nativeHpas,
      });
    },
    startedLeading: () => triggers?.rightsChanged(),
    stop: async () => {
      stopping.abort();
      const drained = new AbortController();
      const deadline = clock.sleep(drainMs, drained.signal).then(() => draining.abort());
      await running;
      drained.abort();
      await deadline;
    },
  };
}

interface Parts {
  readonly queue: WorkQueue;
  readonly looks: Looks;
  readonly turns: WriteTurns;
  readonly triggers: Triggers;
  readonly nativeHpas: ReturnType<typeof createNativeHpas>;
  readonly snapshots: SnapshotKeeper;
}

function createParts(deps: AutoscalerControllerDeps): Parts {
  const { clock, logger, api, mapper, settings } = deps;
  const { syncPeriodMs } = settings;
  const stores = {
    histories: new HistoryStore(),
    selectors: new SelectorRegistry(),
    targets: new TargetRegistry(),
    limits: new UsageLimits(),
    schedule: new Schedule(syncPeriodMs),
    latest: new LatestAutoscalers({ HorizontalPodAutoscaler: deps.hpas, HeadroomAutoscaler: deps.hras }),
  };
  const { histories, latest, schedule } = stores;
  const isLeader = (): boolean => deps.isLeader();
  const nativeHpas = createNativeHpas({
    ...deps,
    mode: settings.nativeHpas,
    namespace: settings.namespace,
    syncPeriodMs,
    isLeader,
  });
  const queue = new WorkQueue({ name: 'horizontalpodautoscaler', clock, logger, monitor: deps.kubeMonitor });
  const turns = new WriteTurns({ clock, budget: deps.budget, syncPeriodMs, onTurn: (key) => queue.add(key) });
  const monitor = createControllerMonitor(deps.registry, {
    autoscalers: (kind) => latest.size(kind),
    ownsNativeHpas: () => nativeHpas.owner === 'ours',
    awaitingTurn: () => turns.waiting,
  });
  const customMetrics = createCustomMetrics({ api, mapper, clock, discoveryMaxAgeMs: syncPeriodMs });
  const targetPods = new TargetPods({ pods: deps.pods, selectors: stores.selectors });
  const reconcileDeps = { ...deps, ...stores, targetPods, customMetrics, monitor, turns, settings: settings.decide };
  const forget = (key: string): void => {
    for (const store of [...Object.values(stores), turns, deps.hotNodes]) store.delete(key);
    monitor.forget(splitAutoscalerKey(key));
  };
  const looks = new Looks({
    clock,
    logger,
    ...stores,
    hotNodes: deps.hotNodes,
    nativeHpas,
    turns,
    syncPeriodMs,
    warmUpUntilMs: clock.monotonic() + settings.warmUpMs,
    isLeader,
    syncBegins: createPunctualityMetrics(deps.registry, () => schedule.longestOverdueMs(clock.monotonic())),
    forget,
    reconcile: (turn, signal) => reconcile(reconcileDeps, turn, signal),
  });
  const sources = [deps.hpas, deps.hras];
  const selectedPods = new SelectedPods({ pods: deps.pods, selectors: stores.selectors });
  const triggers = new Triggers({ ...deps, ...stores, selectedPods, queue, looks, turns, sources });
  const directory = settings.stateDir;
  const snapshots = new SnapshotKeeper({
    clock,
    histories,
    snapshot: directory === '' ? undefined : createHistorySnapshot({ directory, logger, monitor }),
    autoscaler: (key) => latest.get(key),
  });
  return { queue, looks, turns, triggers, nativeHpas, snapshots };
}
