// Flow: the background process that holds a named cluster; started by cli.ts, ended by SIGTERM.
import { parseArgs } from 'node:util';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import {
  type ClusterState,
  type ComponentState,
  type NamedClusterPaths,
  namedClusterPaths,
  writeClusterState,
} from './named-cluster.ts';
import { identifyProcess } from './processes.ts';
import { readConfiguration } from './sim/configuration.ts';
import { type SimulatedNodes, startSimulatedNodes } from './sim/simulated-nodes.ts';

const KEEP_ALIVE_MS = 60_000;

interface HostOptions {
  readonly nodes: number;
  /** A file for sim/configuration.ts; empty for none. */
  readonly simConfig: string;
  readonly hpaController: 'on' | 'off';
}

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'headroom' },
    nodes: { type: 'string', default: '0' },
    'sim-config': { type: 'string', default: '' },
    'hpa-controller': { type: 'string', default: 'off' },
  },
});

await holdCluster(namedClusterPaths(values.name), {
  nodes: Number(values.nodes),
  simConfig: values['sim-config'],
  hpaController: values['hpa-controller'] === 'on' ? 'on' : 'off',
});

async function holdCluster(paths: NamedClusterPaths, options: HostOptions): Promise<void> {
  const ended = Promise.withResolvers<void>();
  process.once('SIGTERM', ended.resolve);
  process.once('SIGINT', ended.resolve);
  // The components do not keep this process alive, and a signal handler does not either.
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);

  const host = identifyProcess(process.pid) ?? { pid: process.pid, startedAt: '' };
  let state: ClusterState = {
    host,
    phase: 'starting',
    message: 'starting',
    kubeconfigPath: '',
    kubectlPath: '',
    serverUrl: '',
    simulatedNodes: options.nodes,
    controlUrl: '',
    components: [],
  };
  const publish = async (change: Partial<ClusterState>): Promise<void> => {
    state = { ...state, ...change };
    await writeClusterState(paths, state);
  };
  await publish({});
  try {
    await using controlPlane = await startControlPlane({ dir: paths.data, hpaController: options.hpaController });
    await using nodes = options.nodes === 0 ? undefined : await startNodes(controlPlane, options);
    await publish({
      phase: 'ready',
      message: 'ready',
      kubeconfigPath: controlPlane.kubeconfigPath,
      kubectlPath: controlPlane.binaries.kubectl,
      serverUrl: controlPlane.serverUrl,
      controlUrl: nodes?.controlUrl ?? '',
      components: describeComponents(controlPlane),
    });
    await ended.promise;
  } catch (error) {
    await publish({ phase: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
  } finally {
    clearInterval(keepAlive);
  }
}

/** Kubelets as a cluster's own tools would set them up: serving certificates and client certificates by its CA. */
async function startNodes(
  { kubeconfigPath, caPem, credentials }: ControlPlane,
  { nodes, simConfig }: HostOptions,
): Promise<SimulatedNodes> {
  const configured = simConfig === '' ? {} : await readConfiguration(simConfig);
  return startSimulatedNodes({
    ...configured,
    kubeconfigPath,
    nodeCount: nodes,
    authority: credentials.clusterCa,
    clientCaPem: caPem,
    controlPort: 0,
  });
}

function describeComponents(controlPlane: ControlPlane): readonly ComponentState[] {
  const { ports } = controlPlane;
  const portOf = {
    etcd: ports.etcdClient,
    'kube-apiserver': ports.apiServer,
    'kube-controller-manager': ports.controllerManager,
    'kube-scheduler': ports.scheduler,
  };
  return controlPlane.pids().flatMap(({ name, pid }) => {
    const identity = identifyProcess(pid);
    return identity === undefined ? [] : [{ name, identity, port: portOf[name] }];
  });
}
