// Flow: a control plane with simulated nodes and the objects of config/, ready for Headroom; and the ways tests look at it.
import { fileURLToPath } from 'node:url';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../cluster/control-plane.ts';
import { reservePorts } from '../cluster/ports.ts';
import { probe } from '../cluster/probe.ts';
import type { CommandResult } from '../cluster/processes.ts';
import {
  type SimulatedNodes,
  type SimulatedNodesOptions,
  startSimulatedNodes,
} from '../cluster/sim/simulated-nodes.ts';
import { type HeadroomOptions, type HeadroomProcess, startHeadroom } from './headroom-process.ts';
import { until } from './until.ts';

const overlay = fileURLToPath(new URL('../../config/overlays/test', import.meta.url));
/** What stands for Headroom's port in config/overlays/test. */
const portPlaceholder = /\bport: 65535\b/g;
const pollMs = 200;

export interface TestClusterOptions {
  /** Simulated nodes `sim-0`, `sim-1`, …; default 1. */
  readonly nodeCount?: number;
  readonly simulation?: Partial<SimulatedNodesOptions>;
  readonly controlPlane?: ControlPlaneOptions;
}

/** How a test looks at a cluster, and changes it. */
export interface ClusterTools {
  /** Runs kubectl as the administrator and returns its stdout; a failure throws with its stderr. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** kubectl apply, as one list. */
  apply(...objects: readonly object[]): Promise<string>;
  /** One GET of the API server as the administrator. Throws unless the answer is 200. */
  read<T>(path: string): Promise<T>;
}

export interface TestCluster extends ClusterTools, AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly simulation: SimulatedNodes;
  /** The port that the APIService leads to. */
  readonly port: number;
  /** Headroom behind the APIService. */
  startHeadroom(options?: HeadroomOptions): Promise<HeadroomProcess>;
  stop(): Promise<void>;
}

/** Resolves when nodes are ready and config/ is applied; Headroom itself is not started. */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  await using undo = new AsyncDisposableStack();
  const controlPlane = undo.use(await startControlPlane(options.controlPlane));
  const { caPem, credentials, kubeconfigPath } = controlPlane;
  const simulation = undo.use(
    await startSimulatedNodes({
      kubeconfigPath,
      nodeCount: options.nodeCount ?? 1,
      authority: credentials.clusterCa,
      clientCaPem: caPem,
      // A kubelet takes 10 to 20 s; nobody wants to wait for that in each test.
      housekeeping: { intervalMs: 1_000, jitterFactor: 0 },
      timing: { startDelayMs: 200, readyDelayMs: 200, stopDelayMs: 200 },
      // Usage is the demand, but for what no container is without.
      usage: { idleCores: 0.0001 },
      ...options.simulation,
    }),
  );
  const reserved = await reservePorts(1);
  undo.defer(() => reserved.release());
  const [port = 0] = reserved.ports;
  const tools = clusterTools(controlPlane);
  await installConfig(controlPlane, port);
  const parts = undo.move();
  const stop = (): Promise<void> => parts.disposeAsync();
  return {
    ...tools,
    controlPlane,
    simulation,
    port,
    startHeadroom: (headroom = {}) => startHeadroom(controlPlane, { port, ...headroom }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Applies CRD, RBAC, Service and APIService of config/, leading to a port on the API server's own host. Returns the manifest. */
export async function installConfig(controlPlane: ControlPlane, port: number): Promise<string> {
  const rendered = await must(controlPlane, ['kustomize', overlay]);
  const found = rendered.match(portPlaceholder)?.length;
  if (found !== 2) throw new Error(`config/overlays/test has the port's placeholder ${found ?? 0} times, not twice`);
  const manifest = rendered.replaceAll(portPlaceholder, `port: ${port}`);
  await must(controlPlane, ['apply', '-f', '-'], manifest);
  const established = ['wait', '--for=condition=Established', 'crd/headroomautoscalers.autoscaling.headroom.dev'];
  // kubectl cannot wait for a condition while there are none at all.
  await until(async () => (await controlPlane.kubectl(established)).code === 0, 30_000);
  return manifest;
}

export function clusterTools(controlPlane: ControlPlane): ClusterTools {
  return {
    kubectl: (...args) => must(controlPlane, args),
    apply: (...items) =>
      must(controlPlane, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items })),
    read: async <T>(path: string): Promise<T> => {
      const { certificatePem: cert, keyPem: key } = controlPlane.credentials.admin;
      const answer = await probe(`${controlPlane.serverUrl}${path}`, { ca: controlPlane.caPem, cert, key });
      if (answer?.status !== 200)
        throw new Error(`GET ${path}: ${answer?.status ?? 'no answer'} ${answer?.body ?? ''}`);
      return JSON.parse(answer.body) as T;
    },
  };
}

async function must(controlPlane: ControlPlane, args: readonly string[], input?: string): Promise<string> {
  const answer: CommandResult = await controlPlane.kubectl(args, input === undefined ? {} : { input });
  if (answer.code !== 0) {
    throw new Error(`kubectl ${args.join(' ')}: exit code ${answer.code}: ${answer.stderr.trim()}`);
  }
  return answer.stdout;
}

/** `until`, at the pace of a cluster; the time-out's error names the last failure. */
export async function eventually<T>(
  attempt: () => T | false | undefined | Promise<T | false | undefined>,
  timeoutMs: number = 60_000,
): Promise<T> {
  try {
    return await until(attempt, timeoutMs, pollMs);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `; last: ${error.cause.message}` : '';
    throw new Error(`${String(error)}${cause}`, { cause: error });
  }
}

/** The cells of a table as kubectl prints it, heading first. Cells are at least two blanks apart. */
export function tableCells(table: string): string[][] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s{2,}/));
}
