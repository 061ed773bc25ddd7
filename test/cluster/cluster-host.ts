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

const KEEP_ALIVE_MS = 60_000;

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: 'headroom' },
    nodes: { type: 'string', default: '0' },
    'hpa-controller': { type: 'string', default: 'off' },
  },
});

await holdCluster(namedClusterPaths(values.name), {
  nodes: Number(values.nodes),
  hpaController: values['hpa-controller'] === 'on' ? 'on' : 'off',
});

async function holdCluster(
  paths: NamedClusterPaths,
  options: { nodes: number; hpaController: 'on' | 'off' },
): Promise<void> {
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
    components: [],
  };
  const publish = async (change: Partial<ClusterState>): Promise<void> => {
    state = { ...state, ...change };
    await writeClusterState(paths, state);
  };
  await publish({});
  try {
    await using controlPlane = await startControlPlane({ dir: paths.data, hpaController: options.hpaController });
    // HOOK(sim): start `options.nodes` simulated kubelets here.
    await publish({
      phase: 'ready',
      message: 'ready',
      kubeconfigPath: controlPlane.kubeconfigPath,
      kubectlPath: controlPlane.binaries.kubectl,
      serverUrl: controlPlane.serverUrl,
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
