// Flow: what both contenders meet: a real API server with all objects, and one process of simulated kubelets.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withPort } from '../demo/manifests.ts';
import { type Binaries, ensureBinaries, type Progress } from '../test/cluster/build.ts';
import { type ControlPlane, startControlPlane } from '../test/cluster/control-plane.ts';
import { reservePorts } from '../test/cluster/ports.ts';
import { lastLines, spawnGuarded } from '../test/cluster/processes.ts';
import { controlPlaneTools } from '../test/cluster/tools.ts';
import { writeToEtcd } from './etcd-writer.ts';
import { benchmarkAccounts, loadAccount } from './manifests.ts';
import { benchPod, podCount, type Shape } from './shape.ts';
import { storedObjects } from './stored-objects.ts';
import { storedDeployments } from './stored-workloads.ts';

const kubeletsProgram = fileURLToPath(new URL('kubelets-process.ts', import.meta.url));
const overlay = fileURLToPath(new URL('../config/overlays/test', import.meta.url));
const pollMs = 50;
/** Fewer collections of a heap that holds thousands of connections. */
const kubeletsFlags = ['--max-semi-space-size=32'];
const kubeletsTimeoutMs = 120_000;
/** What both contenders may ask of the API server per second. */
export const apiQps = 1000;
/** How old the objects are. */
export const ageMs = 3_600_000;
/** Pods that have just started are treated apart by both contenders; these have run for a while. */
const settlingMs = 20_000;

export interface Kubelets {
  readonly pid: number;
  readonly port: number;
  /** See test/cluster/sim/control-endpoint.ts. */
  readonly controlUrl: string;
  /** File with what their serving certificates chain to. */
  readonly caFile: string;
}

export interface Stage {
  readonly shape: Shape;
  readonly controlPlane: ControlPlane;
  readonly kubelets: Kubelets;
  /** Where each contender serves, one after the other; the APIService leads there. */
  readonly servingPort: number;
  /** Bearer token of the load generator. */
  readonly loadToken: string;
  readonly apiServerPid: number;
}

/** Everything that is started goes onto `undo`. */
export async function setStage(
  shape: Shape,
  undo: AsyncDisposableStack,
  signal: AbortSignal,
  progress: Progress,
): Promise<Stage> {
  const binaries = await ensureBinaries(progress, [...controlPlaneTools, 'metrics-server']);
  signal.throwIfAborted();
  const controlPlane = undo.use(await startQuietControlPlane(binaries, progress));
  const kubelets = await startKubelets(shape, controlPlane.dir, undo, signal);
  progress(`${shape.nodes} simulated kubelets listen`);
  await writeObjects(shape, controlPlane, kubelets.port, { signal, progress });
  const { ports, release } = await reservePorts(1);
  undo.defer(release);
  const servingPort = ports[0] ?? 0;
  await applyAccess(controlPlane, servingPort);
  await sleep(settlingMs, undefined, { signal });
  return {
    shape,
    controlPlane,
    kubelets,
    servingPort,
    loadToken: await controlPlane.serviceAccountToken(loadAccount.namespace, loadAccount.name),
    apiServerPid: controlPlane.pids().find(({ name }) => name === 'kube-apiserver')?.pid ?? 0,
  };
}

/** Nobody may bind, evict or replace pods: scheduler and controllers are stopped. Those that are needed later are the autoscalers'. */
export async function startQuietControlPlane(binaries: Binaries, progress: Progress): Promise<ControlPlane> {
  const controlPlane = await startControlPlane({
    binaries,
    progress,
    controllers: 'serviceaccount-controller,horizontal-pod-autoscaler-controller',
    extraFlags: {
      'kube-apiserver': ['--max-requests-inflight=3000'],
      // With the 20 requests per second that it has by default it could evaluate 20 autoscalers per second at most.
      'kube-controller-manager': [`--kube-api-qps=${apiQps}`, `--kube-api-burst=${2 * apiQps}`],
    },
  });
  await Promise.all([
    controlPlane.stopComponent('kube-scheduler'),
    controlPlane.stopComponent('kube-controller-manager'),
  ]);
  return controlPlane;
}

async function startKubelets(
  { nodes, podsPerNode, hpas }: Shape,
  dir: string,
  undo: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<Kubelets> {
  const logPath = join(dir, 'kubelets.log');
  const command = [process.execPath, ...kubeletsFlags, kubeletsProgram, ...[nodes, podsPerNode, hpas].map(String)];
  const child = await spawnGuarded(command, { logPath });
  undo.defer(() => child.stop(2_000));
  const deadlineMs = Date.now() + kubeletsTimeoutMs;
  for (;;) {
    const line = readFileSync(logPath, 'utf8');
    if (line.endsWith('}\n')) {
      const { port, controlUrl, caPem } = JSON.parse(line) as { port: number; controlUrl: string; caPem: string };
      const caFile = join(dir, 'kubelets-ca.crt');
      await writeFile(caFile, caPem);
      return { pid: child.pid, port, controlUrl, caFile };
    }
    if (child.exited !== undefined || Date.now() > deadlineMs) {
      throw new Error(`the simulated kubelets did not start:\n${lastLines(logPath, 15)}`);
    }
    await sleep(pollMs, undefined, { signal });
  }
}

async function writeObjects(
  shape: Shape,
  controlPlane: ControlPlane,
  kubeletPort: number,
  { signal, progress }: { readonly signal: AbortSignal; readonly progress: Progress },
): Promise<void> {
  const startedAtMs = Date.now();
  let told = 0;
  const createdAtMs = startedAtMs - ageMs;
  const objects = (function* () {
    yield* storedObjects(shape, { kubeletPort, createdAtMs });
    yield* storedDeployments(shape, createdAtMs);
  })();
  const written = await writeToEtcd(controlPlane.etcdUrl, objects, signal, (count) => {
    if (count < told + 20_000) return;
    told = count;
    progress(`${count} objects written into etcd`);
  });
  const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
  progress(`${written} objects written into etcd in ${seconds} s: ${shape.nodes} nodes, ${podCount(shape)} pods`);
  // The API server must be able to read what it did not write.
  const last = benchPod(shape, podCount(shape) - 1);
  await mustKubectl(controlPlane, ['get', '--raw', `/api/v1/namespaces/${last.namespace}/pods/${last.name}`]);
  await mustKubectl(controlPlane, ['get', '--raw', `/api/v1/nodes/${last.nodeName}`]);
}

/** config/ as it stands, and the accounts of the reference and the load generator. */
export async function applyAccess(controlPlane: ControlPlane, servingPort: number): Promise<void> {
  const rendered = await mustKubectl(controlPlane, ['kustomize', overlay]);
  await mustKubectl(controlPlane, ['apply', '-f', '-'], withPort(rendered, servingPort));
  await mustKubectl(controlPlane, ['apply', '-f', '-'], JSON.stringify(benchmarkAccounts()));
}

async function mustKubectl(controlPlane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const answer = await controlPlane.kubectl(args, input === undefined ? {} : { input });
  if (answer.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${answer.stderr.trim()}`);
  return answer.stdout;
}
