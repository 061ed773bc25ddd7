// State: the nodes, apps and pods that a soak's cluster has now, and how they change. The same seed gives the same changes.
import { nodeName } from '../test/cluster/sim/node-identity.ts';
import { seededRandom } from '../test/cluster/sim/random.ts';
import { type BenchPod, nodePrefix } from './shape.ts';

/** The pods that carry one label `app`. The autoscaled ones come first. */
export interface SoakApp {
  readonly namespace: string;
  readonly name: string;
  readonly isAutoscaled: boolean;
  readonly pods: Set<BenchPod>;
}

/** What one step of the churn does, in this order. No name and no UID ever comes twice. */
export interface Change {
  readonly stopped: readonly BenchPod[];
  /** Index of a node that leaves. */
  readonly left?: number;
  /** Index of a node that joins. */
  readonly joined?: number;
  readonly started: readonly BenchPod[];
}

export interface PopulationOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly hpas: number;
  readonly seed: number;
}

export const firstReplicas = 6;
const podsPerPlainApp = 10;
const podsPerNamespace = 5000;
/** Of a pod whose usage comes from its app's load. */
const idleCpuMilli = 1;

export class Population {
  readonly apps: readonly SoakApp[];
  readonly namespaces: readonly string[];
  readonly #random: () => number;
  readonly #pods: BenchPod[] = [];
  /** Where in #pods a pod stands. */
  readonly #places = new Map<BenchPod, number>();
  readonly #appOf = new Map<BenchPod, SoakApp>();
  readonly #nodes: number[];
  #nextNode: number;
  #nextSerial = 0;

  constructor({ nodes, podsPerNode, hpas, seed }: PopulationOptions) {
    this.#random = seededRandom(seed);
    this.#nodes = Array.from({ length: nodes }, (_, index) => index);
    this.#nextNode = nodes;
    const total = nodes * podsPerNode;
    this.namespaces = Array.from({ length: Math.ceil(total / podsPerNamespace) }, (_, index) => `team-${index}`);
    const apps: SoakApp[] = [];
    while (this.#pods.length < total || apps.length < hpas) {
      const app = this.#newApp(apps.length, apps.length < hpas);
      const size = app.isAutoscaled ? firstReplicas : Math.min(podsPerPlainApp, total - this.#pods.length);
      for (let count = 0; count < size; count++) this.#start(app, this.#nextSerial % nodes);
      apps.push(app);
    }
    this.apps = apps;
  }

  get pods(): readonly BenchPod[] {
    return this.#pods;
  }

  /** Indexes of the nodes that are there. */
  get nodes(): readonly number[] {
    return this.#nodes;
  }

  /** Other pods of the same apps take the place of any so many, on any nodes. */
  replacePods(count: number): Change {
    const stopped: BenchPod[] = [];
    const apps: SoakApp[] = [];
    while (stopped.length < count && this.#pods.length > 0) {
      const pod = this.#pods[this.#below(this.#pods.length)];
      if (pod === undefined) break;
      stopped.push(pod);
      apps.push(this.#stop(pod));
    }
    return { stopped, started: apps.map((app) => this.#start(app, this.#anyNode())) };
  }

  /** Any node leaves; what ran there begins again on a new one. */
  replaceNode(): Change {
    const place = this.#below(this.#nodes.length);
    const left = this.#nodes[place] ?? 0;
    const joined = this.#nextNode++;
    this.#nodes[place] = joined;
    const stopped = this.#pods.filter(({ nodeIndex }) => nodeIndex === left);
    const started = stopped.map((pod) => this.#start(this.#stop(pod), joined));
    return { stopped, left, joined, started };
  }

  /** The app has so many pods from now on; its oldest go first. */
  scale(app: SoakApp, replicas: number): Change {
    const stopped = [...app.pods].slice(0, Math.max(0, app.pods.size - replicas));
    for (const pod of stopped) this.#stop(pod);
    const started: BenchPod[] = [];
    while (app.pods.size < replicas) started.push(this.#start(app, this.#anyNode()));
    return { stopped, started };
  }

  #newApp(index: number, isAutoscaled: boolean): SoakApp {
    const namespace = this.namespaces[index % this.namespaces.length] ?? '';
    return { namespace, name: `app-${index}`, isAutoscaled, pods: new Set() };
  }

  #start(app: SoakApp, nodeIndex: number): BenchPod {
    const serial = this.#nextSerial++;
    const pod: BenchPod = {
      namespace: app.namespace,
      name: `${app.name}-7c9f8d7b5c-${serial.toString(36).padStart(5, '0')}`,
      uid: `00000000-0000-4000-8000-${serial.toString(16).padStart(12, '0')}`,
      app: app.name,
      nodeIndex,
      nodeName: nodeName(nodePrefix, nodeIndex),
      cpuMilli: app.isAutoscaled ? idleCpuMilli : 5 + ((serial * 37) % 296),
      memoryMebibytes: 20 + ((serial * 53) % 481),
    };
    this.#places.set(pod, this.#pods.push(pod) - 1);
    this.#appOf.set(pod, app);
    app.pods.add(pod);
    return pod;
  }

  #stop(pod: BenchPod): SoakApp {
    const app = this.#appOf.get(pod);
    const place = this.#places.get(pod);
    const last = this.#pods.pop();
    if (app === undefined || place === undefined || last === undefined)
      throw new Error(`BUG: ${pod.name} is not there`);
    if (last !== pod) {
      this.#pods[place] = last;
      this.#places.set(last, place);
    }
    this.#places.delete(pod);
    this.#appOf.delete(pod);
    app.pods.delete(pod);
    return app;
  }

  #anyNode(): number {
    return this.#nodes[this.#below(this.#nodes.length)] ?? 0;
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }
}
