// Flow: a control plane with one real node, and containers that burn CPU while a file says so.
import { readFile } from 'node:fs/promises';
import type { Binaries } from '../test/cluster/build.ts';
import { startRealCluster } from '../test/cluster/real-node.ts';
import { readExample } from './manifests.ts';
import type { Stage } from './stage.ts';
import type { StartReport } from './start-report.ts';

const sampleFile = new URL('../config/samples/php-apache.yaml', import.meta.url);
const name = 'burner';
const stabilizationSeconds = 15;
// Each pod burns up to its limit, however many there are, so more replicas do not ease the load: the highest number is where it ends.
const maxReplicas = 4;
const cpu = '100m';

export async function startRealStage(report: StartReport, binaries: Binaries): Promise<Stage> {
  await using undo = new AsyncDisposableStack();
  const cluster = undo.use(
    await report.step('control plane, containerd and kubelet', (detail) =>
      startRealCluster({ binaries, hpaController: 'off', progress: detail }),
    ),
  );
  const deployment = cluster.burnableDeployment({ name, cpuRequest: cpu, cpuLimit: cpu });
  const example = readExample(await readFile(sampleFile, 'utf8'), { stabilizationSeconds, deployment, maxReplicas });
  const started = undo.move();
  return {
    controlPlane: cluster.controlPlane,
    nodes: '1 real node',
    commandPrefix: cluster.commandPrefix,
    address: cluster.nodeAddress,
    bindAddress: '0.0.0.0',
    example,
    loadTexts: { idle: 'pods sleep', busy: 'pods burn' },
    remarks: [
      `Scale-down is stabilized for ${stabilizationSeconds} s here instead of the usual 5 min. A pod burns all it may (${cpu}), so replicas rise to their maximum.`,
    ],
    setLoad: (level) => cluster.burn(name, level === 'busy'),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
