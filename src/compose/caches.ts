// Flow: what is watched: nodes, pods, autoscalers of both kinds, scales of the built-in kinds.

import { parseAutoscaler } from '../crd/parse.ts';
import { autoscalerResources } from '../crd/resources.ts';
import type { Autoscaler, AutoscalerKind } from '../crd/types.ts';
import { groupVersionPath } from '../kube/discovery.ts';
import type { KubeMonitor } from '../kube/monitor.ts';
import { NodeStore, ObjectStore } from '../kube/object-store.ts';
import { PodStore } from '../kube/pod-store.ts';
import { projectNode } from '../kube/project-node.ts';
import { createPodProjection } from '../kube/project-pod.ts';
import { createPodProtobufCodec } from '../kube/protobuf-pod.ts';
import { Reflector } from '../kube/reflector.ts';
import { ScaleCache } from '../kube/scale-cache.ts';
import type { ApiClient } from '../kube/types.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';

export interface CacheDeps {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly monitor: KubeMonitor;
}

export interface Caches {
  readonly nodes: NodeStore;
  readonly pods: PodStore;
  readonly hpas: ObjectStore<Autoscaler>;
  readonly hras: ObjectStore<Autoscaler>;
  readonly scales: ScaleCache;
  /** Watches until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Waits until nodes and pods were listed; false when the signal aborted first. */
  clusterSynced(signal: AbortSignal): Promise<boolean>;
  /** Waits until everything that decisions need was listed; false when the signal aborted first. */
  autoscalersSynced(signal: AbortSignal): Promise<boolean>;
}

const pollMs = 20;
/** A cluster without our CRD is a cluster without HeadroomAutoscalers: it is not waited for any longer. */
const customResourcePatienceMs = 5_000;

export function createCaches(deps: CacheDeps): Caches {
  const { logger, clock } = deps;
  const nodes = new NodeStore(logger);
  const pods = new PodStore(logger);
  const hpas = new ObjectStore<Autoscaler>(logger);
  const hras = new ObjectStore<Autoscaler>(logger);
  const scales = new ScaleCache(deps);
  const reflectors = [
    new Reflector({ ...deps, resource: 'nodes', path: '/api/v1/nodes', project: projectNode, store: nodes }),
    new Reflector({
      ...deps,
      resource: 'pods',
      path: '/api/v1/pods',
      codec: createPodProtobufCodec(),
      project: createPodProjection(),
      store: pods,
    }),
    autoscalerReflector(deps, 'HorizontalPodAutoscaler', hpas),
    autoscalerReflector(deps, 'HeadroomAutoscaler', hras),
  ];
  const until = async (isDone: () => boolean, signal: AbortSignal): Promise<boolean> => {
    while (!isDone() && !signal.aborted) await clock.sleep(pollMs, signal);
    return !signal.aborted;
  };
  const clusterSynced = (signal: AbortSignal): Promise<boolean> =>
    until(() => nodes.hasSynced && pods.hasSynced, signal);
  return {
    nodes,
    pods,
    hpas,
    hras,
    scales,
    run: async (signal) => {
      await Promise.all([...reflectors.map((reflector) => reflector.run(signal)), scales.run(signal)]);
    },
    clusterSynced,
    autoscalersSynced: async (signal) => {
      await clusterSynced(signal);
      await until(() => hpas.hasSynced && scales.hasSynced, signal);
      const givesUpAtMs = clock.monotonic() + customResourcePatienceMs;
      return await until(() => hras.hasSynced || clock.monotonic() >= givesUpAtMs, signal);
    },
  };
}

function autoscalerReflector(
  deps: CacheDeps,
  kind: AutoscalerKind,
  store: ObjectStore<Autoscaler>,
): Reflector<Autoscaler> {
  const { group, version, plural } = autoscalerResources[kind];
  const path = `${groupVersionPath(group, version)}/${plural}`;
  return new Reflector({ ...deps, resource: plural, path, project: (object) => parseAutoscaler(object, kind), store });
}
