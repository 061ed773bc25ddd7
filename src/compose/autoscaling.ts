// Flow: the autoscaler controller, and who may act: the holder of the lease, or always us when there is no election.
import type { Registry } from 'prom-client';
import { type AutoscalerController, createAutoscalerController } from '../controller/autoscaler-controller.ts';
import type { HotNodes } from '../controller/hot-nodes.ts';
import { type ClosableEventRecorder, createEventRecorder } from '../kube/event-recorder.ts';
import { LeaderElector } from '../kube/lease.ts';
import type { KubeMonitor } from '../kube/monitor.ts';
import { createRestMapper } from '../kube/rest-mapper.ts';
import { createScaleClient } from '../kube/scale-client.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import type { MetricsReader } from '../metrics/types.ts';
import type { Options } from '../options.ts';
import type { ApiAccess } from './api-access.ts';
import type { Caches } from './caches.ts';

export interface AutoscalingDeps {
  readonly options: Options;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly kubeMonitor: KubeMonitor;
  readonly access: ApiAccess;
  readonly caches: Caches;
  readonly metrics: MetricsReader;
  /** An earlier process left a usage of every ready node. */
  readonly areSamplesRestored: boolean;
  readonly hotNodes: HotNodes;
}

export interface Autoscaling {
  readonly controller: AutoscalerController;
  readonly events: ClosableEventRecorder;
  /** Asks for the lease, and gives it up when the signal aborts. Resolves at once when there is no election. */
  elect(signal: AbortSignal): Promise<void>;
}

/** As upstream's, so that events read the same. */
const eventComponent = 'horizontal-pod-autoscaler';

export function createAutoscaling(deps: AutoscalingDeps): Autoscaling {
  const { options, clock, logger, registry, kubeMonitor, access, caches, metrics } = deps;
  // A kubelet is scraped at some moment of the first period, and a second time one period later. What was restored needs no second time.
  const scrapesNeeded = deps.areSamplesRestored ? 1 : 2;
  const { autoscaler, kubelet } = options;
  const client = access.main;
  const mapper = createRestMapper({ client, clock });
  const events = createEventRecorder({
    client: access.events,
    clock,
    logger,
    monitor: kubeMonitor,
    component: eventComponent,
  });
  const elector = createElector(deps, () => controller.startedLeading());
  const controller = createAutoscalerController({
    clock,
    logger,
    registry,
    kubeMonitor,
    api: client,
    budget: client.budget,
    mapper,
    scales: createScaleClient({ client, mapper, cache: caches.scales }),
    scaleChanges: caches.scales,
    events,
    hpas: caches.hpas,
    hras: caches.hras,
    pods: caches.pods,
    metrics,
    hotNodes: deps.hotNodes,
    isLeader: () => elector?.isLeader ?? true,
    settings: {
      decide: {
        tolerance: autoscaler.tolerance,
        downscaleStabilizationMs: autoscaler.downscaleStabilizationMs,
        cpuInitializationPeriodMs: autoscaler.cpuInitializationPeriodMs,
        initialReadinessDelayMs: autoscaler.initialReadinessDelayMs,
        featureGates: options.featureGates,
      },
      syncPeriodMs: autoscaler.syncPeriodMs,
      concurrentSyncs: autoscaler.concurrentSyncs,
      warmUpMs: scrapesNeeded * kubelet.resolutionMs + kubelet.requestTimeoutMs,
      nativeHpas: autoscaler.nativeHpas,
      namespace: options.namespace,
      stateDir: options.stateDir,
    },
  });
  return { controller, events, elect: (signal) => elector?.run(signal) ?? Promise.resolve() };
}

function createElector(
  { options, clock, logger, kubeMonitor, access }: AutoscalingDeps,
  startedLeading: () => void,
): LeaderElector | undefined {
  const { enabled, leaseName, ...durations } = options.leaderElection;
  if (!enabled) return undefined;
  return new LeaderElector({
    client: access.leases,
    clock,
    logger,
    monitor: kubeMonitor,
    namespace: options.namespace,
    name: leaseName,
    identity: options.identity,
    ...durations,
    // The controller asks whether we lead whenever it would write; nothing ends with the lease.
    onStartedLeading: (signal) => {
      startedLeading();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
  });
}
