// The simulated kubelets of a benchmark as a process of their own: `node bench/kubelets-process.ts NODES PODS_PER_NODE HPAS`.
// Prints one JSON line when they answer; ends on SIGTERM.
import { startSimulatedNodes } from '../test/cluster/sim/simulated-nodes.ts';
import { autoscaledApps, benchPods, nodePrefix, noiseRatio, simulatedPod } from './shape.ts';

const [nodes = 0, podsPerNode = 0, hpas = 0] = process.argv.slice(2).map(Number);
const shape = { nodes, podsPerNode, hpas };
const steady = new Set(autoscaledApps(shape).flatMap(({ pods }) => pods.map(({ uid }) => uid)));
const asked = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
await using simulation = await startSimulatedNodes({
  nodeCount: shape.nodes,
  namePrefix: nodePrefix,
  pods: benchPods(shape).map((pod) => simulatedPod(pod, steady.has(pod.uid))),
  usage: { noiseRatio },
  controlPort: 0,
});
const { port, controlUrl, caPem } = simulation;
process.stdout.write(`${JSON.stringify({ port, controlUrl, caPem })}\n`);
await asked;
