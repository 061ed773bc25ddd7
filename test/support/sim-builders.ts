// Builders for tests of the simulated nodes, valid by default.
import { LoadModel, type LoadModelOptions } from '../cluster/sim/load-model.ts';
import type { ApiPod } from '../cluster/sim/pod-object.ts';
import type { ContainerSpec, SimulatedPod, Workload } from '../cluster/sim/types.ts';

/** When the simulations of the tests begin. */
export const beginMs = 1_763_732_000_000;

export function simContainer(changes: Partial<ContainerSpec> = {}): ContainerSpec {
  const unlimited = Number.POSITIVE_INFINITY;
  return { name: 'main', cpuLimitCores: unlimited, memoryLimitBytes: unlimited, ...changes };
}

/** A pod of one unlimited container on node `sim-0`, chosen by the workload `web`. Its uid is its name. */
export function simPod(name: string, changes: Partial<SimulatedPod> = {}): SimulatedPod {
  return {
    namespace: 'default',
    name,
    uid: name,
    nodeName: 'sim-0',
    labels: { app: 'web' },
    annotations: {},
    containers: [simContainer()],
    ...changes,
  };
}

export function simWorkload(changes: Partial<Workload> = {}): Workload {
  return { name: 'web', namespace: 'default', selector: { app: 'web' }, ...changes };
}

/** One node without any idle usage, and the workload `web`. */
export function simModel(workload: Partial<Workload> = {}, changes: Partial<LoadModelOptions> = {}): LoadModel {
  const options: LoadModelOptions = {
    nodeNames: ['sim-0'],
    workloads: [simWorkload(workload)],
    seed: 1,
    usage: { idleCores: 0, idleBytes: 0, systemCores: 0, systemBytes: 0 },
    ...changes,
  };
  return new LoadModel(options, beginMs);
}

/** A pod of the API on node `sim-0` with one container. */
export function apiPod(changes: { metadata?: Partial<ApiPod['metadata']>; status?: ApiPod['status'] } = {}): ApiPod {
  return {
    metadata: { namespace: 'default', name: 'web-1', uid: 'uid-1', generation: 1, ...changes.metadata },
    spec: { nodeName: 'sim-0', containers: [{ name: 'main', image: 'example/web:1' }] },
    status: changes.status ?? { phase: 'Pending' },
  };
}

/**
 * The state behind test/sim/fixtures/resource-metrics.txt. That text was printed by the collector and the HTTP handler of
 * Kubernetes v1.36.3 (pkg/kubelet/metrics/collectors) from the samples of this model.
 */
export function expositionModel(): LoadModel {
  const workload = { cores: 3.3, bytes: 3e9 };
  const model = simModel(workload, { usage: { noiseRatio: 0.3 }, seed: 2 });
  const sidecar = simContainer({ name: 'main-2', cpuLimitCores: 1e-5, memoryLimitBytes: 123_456 });
  for (const [index, namespace] of ['default', 'default-2', 'a'].entries()) {
    for (const [position, name] of ['web-1', 'web-10', 'web-1-a', 'web.1', 'aa'].entries()) {
      const uid = `${namespace}/${name}`;
      const containers = position % 2 === 0 ? [simContainer()] : [simContainer(), sidecar];
      const atMs = beginMs + 123 + 37 * (5 * index + position);
      model.startPod(simPod(name, { namespace, uid, containers }), atMs);
      model.setReady(uid, true, atMs);
    }
  }
  model.node('sim-0')?.refresh(beginMs + 12_345);
  model.restartContainer('default/web-1', 'main', beginMs + 12_346);
  return model;
}
