// Flow: keeps the cluster of a soak changing at a steady rate: pods, nodes, autoscalers; and plays the Deployment controller.
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeName } from '../test/cluster/sim/node-identity.ts';
import { type BenchPod, nodePrefix } from './shape.ts';
import type { SoakCluster } from './soak-cluster.ts';
import { type EditLedger, nextEdit } from './soak-edits.ts';
import { nodeKey, podKey, storedNode, storedPod } from './soak-objects.ts';
import type { SoakOptions } from './soak-options.ts';
import { type Change, firstReplicas, type Population, type SoakApp } from './soak-population.ts';
import type { SoakRecord } from './soak-record.ts';
import { keyOf, type SampleLedger } from './soak-samples.ts';
import type { SoakKubelets } from './soak-stage.ts';

export interface ChurnDeps {
  readonly population: Population;
  readonly cluster: SoakCluster;
  readonly kubelets: SoakKubelets;
  readonly pods: SampleLedger;
  readonly nodes: SampleLedger;
  readonly edits: EditLedger;
  readonly record: SoakRecord;
}

const followEveryMs = 1000;

export class Churn {
  readonly #deps: ChurnDeps;
  readonly #scaled: readonly SoakApp[];
  readonly #replicas = new Map<string, number>();
  #editsMade = 0;
  #applied = Promise.resolve();

  constructor(deps: ChurnDeps) {
    this.#deps = deps;
    this.#scaled = deps.population.apps.filter(({ isAutoscaled }) => isAutoscaled);
    for (const app of this.#scaled) this.#replicas.set(keyOf(app), firstReplicas);
  }

  /** Until the signal aborts. Rejects when the cluster refuses a change. */
  async run({ podsPerSecond, nodeEveryMs, editEveryMs }: SoakOptions, signal: AbortSignal): Promise<void> {
    const { population, record } = this.#deps;
    // Twice a second, so that a busy machine does not fall behind waiting for etcd.
    const podsAtOnce = Math.ceil(podsPerSecond / 2);
    await Promise.all([
      atRate((1000 * podsAtOnce) / podsPerSecond, signal, async () => {
        await this.#apply(() => population.replacePods(podsAtOnce));
        record.podsReplaced += podsAtOnce;
      }),
      atRate(nodeEveryMs, signal, () => this.#apply(() => population.replaceNode())),
      atRate(editEveryMs, signal, () => this.#editNext()),
      atRate(followEveryMs, signal, () => this.#followDeployments()),
    ]);
  }

  /** One change after the other: a pod must be there before the next one may take it away. */
  #apply(change: () => Change): Promise<void> {
    const applied = this.#applied.then(() => this.#carryOut(change()));
    this.#applied = applied.catch(() => undefined);
    return applied;
  }

  async #carryOut({ stopped, left, joined, started }: Change): Promise<void> {
    const { cluster, kubelets, nodes, record } = this.#deps;
    await Promise.all(stopped.map((pod) => this.#stop(pod)));
    if (left !== undefined) {
      const name = nodeName(nodePrefix, left);
      nodes.ending(name);
      await cluster.remove(nodeKey(left));
      nodes.ended(name, Date.now());
    }
    kubelets.change(stopped, started);
    if (joined !== undefined) {
      const nowMs = Date.now();
      nodes.began(nodeName(nodePrefix, joined), nowMs);
      await cluster.put(storedNode(joined, kubelets.port, nowMs));
      record.nodesReplaced++;
    }
    await Promise.all(started.map((pod) => this.#start(pod)));
    record.podsStopped += stopped.length;
    record.podsStarted += started.length;
  }

  async #start(pod: BenchPod): Promise<void> {
    const nowMs = Date.now();
    this.#deps.pods.began(keyOf(pod), nowMs);
    await this.#deps.cluster.put(storedPod(pod, nowMs));
  }

  async #stop(pod: BenchPod): Promise<void> {
    const key = keyOf(pod);
    this.#deps.pods.ending(key);
    await this.#deps.cluster.remove(podKey(pod));
    this.#deps.pods.ended(key, Date.now());
  }

  /** The autoscalers in turn. One whose last edit still waits for its effect is left out. */
  async #editNext(): Promise<void> {
    const { cluster, edits, record } = this.#deps;
    const round = Math.floor(this.#editsMade / this.#scaled.length);
    const app = this.#scaled[this.#editsMade++ % this.#scaled.length];
    if (app === undefined || edits.isPending(keyOf(app))) return;
    const replicas = this.#replicas.get(keyOf(app)) ?? firstReplicas;
    const edit = nextEdit(round, replicas);
    await cluster.editAutoscaler(app, edit.spec);
    edits.edited(keyOf(app), edit, replicas, Date.now());
    record.edits++;
  }

  async #followDeployments(): Promise<void> {
    const { cluster, edits, record, population } = this.#deps;
    const askedAtMs = Date.now();
    const replicas = await cluster.replicas();
    record.sawEdits(edits.see(replicas, askedAtMs));
    for (const app of this.#scaled) {
      const wanted = replicas.get(keyOf(app)) ?? firstReplicas;
      const before = this.#replicas.get(keyOf(app)) ?? wanted;
      if (wanted === before) continue;
      if (wanted > before) record.scaledUp++;
      else record.scaledDown++;
      this.#replicas.set(keyOf(app), wanted);
      await this.#apply(() => population.scale(app, wanted));
      await cluster.setDeploymentStatus(app, wanted);
    }
  }
}

/** One after the other, on average every `intervalMs` whatever one takes; what could not be done in time is made up for. */
async function atRate(intervalMs: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const beganAtMs = performance.now();
  for (let count = 1; ; count++) {
    const waitMs = beganAtMs + count * intervalMs - performance.now();
    if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await work();
  }
}
