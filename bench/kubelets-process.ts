// The simulated kubelets of a benchmark as a process of their own: `node bench/kubelets-process.ts NODES PODS_PER_NODE`.
// Prints one JSON line when they answer; ends on SIGTERM.
import { startSimulatedNodes } from '../test/cluster/sim/simulated-nodes.ts';
import { benchPods, nodePrefix, noiseRatio, simulatedPod } from './shape.ts';

const shape = { nodes: Number(process.argv[2]), podsPerNode: Number(process.argv[3]) };
const asked = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
await using simulation = await startSimulatedNodes({
  nodeCount: shape.nodes,
  namePrefix: nodePrefix,
  pods: benchPods(shape).map(simulatedPod),
  usage: { noiseRatio },
  controlPort: 0,
});
const { port, controlUrl, caPem } = simulation;
process.stdout.write(`${JSON.stringify({ port, controlUrl, caPem })}\n`);
await asked;
