// The simulated kubelets of a soak as a process of their own, whose pods come and go as its parent says over the IPC channel.
// Ends when the channel closes, so that it never outlives the process that started it.

import { systemClock } from '../src/lib/clock.ts';
import { createAuthority } from '../test/cluster/pki.ts';
import { fixedTokenAuth } from '../test/cluster/sim/kubelet-auth.ts';
import { KubeletHandler } from '../test/cluster/sim/kubelet-handler.ts';
import { LoadModel } from '../test/cluster/sim/load-model.ts';
import { nodeAddress, nodeName } from '../test/cluster/sim/node-identity.ts';
import { NodeListener } from '../test/cluster/sim/node-listener.ts';
import { ScrapeBody, type SimulatedNode } from '../test/cluster/sim/simulated-node.ts';
import type { SimulatedPod, Workload } from '../test/cluster/sim/types.ts';
import { nodePrefix, noiseRatio } from './shape.ts';

/** The first message. Nodes that have not joined yet listen already. */
export interface KubeletsOrder {
  readonly nodes: number;
  readonly workloads: readonly Workload[];
  readonly seed: number;
}

/** Every later message. */
export interface PodsChange {
  readonly stoppedUids: readonly string[];
  readonly started: readonly SimulatedPod[];
}

/** What it answers the order with. */
export interface KubeletsListen {
  readonly port: number;
  /** What the serving certificates chain to. */
  readonly caPem: string;
}

/** Any time later: its event loop stood still for so long. What it serves is older by that, which is not Headroom's fault. */
export interface KubeletsLate {
  readonly lateMs: number;
}

const lookEveryMs = 100;
const worthTellingMs = 500;

process.once('disconnect', () => process.exit());
process.once('message', (order: KubeletsOrder) => void serve(order));

async function serve({ nodes: count, workloads, seed }: KubeletsOrder): Promise<void> {
  const nodeNames = Array.from({ length: count }, (_, index) => nodeName(nodePrefix, index));
  const model = new LoadModel({ nodeNames, workloads, seed, usage: { noiseRatio } }, systemClock.now());
  const authority = createAuthority('soak-kubelets');
  const handler = new KubeletHandler(fixedTokenAuth(undefined), systemClock);
  const listener = new NodeListener<SimulatedNode>({
    nodes: nodeNames.map((name, index) => simulatedNode(model, name, index)),
    port: 0,
    authority,
    clientCaPem: undefined,
    policyOf: () => 'serve',
    answer: (node, request, response) => handler.answer(node, request, response),
  });
  const port = await listener.listen();
  process.on('message', (change: PodsChange) => applyChange(model, change));
  let lookedAtMs = performance.now();
  setInterval(() => {
    model.refreshDue(systemClock.now());
    const lateMs = performance.now() - lookedAtMs - lookEveryMs;
    lookedAtMs += lateMs + lookEveryMs;
    if (lateMs > worthTellingMs) process.send?.({ lateMs } satisfies KubeletsLate);
  }, lookEveryMs);
  process.send?.({ port, caPem: authority.certificatePem } satisfies KubeletsListen);
}

function simulatedNode(model: LoadModel, name: string, index: number): SimulatedNode {
  const usage = model.node(name);
  if (usage === undefined) throw new Error(`BUG: the load model does not know node ${name}`);
  return { index, name, address: nodeAddress(index), usage, body: new ScrapeBody(usage), fault: undefined };
}

function applyChange(model: LoadModel, { stoppedUids, started }: PodsChange): void {
  const nowMs = systemClock.now();
  for (const uid of stoppedUids) model.stopPod(uid, nowMs);
  for (const pod of started) {
    model.startPod(pod, nowMs);
    model.setReady(pod.uid, true, nowMs);
  }
}
