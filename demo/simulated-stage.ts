// Flow: a control plane with simulated nodes, and the walkthrough's php-apache with a load of so many cores.
import { readFile } from 'node:fs/promises';
import type { Binaries } from '../test/cluster/build.ts';
import { type ControlPlane, startControlPlane } from '../test/cluster/control-plane.ts';
import { startSimulatedNodes } from '../test/cluster/sim/simulated-nodes.ts';
import type { LoadLevel } from './load-course.ts';
import { type Example, readExample } from './manifests.ts';
import type { Stage } from './stage.ts';
import type { StartReport } from './start-report.ts';

const sampleFile = new URL('../config/samples/php-apache.yaml', import.meta.url);
const stabilizationSeconds = 15;

/** Shared by the ready pods: a request of 200m and a target of 50 % make the busy level one for 8 pods, in two steps since a pod is limited to 500m. */
const coresOf: Readonly<Record<LoadLevel, number>> = { idle: 0.04, busy: 0.8 };

// A kubelet refreshes its samples every 10 to 20 s. Fresher ones make the demo livelier, and the start shorter.
const housekeeping = { intervalMs: 4_000, jitterFactor: 0.5 };
const noiseRatio = 0.03;

export async function startSimulatedStage(report: StartReport, binaries: Binaries, nodeCount: number): Promise<Stage> {
  const example = readExample(await readFile(sampleFile, 'utf8'), { stabilizationSeconds });
  await using undo = new AsyncDisposableStack();
  const controlPlane = undo.use(
    await report.step('control plane: etcd, kube-apiserver, kube-controller-manager, kube-scheduler', () =>
      startControlPlane({ binaries, hpaController: 'off' }),
    ),
  );
  const nodes = nodeCount === 1 ? '1 simulated node' : `${nodeCount} simulated nodes`;
  const simulation = undo.use(await report.step(nodes, () => startNodes(controlPlane, example, nodeCount)));
  const started = undo.move();
  return {
    controlPlane,
    nodes,
    commandPrefix: [],
    address: '127.0.0.1',
    bindAddress: '127.0.0.1',
    example,
    loadTexts: {
      idle: `${coresOf.idle} cores`,
      busy: `${coresOf.busy} cores`,
    },
    remarks: [
      `Scale-down is stabilized for ${stabilizationSeconds} s here instead of the usual 5 min; the simulated kubelets refresh their samples every 4 to 6 s.`,
    ],
    setLoad: async (level) => simulation.setDemand(example.name, { cores: coresOf[level] }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function startNodes({ kubeconfigPath, caPem, credentials }: ControlPlane, { name }: Example, nodeCount: number) {
  return startSimulatedNodes({
    kubeconfigPath,
    nodeCount,
    authority: credentials.clusterCa,
    clientCaPem: caPem,
    namePrefix: 'node-',
    workloads: [{ name, namespace: 'default', selector: { app: name }, cores: coresOf.idle }],
    usage: { noiseRatio },
    housekeeping,
  });
}
