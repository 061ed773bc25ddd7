// Flow: puts the simulation together and runs it: simulated kubelets, one process for one to thousands of nodes.
import { KubeConfig } from '@kubernetes/client-node';
import { type Clock, systemClock } from '../../../src/lib/clock.ts';
import { type Logger, silentLogger } from '../../../src/lib/logger.ts';
import { type Authority, createAuthority } from '../pki.ts';
import { SimApiClient } from './api-client.ts';
import { type ControlEndpoint, startControlEndpoint } from './control-endpoint.ts';
import type { Demand } from './demand.ts';
import type { Fault } from './fault.ts';
import { fixedTokenAuth, type KubeletAuth, ReviewAuth } from './kubelet-auth.ts';
import { KubeletHandler } from './kubelet-handler.ts';
import { LoadModel, type WorkloadState } from './load-model.ts';
import { nodeAddress, nodeName } from './node-identity.ts';
import { type ConnectionPolicy, NodeListener } from './node-listener.ts';
import { defaultCapacity } from './node-object.ts';
import { NodeRegistrar } from './node-registrar.ts';
import type { FinalPhase } from './pod-lifecycle.ts';
import { defaultTiming, type LifecycleTiming } from './pod-object.ts';
import { ApiPods, type PodSource, StaticPods } from './pod-source.ts';
import { ScrapeBody, type SimulatedNode } from './simulated-node.ts';
import type { HousekeepingOptions, SimulatedPod, UsageOptions, Workload } from './types.ts';

export interface SimulatedNodesOptions {
  /** The cluster whose pods run on the nodes. Without it the nodes stand alone and `pods` must be given. */
  readonly kubeconfigPath?: string;
  /** A fixed list of pods instead of the API's. */
  readonly pods?: Iterable<SimulatedPod>;
  readonly nodeCount: number;
  /** Default `sim-`. */
  readonly namePrefix?: string;
  /** Of all the nodes' addresses; default a free one. */
  readonly port?: number;
  /** The nodes' addresses begin at 127.firstOctet.1.1; default 16. */
  readonly firstOctet?: number;
  readonly seed?: number;
  readonly workloads?: readonly Workload[];
  readonly usage?: Partial<UsageOptions>;
  readonly housekeeping?: Partial<HousekeepingOptions>;
  readonly timing?: Partial<LifecycleTiming>;
  /** Default: TokenReview and SubjectAccessReview where there is a kubeconfig, otherwise everybody may scrape. */
  readonly auth?: 'review' | 'open' | { readonly token: string };
  /** Signs the serving certificates; default one of its own. */
  readonly authority?: Pick<Authority, 'certificatePem' | 'issue'>;
  /** Accepts client certificates that chain to it, as a kubelet's clientCAFile. */
  readonly clientCaPem?: string;
  /** Default true where there is a kubeconfig. False when the Node objects are somebody else's. */
  readonly registerNodes?: boolean;
  readonly nodeLabels?: Readonly<Record<string, string>>;
  readonly nodeAnnotations?: Readonly<Record<string, string>>;
  readonly capacity?: Readonly<Record<string, string>>;
  /** Port of a control endpoint on 127.0.0.1 (0: any free one); default none. */
  readonly controlPort?: number;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export interface SimulatedNodes extends AsyncDisposable {
  readonly nodes: readonly { readonly name: string; readonly address: string }[];
  readonly port: number;
  /** What the serving certificates chain to. */
  readonly caPem: string;
  /** `http://127.0.0.1:port` of the control endpoint, where there is one. */
  readonly controlUrl: string | undefined;
  /** Faults by node name; `*` means every node. Resolves when the fault is in force. */
  setFault(node: string, fault: Fault | undefined): Promise<void>;
  /** All counters of a node begin at zero again. */
  resetCounters(node: string): void;
  /** Replaces a workload's demand from now on; what is not named stays. */
  setDemand(workload: string, demand: { readonly cores?: Demand; readonly bytes?: Demand }): void;
  workloadState(workload: string): WorkloadState;
  /** What each container of these pods, by UID, uses without work from now on. */
  setIdleCores(coresByUid: Readonly<Record<string, number>>): void;
  restartPod(namespace: string, name: string, container?: string): void;
  finishPod(namespace: string, name: string, phase: FinalPhase): void;
  /** Makes a pod's readiness probe fail, or succeed again. */
  failProbe(namespace: string, name: string, fails: boolean): void;
  statistics(): SimulationStatistics;
  stop(): Promise<void>;
}

export interface SimulationStatistics {
  readonly runningPods: number;
  readonly scrapes: number;
  readonly connections: number;
}

/** Resolves when the kubelets answer, the nodes are registered and the pods that were there are taken over. */
export async function startSimulatedNodes(options: SimulatedNodesOptions): Promise<SimulatedNodes> {
  const simulation = new Simulation(options);
  try {
    await simulation.start();
  } catch (error) {
    await simulation.stop();
    throw error;
  }
  return simulation;
}

const lookEveryMs = 100;

class Simulation implements SimulatedNodes {
  readonly nodes: readonly SimulatedNode[];
  readonly caPem: string;
  port = 0;
  readonly #options: SimulatedNodesOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #model: LoadModel;
  readonly #api: SimApiClient | undefined;
  readonly #listener: NodeListener<SimulatedNode>;
  readonly #handler: KubeletHandler;
  readonly #source: PodSource;
  readonly #ended = new AbortController();
  #running: Promise<void>[] = [];
  #registrar: NodeRegistrar | undefined;
  #control: ControlEndpoint | undefined;

  constructor(options: SimulatedNodesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    const { nodeCount, namePrefix = 'sim-', firstOctet, seed = 1, workloads = [], usage, housekeeping } = options;
    const names = Array.from({ length: nodeCount }, (_, index) => nodeName(namePrefix, index));
    this.#model = new LoadModel({ nodeNames: names, workloads, seed, usage, housekeeping }, this.#clock.now());
    this.nodes = names.map((name, index) => createNode(this.#model, name, index, nodeAddress(index, firstOctet)));
    this.#api = options.kubeconfigPath === undefined ? undefined : createApiClient(options.kubeconfigPath);
    const authority = options.authority ?? createAuthority('simulated-kubelets');
    this.caPem = authority.certificatePem;
    this.#handler = new KubeletHandler(this.#createAuth(), this.#clock);
    this.#listener = new NodeListener({
      nodes: this.nodes,
      port: options.port ?? 0,
      authority,
      clientCaPem: options.clientCaPem,
      policyOf,
      answer: (node, request, response) => this.#handler.answer(node, request, response),
    });
    this.#source = this.#createSource();
  }

  async start(): Promise<void> {
    const { signal } = this.#ended;
    this.port = await this.#listener.listen();
    if (this.#api !== undefined && this.#options.registerNodes !== false) {
      this.#registrar = this.#createRegistrar(this.#api);
      await this.#registrar.register(signal);
      this.#running.push(this.#registrar.run(signal));
    }
    await this.#source.start(signal);
    // What is sorted once is sorted before thousands of first scrapes come at once.
    for (const { body } of this.nodes) body.identity(undefined);
    this.#running.push(this.#housekeep(signal));
    if (this.#options.controlPort !== undefined) {
      this.#control = await startControlEndpoint(this, this.#options.controlPort);
    }
  }

  get controlUrl(): string | undefined {
    return this.#control?.url;
  }

  async setFault(name: string, fault: Fault | undefined): Promise<void> {
    for (const node of name === '*' ? this.nodes : [this.#node(name)]) {
      const before = policyOf(node);
      node.fault = fault;
      node.usage.frozen = fault?.kind === 'frozen';
      if (policyOf(node) !== before) this.#listener.dropConnections(node);
      await this.#registrar?.setAddressed(node.name, fault?.kind !== 'no-address', this.#ended.signal);
    }
  }

  resetCounters(name: string): void {
    for (const node of name === '*' ? this.nodes : [this.#node(name)]) node.usage.resetCounters();
  }

  setDemand(workload: string, demand: { readonly cores?: Demand; readonly bytes?: Demand }): void {
    this.#model.setDemand(workload, demand, this.#clock.now());
  }

  workloadState(workload: string): WorkloadState {
    return this.#model.workloadState(workload, this.#clock.now());
  }

  setIdleCores(coresByUid: Readonly<Record<string, number>>): void {
    const nowMs = this.#clock.now();
    for (const [uid, cores] of Object.entries(coresByUid)) this.#model.setIdleCores(uid, cores, nowMs);
  }

  restartPod(namespace: string, name: string, container?: string): void {
    this.#source.command(namespace, name, { kind: 'restart', ...(container === undefined ? {} : { container }) });
  }

  finishPod(namespace: string, name: string, phase: FinalPhase): void {
    this.#source.command(namespace, name, { kind: 'finish', phase });
  }

  failProbe(namespace: string, name: string, fails: boolean): void {
    this.#source.command(namespace, name, { kind: 'probe', fails });
  }

  statistics(): SimulationStatistics {
    return {
      runningPods: this.#model.runningPods,
      scrapes: this.#handler.scrapes,
      connections: this.#listener.connections,
    };
  }

  /** May be called twice. The Node objects stay, as those of machines that were switched off. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await Promise.all([this.#control?.close(), this.#listener.close(), ...this.#running]);
    await this.#api?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Refreshes samples as they fall due. A scrape never does: a kubelet serves what its cAdvisor last saw. */
  async #housekeep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#model.refreshDue(this.#clock.now());
      await this.#clock.sleep(lookEveryMs, signal);
    }
  }

  #node(name: string): SimulatedNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new RangeError(`no simulated node is named ${name}`);
    return node;
  }

  #createAuth(): KubeletAuth {
    const auth = this.#options.auth ?? (this.#api === undefined ? 'open' : 'review');
    if (typeof auth === 'object') return fixedTokenAuth(auth.token);
    if (auth === 'open') return fixedTokenAuth(undefined);
    if (this.#api === undefined) throw new RangeError('reviewing callers needs a kubeconfig');
    return new ReviewAuth(this.#api, this.#clock);
  }

  #createSource(): PodSource {
    if (this.#options.pods !== undefined) return new StaticPods(this.#options.pods, this.#model, this.#clock);
    if (this.#api === undefined) throw new RangeError('simulated nodes need a kubeconfig or a list of pods');
    return new ApiPods({
      api: this.#api,
      model: this.#model,
      clock: this.#clock,
      logger: this.#logger,
      timing: { ...defaultTiming, ...this.#options.timing },
      nodes: new Map(this.nodes.map((node) => [node.name, node])),
    });
  }

  #createRegistrar(api: SimApiClient): NodeRegistrar {
    const { capacity = defaultCapacity, nodeLabels: labels = {}, nodeAnnotations: annotations = {} } = this.#options;
    const descriptions = this.nodes.map(({ name, address }) => ({
      name,
      address,
      kubeletPort: this.port,
      capacity,
      labels,
      annotations,
    }));
    return new NodeRegistrar({ api, clock: this.#clock, logger: this.#logger }, descriptions);
  }
}

function createApiClient(kubeconfigPath: string): SimApiClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfigPath);
  return new SimApiClient(config);
}

function createNode(model: LoadModel, name: string, index: number, address: string): SimulatedNode {
  const usage = model.node(name);
  if (usage === undefined) throw new Error(`BUG: the load model does not know node ${name}`);
  return { index, name, address, usage, body: new ScrapeBody(usage), fault: undefined };
}

function policyOf(node: SimulatedNode): ConnectionPolicy {
  return node.fault?.kind === 'reset' || node.fault?.kind === 'wrong-certificate' ? node.fault.kind : 'serve';
}
