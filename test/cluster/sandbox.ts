// Edge: Linux namespaces of their own for a real node, so that nothing of it can be left behind.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardedProcess, lastLines, runCommand, spawnGuarded } from './processes.ts';

/*
 *   host namespaces          hrN 198.18.N.1 ---- veth ---- eth0 198.18.N.2     node namespaces (mount, pid, net)
 *                                                                              pid 1: a shell that only reaps
 *                                                                              containerd, kubelet, shims, containers
 *
 * containerd's shims and the containers leave their parent's process group on purpose, so no guard of ours could end them.
 * The kernel can: when pid 1 of the pid namespace ends, everything in it is killed, and with the last process the mounts,
 * the network and its half of the veth pair are gone. Private tmpfs mounts hide the paths that containerd, CNI and kubelet
 * write to whatever their configuration says.
 */
const INIT_SCRIPT = `
set -e
for path in /run /var/log /var/lib/cni /var/lib/kubelet; do
  mkdir -p "$path"
  mount -t tmpfs tmpfs "$path"
done
: > "$1"
sleep infinity & wait
`;

const UNSHARE_FLAGS = ['--mount', '--pid', '--net', '--fork', '--kill-child=SIGKILL', '--mount-proc'];

const START_TIMEOUT_MS = 10_000;
const POLL_MS = 20;

// 198.18.0.0/15 is set aside for tests of network devices (RFC 2544): no real network should use it.
const MAX_SANDBOXES = 250;

export interface Sandbox {
  /** The node's address; reachable from the host too. */
  readonly nodeAddress: string;
  /** The host's address as seen from the node. */
  readonly hostAddress: string;
  /** Put before a command to run it in the node's network only; the process that results is the command itself. */
  readonly networkPrefix: readonly string[];
  /** Put before a command to run it in all of the node's namespaces. */
  readonly nodePrefix: readonly string[];
  stop(): Promise<void>;
}

/** Creates the namespaces; needs root. `dir` takes a marker file and a log. */
export async function createSandbox(dir: string): Promise<Sandbox> {
  const marker = join(dir, 'sandbox-ready');
  const logPath = join(dir, 'sandbox.log');
  const unshare = await spawnGuarded(['unshare', ...UNSHARE_FLAGS, '/bin/sh', '-c', INIT_SCRIPT, 'init', marker], {
    logPath,
  });
  try {
    const initPid = await waitForInit(unshare, marker, logPath);
    const networkPrefix = ['nsenter', `--net=/proc/${initPid}/ns/net`, '--'];
    const { device, ...addresses } = await connect(initPid, networkPrefix);
    return {
      ...addresses,
      networkPrefix,
      nodePrefix: ['nsenter', `--target=${initPid}`, '--mount', '--pid', '--net', '--'],
      stop: async () => {
        // No grace: the shell at its head has nothing to save.
        await unshare.stop(0);
        // The kernel would remove the devices too, a moment after the last process in the network. May be gone already.
        await runCommand(['ip', 'link', 'delete', device]);
      },
    };
  } catch (error) {
    await unshare.stop(0);
    throw error;
  }
}

/** The pid, as this process sees it, of the namespace's first process, once its mounts are made. */
async function waitForInit(unshare: GuardedProcess, marker: string, logPath: string): Promise<number> {
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(marker)) {
    if (unshare.exited !== undefined || Date.now() > deadlineMs) {
      throw new Error(`creating namespaces for the real node failed: ${lastLines(logPath, 5)}`);
    }
    await sleep(POLL_MS);
  }
  const init = childrenOf(unshare.pid).find(isFirstInNamespace);
  if (init === undefined) {
    throw new Error('BUG: the pid namespace has no first process');
  }
  return init;
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

// NSpid lists the pids of a process from the outermost namespace to its own.
function isFirstInNamespace(pid: number): boolean {
  const pids = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split(/\s+/) ?? [];
  return pids.length > 1 && pids.at(-1) === '1';
}

/** Joins the namespace to the host with a veth pair on the first free subnet. */
async function connect(
  initPid: number,
  networkPrefix: readonly string[],
): Promise<{ device: string; nodeAddress: string; hostAddress: string }> {
  const index = await createVethPair(initPid);
  const device = `hr${index}`;
  const hostAddress = `198.18.${index}.1`;
  const nodeAddress = `198.18.${index}.2`;
  const ip = (...args: readonly string[]): Promise<void> => mustRun(['ip', ...args]);
  const ipInside = (...args: readonly string[]): Promise<void> => mustRun([...networkPrefix, 'ip', ...args]);
  await ip('address', 'add', `${hostAddress}/24`, 'dev', device);
  await ip('link', 'set', device, 'up');
  await ipInside('link', 'set', 'lo', 'up');
  await ipInside('address', 'add', `${nodeAddress}/24`, 'dev', 'eth0');
  await ipInside('link', 'set', 'eth0', 'up');
  // kubelet takes the address of the default route's device for the node's.
  await ipInside('route', 'add', 'default', 'via', hostAddress);
  return { device, nodeAddress, hostAddress };
}

async function createVethPair(initPid: number): Promise<number> {
  for (let index = 0; index < MAX_SANDBOXES; index += 1) {
    const peer = ['peer', 'name', 'eth0', 'netns', String(initPid)];
    const answer = await runCommand(['ip', 'link', 'add', `hr${index}`, 'type', 'veth', ...peer]);
    if (answer.code === 0) {
      return index;
    }
    if (!answer.stderr.includes('File exists')) {
      throw new Error(`connecting the real node's network: ${answer.stderr.trim()}`);
    }
  }
  throw new Error(`connecting the real node's network: all ${MAX_SANDBOXES} subnets are taken`);
}

async function mustRun(command: readonly string[]): Promise<void> {
  const answer = await runCommand(command);
  if (answer.code !== 0) {
    throw new Error(`${command.join(' ')}: ${answer.stderr.trim()}`);
  }
}
