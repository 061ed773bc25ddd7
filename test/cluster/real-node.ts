// Flow: a control plane with a real node: kubelet, containerd, runc, real containers in real cgroups.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBinaries, type Progress } from './build.ts';
import { createNodeCgroup, type NodeCgroup } from './cgroups.ts';
import { createClusterDirectory } from './cluster-directory.ts';
import { Component } from './component.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';
import { buildImageArchive } from './image.ts';
import { probe } from './probe.ts';
import { type CommandOptions, type CommandResult, runCommand } from './processes.ts';
import { PAUSE_IMAGE, type RealNodeLayout, realNodePaths, writeRealNodeFiles } from './real-node-files.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { controlPlaneTools } from './tools.ts';

const WORKLOAD_IMAGE = 'headroom.test/workload:1';

const NODE_NAME = 'real-node';
const KUBELET_PORT = 10_250;
const READY_TIMEOUT = '60s';
const CONTROL_MOUNT = '/control';

// Both end at once when asked to; a shell that is pid 1 ignores signals it does not trap.
const PAUSE_COMMAND = ['/bin/sh', '-c', 'trap "exit 0" TERM INT; sleep infinity & wait'];
const WORKLOAD_COMMAND = [
  '/bin/sh',
  '-c',
  `trap "exit 0" TERM INT; while :; do
     if [ -e ${CONTROL_MOUNT}/burn ]; then i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done
     else sleep 0.2; fi
   done`,
];

const neededCommands: readonly (readonly [command: string, debianPackage: string])[] = [
  ['containerd', 'containerd'],
  ['ctr', 'containerd'],
  ['runc', 'runc'],
  ['iptables', 'iptables'],
  ['ip', 'iproute2'],
  ['conntrack', 'conntrack'],
  ['nsenter', 'util-linux'],
  ['unshare', 'util-linux'],
  ['tar', 'tar'],
];
const cniDirectories = ['/usr/lib/cni', '/opt/cni/bin'];

/** What keeps this machine from running a real node, each with what to do about it; empty when it can. */
export function realNodeProblems(): readonly string[] {
  if (process.platform !== 'linux') {
    return [`a real node needs Linux; this is ${process.platform}`];
  }
  const packages = neededCommands.filter(([command]) => !isOnPath(command)).map(([, name]) => name);
  if (findCniDirectory() === undefined) {
    packages.push('containernetworking-plugins');
  }
  if (!existsSync('/bin/busybox')) {
    packages.push('busybox-static');
  }
  const problems = [...new Set(packages)].map((name) => `${name} is not installed: apt-get install -y ${name}`);
  if (process.getuid?.() !== 0) {
    problems.push('a real node needs root: run the tests as root, or with sudo');
  } else if (problems.length === 0 && !canUnshare()) {
    problems.push('namespaces cannot be created here: run on a machine or in a container with CAP_SYS_ADMIN');
  }
  return problems;
}

export interface RealCluster extends AsyncDisposable {
  /** Lives in the node's network; its address is reachable from here as well. */
  readonly controlPlane: ControlPlane;
  readonly nodeName: string;
  /** The node's InternalIP. Processes in its network are reached here; kubelet listens on its port 10250. */
  readonly nodeAddress: string;
  /** Where processes in the node's network reach this host. */
  readonly hostAddress: string;
  /** Put before a command to run it in the node's network; the process that results is the command itself. */
  readonly commandPrefix: readonly string[];
  /** Runs a command in the node's network to its end. */
  runInNamespace(command: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** A Deployment whose containers burn CPU, up to their limit, while `burn` says so. */
  burnableDeployment(options: BurnableDeployment): object;
  /** Turns the load of a burnable Deployment on or off, for all its pods. */
  burn(deploymentName: string, on: boolean): Promise<void>;
  logs(name: 'containerd' | 'kubelet'): Promise<string>;
  stop(): Promise<void>;
}

interface BurnableDeployment {
  readonly name: string;
  readonly namespace?: string;
  readonly replicas?: number;
  /** Quantities, such as `100m`. */
  readonly cpuRequest: string;
  readonly cpuLimit: string;
}

/** Starts it all; resolves when the node is Ready. Throws when `realNodeProblems` has something to say. */
export async function startRealCluster(options: ControlPlaneOptions = {}): Promise<RealCluster> {
  const problems = realNodeProblems();
  if (problems.length > 0) {
    throw new Error(`this machine cannot run a real node:\n${problems.join('\n')}`);
  }
  const progress = options.progress ?? (() => undefined);
  const binaries = await ensureBinaries(progress, [...controlPlaneTools, 'kubelet']);
  const dir = await createClusterDirectory(options.dir);
  await using undo = new AsyncDisposableStack();
  undo.defer(() => rm(dir, { recursive: true, force: true }));
  const cgroup = await createNodeCgroup();
  undo.defer(() => cgroup.remove());
  const sandbox = await createSandbox(dir);
  undo.defer(() => sandbox.stop());
  const controlPlane = await startControlPlane({
    ...options,
    dir,
    binaries,
    host: { address: sandbox.nodeAddress, commandPrefix: sandbox.networkPrefix },
  });
  undo.defer(() => controlPlane.stop());
  const node = await startNode(controlPlane, sandbox, cgroup, progress);
  undo.defer(() => node.stop());
  return createRealCluster(controlPlane, sandbox, node, undo.move());
}

interface StartedNode {
  readonly burnDirectory: string;
  readonly containerdLog: string;
  readonly kubeletLog: string;
  stop(): Promise<void>;
}

async function startNode(
  controlPlane: ControlPlane,
  sandbox: Sandbox,
  cgroup: NodeCgroup,
  progress: Progress,
): Promise<StartedNode> {
  const layout: RealNodeLayout = {
    dir: join(controlPlane.dir, 'node'),
    nodeName: NODE_NAME,
    nodeAddress: sandbox.nodeAddress,
    kubeletPort: KUBELET_PORT,
    cgroupPath: cgroup.path,
    cniBinDirectory: findCniDirectory() ?? '',
  };
  await mkdir(layout.dir, { recursive: true });
  await writeRealNodeFiles(layout, controlPlane);
  const containerd = createContainerd(layout, sandbox);
  const kubelet = createKubelet(layout, sandbox, controlPlane);
  const stop = async (): Promise<void> => {
    await Promise.all([kubelet.stop(0), containerd.stop(0)]);
    await sandbox.stop();
  };
  try {
    progress('starting containerd and importing images');
    await containerd.start();
    await importImages(layout, sandbox);
    progress('starting kubelet');
    await kubelet.start();
    await waitForNode(controlPlane);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    burnDirectory: join(layout.dir, 'burn'),
    containerdLog: containerd.spec.logPath,
    kubeletLog: kubelet.spec.logPath,
    stop,
  };
}

function createContainerd(layout: RealNodeLayout, sandbox: Sandbox): Component {
  const { containerdConfig } = realNodePaths(layout);
  return new Component({
    name: 'containerd',
    command: [...sandbox.nodePrefix, 'containerd', `--config=${containerdConfig}`],
    logPath: join(layout.dir, 'containerd.log'),
    isReady: async () => (await ctr(layout, sandbox, ['version'])).code === 0,
  });
}

function createKubelet(layout: RealNodeLayout, sandbox: Sandbox, controlPlane: ControlPlane): Component {
  const { kubeletConfig, kubeletKubeconfig, kubeletRoot } = realNodePaths(layout);
  return new Component({
    name: 'kubelet',
    command: [
      ...sandbox.nodePrefix,
      controlPlane.binaries.kubelet,
      `--config=${kubeletConfig}`,
      `--kubeconfig=${kubeletKubeconfig}`,
      `--root-dir=${kubeletRoot}`,
      `--cert-dir=${join(kubeletRoot, 'pki')}`,
      `--hostname-override=${layout.nodeName}`,
      `--node-ip=${layout.nodeAddress}`,
    ],
    logPath: join(layout.dir, 'kubelet.log'),
    // 401: it serves, and wants to know who asks.
    isReady: async () => (await probe(`https://${layout.nodeAddress}:${layout.kubeletPort}/healthz`))?.status === 401,
  });
}

async function importImages(layout: RealNodeLayout, sandbox: Sandbox): Promise<void> {
  const imageDirectory = join(layout.dir, 'images');
  await mkdir(imageDirectory);
  const archive = await buildImageArchive(imageDirectory, [
    { reference: PAUSE_IMAGE, command: PAUSE_COMMAND },
    { reference: WORKLOAD_IMAGE, command: WORKLOAD_COMMAND },
  ]);
  const answer = await ctr(layout, sandbox, ['--namespace=k8s.io', 'images', 'import', archive]);
  if (answer.code !== 0) {
    throw new Error(`importing images into containerd: ${answer.stderr.trim()}`);
  }
}

function ctr(layout: RealNodeLayout, sandbox: Sandbox, args: readonly string[]): Promise<CommandResult> {
  const { containerdSocket } = realNodePaths(layout);
  return runCommand([...sandbox.nodePrefix, 'ctr', `--address=${containerdSocket}`, ...args]);
}

async function waitForNode(controlPlane: ControlPlane): Promise<void> {
  const args = ['wait', '--for=create', `--timeout=${READY_TIMEOUT}`, `node/${NODE_NAME}`];
  await controlPlane.kubectl(args);
  const ready = ['wait', '--for=condition=Ready', `--timeout=${READY_TIMEOUT}`, `node/${NODE_NAME}`];
  const answer = await controlPlane.kubectl(ready);
  if (answer.code !== 0) {
    throw new Error(`waiting for the real node: ${answer.stderr.trim()}`);
  }
}

function createRealCluster(
  controlPlane: ControlPlane,
  sandbox: Sandbox,
  node: StartedNode,
  undo: AsyncDisposableStack,
): RealCluster {
  const stop = (): Promise<void> => undo.disposeAsync();
  return {
    controlPlane,
    nodeName: NODE_NAME,
    nodeAddress: sandbox.nodeAddress,
    hostAddress: sandbox.hostAddress,
    commandPrefix: sandbox.networkPrefix,
    runInNamespace: (command, options) => runCommand([...sandbox.networkPrefix, ...command], options),
    burnableDeployment: (options) => createBurnableDeployment(options, node.burnDirectory),
    burn: async (deploymentName, on) => {
      const directory = join(node.burnDirectory, deploymentName);
      await mkdir(directory, { recursive: true });
      await (on ? writeFile(join(directory, 'burn'), '') : rm(join(directory, 'burn'), { force: true }));
    },
    logs: (name) => readFile(name === 'kubelet' ? node.kubeletLog : node.containerdLog, 'utf8'),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function createBurnableDeployment(options: BurnableDeployment, burnDirectory: string): object {
  const { name, namespace = 'default', replicas = 1, cpuRequest, cpuLimit } = options;
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [
            {
              name: 'burner',
              image: WORKLOAD_IMAGE,
              imagePullPolicy: 'Never',
              resources: { requests: { cpu: cpuRequest, memory: '8Mi' }, limits: { cpu: cpuLimit } },
              volumeMounts: [{ name: 'control', mountPath: CONTROL_MOUNT, readOnly: true }],
            },
          ],
          volumes: [{ name: 'control', hostPath: { path: join(burnDirectory, name), type: 'DirectoryOrCreate' } }],
        },
      },
    },
  };
}

function findCniDirectory(): string | undefined {
  return cniDirectories.find(
    (directory) => existsSync(join(directory, 'bridge')) && existsSync(join(directory, 'host-local')),
  );
}

function isOnPath(command: string): boolean {
  return (process.env['PATH'] ?? '')
    .split(':')
    .some((directory) => directory !== '' && existsSync(join(directory, command)));
}

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['--mount', '--pid', '--net', '--fork', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
