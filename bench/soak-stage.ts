// Flow: what a soak begins with: a real API server that holds all objects, simulated kubelets, and Headroom that serves everything.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBinaries, type Progress } from '../test/cluster/build.ts';
import type { ControlPlane } from '../test/cluster/control-plane.ts';
import { reservePorts } from '../test/cluster/ports.ts';
import { controlPlaneTools } from '../test/cluster/tools.ts';
import { writeToEtcd } from './etcd-writer.ts';
import { loadAccount } from './manifests.ts';
import type { BenchPod } from './shape.ts';
import { SoakCluster } from './soak-cluster.ts';
import type { KubeletsLate, KubeletsListen, KubeletsOrder, PodsChange } from './soak-kubelets.ts';
import { autoscalerOf, deploymentOf, simulatedPod, storedNode, storedPod, workloadOf } from './soak-objects.ts';
import type { SoakOptions } from './soak-options.ts';
import { firstReplicas, type Population } from './soak-population.ts';
import { ageMs, applyAccess, type Stage, startQuietControlPlane } from './stage.ts';

const kubeletsProgram = fileURLToPath(new URL('soak-kubelets.ts', import.meta.url));
const podsPerMessage = 2000;

export interface SoakStage {
  readonly stage: Stage;
  readonly cluster: SoakCluster;
  readonly kubelets: SoakKubelets;
}

export interface SoakTools {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Everything that is started goes onto `undo`. */
export async function setSoakStage(
  options: SoakOptions,
  population: Population,
  undo: AsyncDisposableStack,
  { signal, progress }: SoakTools,
): Promise<SoakStage> {
  // metrics-server is not started, but a stage knows it.
  const binaries = await ensureBinaries(progress, [...controlPlaneTools, 'metrics-server']);
  signal.throwIfAborted();
  const controlPlane = undo.use(await startQuietControlPlane(binaries, progress));
  const kubelets = undo.use(await SoakKubelets.start(options, population));
  signal.throwIfAborted();
  const caFile = join(controlPlane.dir, 'kubelets-ca.crt');
  await writeFile(caFile, kubelets.caPem);
  kubelets.change([], population.pods);
  const { ports, release } = await reservePorts(1);
  undo.defer(release);
  const servingPort = ports[0] ?? 0;
  await applyAccess(controlPlane, servingPort);
  const cluster = undo.use(new SoakCluster(controlPlane));
  await writeObjects(population, controlPlane, kubelets.port, { signal, progress });
  await createAutoscalers(population, cluster);
  progress(
    `${population.nodes.length} nodes, ${population.pods.length} pods and ${options.hpas} autoscalers are there`,
  );
  const stage: Stage = {
    shape: options,
    controlPlane,
    kubelets: { pid: kubelets.pid, port: kubelets.port, controlUrl: '', caFile },
    servingPort,
    loadToken: await controlPlane.serviceAccountToken(loadAccount.namespace, loadAccount.name),
    apiServerPid: controlPlane.pids().find(({ name }) => name === 'kube-apiserver')?.pid ?? 0,
  };
  return { stage, cluster, kubelets };
}

/** The process of soak-kubelets.ts. */
export class SoakKubelets implements Disposable {
  readonly port: number;
  readonly caPem: string;
  /** The longest that its event loop has stood still. */
  latestByMs = 0;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, { port, caPem }: KubeletsListen) {
    this.#child = child;
    this.port = port;
    this.caPem = caPem;
    child.on('message', ({ lateMs }: KubeletsLate) => {
      this.latestByMs = Math.max(this.latestByMs, lateMs);
    });
  }

  /** Enough nodes listen for all that join in the time of the soak. */
  static async start({ nodes, forMs, nodeEveryMs, seed }: SoakOptions, population: Population): Promise<SoakKubelets> {
    // A session of its own, as Headroom and the API server have: Linux shares the processors out by session.
    const child = fork(kubeletsProgram, [], { serialization: 'advanced', detached: true });
    const workloads = population.apps.filter(({ isAutoscaled }) => isAutoscaled).map(workloadOf);
    const joining = Math.ceil(forMs / nodeEveryMs) + 10;
    child.send({ nodes: nodes + joining, workloads, seed } satisfies KubeletsOrder);
    const failed = once(child, 'exit').then(() => {
      throw new Error('the simulated kubelets did not start');
    });
    const [answer] = (await Promise.race([once(child, 'message'), failed])) as [KubeletsListen];
    failed.catch(() => undefined);
    return new SoakKubelets(child, answer);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  change(stopped: readonly BenchPod[], started: readonly BenchPod[]): void {
    const stoppedUids = stopped.map(({ uid }) => uid);
    this.#child.send({ stoppedUids, started: started.slice(0, podsPerMessage).map(simulatedPod) } satisfies PodsChange);
    if (started.length > podsPerMessage) this.change([], started.slice(podsPerMessage));
  }

  [Symbol.dispose](): void {
    this.#child.kill('SIGTERM');
  }
}

async function writeObjects(
  population: Population,
  { etcdUrl }: ControlPlane,
  kubeletPort: number,
  { signal, progress }: SoakTools,
): Promise<void> {
  const createdAtMs = Date.now() - ageMs;
  const nodes = population.nodes.map((index) => storedNode(index, kubeletPort, createdAtMs));
  await writeToEtcd(etcdUrl, nodes, signal, () => undefined);
  let told = 0;
  const pods = population.pods.values().map((pod) => storedPod(pod, createdAtMs));
  await writeToEtcd(etcdUrl, pods, signal, (count) => {
    if (count < told + 20_000) return;
    told = count;
    progress(`${count} pods written into etcd`);
  });
}

async function createAutoscalers({ apps, namespaces }: Population, cluster: SoakCluster): Promise<void> {
  for (const namespace of namespaces) await cluster.createNamespace(namespace);
  for (const app of apps.filter(({ isAutoscaled }) => isAutoscaled)) {
    await cluster.createDeployment(app.namespace, deploymentOf(app));
    await cluster.setDeploymentStatus(app, firstReplicas);
    await cluster.createAutoscaler(app.namespace, autoscalerOf(app));
  }
}
