// Flow: `npm run cluster -- up|status|down|build`, a real control plane in the background.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureBinaries } from './build.ts';
import { acquireLock } from './lock-file.ts';
import {
  type ClusterState,
  type NamedClusterPaths,
  namedClusterPaths,
  readClusterState,
  removeNamedCluster,
} from './named-cluster.ts';
import { identifyProcess, isRunning, killQuietly, lastLines, type ProcessIdentity } from './processes.ts';
import { controlPlaneTools } from './tools.ts';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 100;

const usage = `usage: npm run cluster -- up|status|down|build [flags]

  up       start a control plane in the background and print how to use it; does nothing when it runs already
  status   show its components, with pids and ports
  down     end it and remove its data
  build    only build the programs, all of them, as the tests need them

  --name NAME                which cluster (default headroom)
  --nodes N                  up: simulated nodes (default 0)
  --sim-config FILE          up: their workloads' demand and more, see sim/configuration.ts
  --hpa-controller on|off    up: whether kube-controller-manager scales HPAs itself (default off)
  --help                     this text`;

interface CliOptions {
  readonly name: string;
  readonly nodes: number;
  /** Absolute path; empty for none. */
  readonly simConfig: string;
  readonly hpaController: 'on' | 'off';
  readonly help: boolean;
}

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  try {
    const { command, options } = parseCommandLine(argv);
    if (options.help) {
      console.log(usage);
      return 0;
    }
    const paths = namedClusterPaths(options.name);
    switch (command) {
      case 'up':
        return await up(options, paths);
      case 'status':
        return await status(options, paths);
      case 'down':
        return await down(options, paths);
      case 'build':
        await ensureBinaries(console.log);
        return 0;
      case undefined:
      default:
        console.error(usage);
        return 2;
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

function parseCommandLine(argv: readonly string[]): { command: string | undefined; options: CliOptions } {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      name: { type: 'string', default: 'headroom' },
      nodes: { type: 'string', default: '0' },
      'sim-config': { type: 'string', default: '' },
      'hpa-controller': { type: 'string', default: 'off' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const hpaController = values['hpa-controller'];
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(values.name)) {
    throw new Error(`--name must be lower-case letters, digits and dashes, not "${values.name}"`);
  }
  if (!/^\d+$/.test(values.nodes)) {
    throw new Error(`--nodes must be a number, not "${values.nodes}"`);
  }
  if (hpaController !== 'on' && hpaController !== 'off') {
    throw new Error(`--hpa-controller must be on or off, not "${hpaController}"`);
  }
  const simConfig = values['sim-config'] === '' ? '' : resolve(values['sim-config']);
  const options = {
    name: values.name,
    nodes: Number(values.nodes),
    simConfig,
    hpaController,
    help: values.help,
  } as const;
  return { command: positionals[0], options };
}

async function up(options: CliOptions, paths: NamedClusterPaths): Promise<number> {
  const startedAtMs = Date.now();
  await ensureBinaries(console.log, controlPlaneTools);
  await mkdir(join(paths.dir, '..'), { recursive: true });
  await using _lock = await acquireLock(paths.lock, (pid) => {
    console.log(`waiting for process ${pid}, which is starting or ending this cluster`);
  });
  const existing = await readClusterState(paths);
  if (existing?.phase === 'ready' && isRunning(existing.host)) {
    console.log(`cluster "${options.name}" runs already`);
    printHowToUse(options.name, existing);
    return 0;
  }
  await endCluster(existing);
  await removeNamedCluster(paths);
  console.log(`starting cluster "${options.name}"`);
  const state = await startHost(options, paths);
  console.log(`cluster "${options.name}" is ready after ${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`);
  printHowToUse(options.name, state);
  return 0;
}

/** Starts the host process detached from this one and waits until it reports the cluster ready. */
async function startHost(options: CliOptions, paths: NamedClusterPaths): Promise<ClusterState> {
  await mkdir(paths.dir, { recursive: true, mode: 0o700 });
  const log = openSync(paths.hostLog, 'a', 0o600);
  const script = join(import.meta.dirname, 'cluster-host.ts');
  const flags = [
    `--name=${options.name}`,
    `--nodes=${options.nodes}`,
    `--sim-config=${options.simConfig}`,
    `--hpa-controller=${options.hpaController}`,
  ];
  const child = spawn(process.execPath, [script, ...flags], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  const host = identifyProcess(child.pid ?? 0);
  // Interrupted now, nobody would know of the cluster; later it is meant to stay.
  const interrupt = (): void => {
    killQuietly(child.pid ?? 0, 'SIGTERM');
    process.exit(130);
  };
  process.once('SIGINT', interrupt);
  using _handler = { [Symbol.dispose]: () => process.off('SIGINT', interrupt) };
  const deadlineMs = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadlineMs) {
    const state = await readClusterState(paths);
    if (state?.phase === 'ready') {
      return state;
    }
    if (state?.phase === 'failed' || host === undefined || !isRunning(host)) {
      throw new Error(`starting the cluster failed: ${state?.message ?? ''}\n${lastLines(paths.hostLog, 15)}`.trim());
    }
    await sleep(POLL_MS);
  }
  if (host !== undefined) {
    await endProcess(host);
  }
  throw new Error(`the cluster was not ready within ${START_TIMEOUT_MS / 1000} s; see ${paths.hostLog}`);
}

function printHowToUse(name: string, { kubeconfigPath, kubectlPath, simulatedNodes, controlUrl }: ClusterState): void {
  const flag = name === 'headroom' ? '' : ` --name ${name}`;
  console.log(`
  kubeconfig: ${kubeconfigPath}
  nodes:      ${simulatedNodes === 0 ? 'none' : `${simulatedNodes} simulated, taking orders at ${controlUrl}`}

Use it:
  export KUBECONFIG=${kubeconfigPath}
  alias kubectl=${kubectlPath}
  kubectl get ${simulatedNodes === 0 ? 'namespaces' : 'nodes'}

End it:
  npm run cluster -- down${flag}`);
}

async function status(options: CliOptions, paths: NamedClusterPaths): Promise<number> {
  const state = await readClusterState(paths);
  if (state === undefined || !isRunning(state.host)) {
    console.log(`cluster "${options.name}" does not run`);
    return 1;
  }
  console.log(`cluster "${options.name}": ${state.message}`);
  console.log(`  ${'host'.padEnd(26)}pid ${state.host.pid}`);
  for (const { name, identity, port } of state.components) {
    const running = isRunning(identity) ? '' : '  (ended)';
    console.log(`  ${name.padEnd(26)}pid ${String(identity.pid).padEnd(9)}port ${port}${running}`);
  }
  console.log(`  kubeconfig: ${state.kubeconfigPath}`);
  return 0;
}

async function down(options: CliOptions, paths: NamedClusterPaths): Promise<number> {
  await mkdir(join(paths.dir, '..'), { recursive: true });
  await using _lock = await acquireLock(paths.lock, (pid) => {
    console.log(`waiting for process ${pid}, which is starting or ending this cluster`);
  });
  const state = await readClusterState(paths);
  await endCluster(state);
  await removeNamedCluster(paths);
  console.log(state === undefined ? `there is no cluster "${options.name}"` : `cluster "${options.name}" has ended`);
  return 0;
}

/** Ends the host, which ends the components; then whatever is left of them. Resolves when all are gone. */
async function endCluster(state: ClusterState | undefined): Promise<void> {
  if (state === undefined) {
    return;
  }
  await endProcess(state.host);
  await Promise.all(state.components.map(({ identity }) => endProcess(identity)));
}

/** Asks a process to end and kills it when it does not; a pid that somebody else has by now is left alone. */
async function endProcess(identity: ProcessIdentity): Promise<void> {
  const deadlineMs = Date.now() + STOP_TIMEOUT_MS;
  for (let asked = false; isRunning(identity); asked = true) {
    if (Date.now() > deadlineMs) {
      killQuietly(identity.pid, 'SIGKILL');
    } else if (!asked) {
      killQuietly(identity.pid, 'SIGTERM');
    }
    await sleep(POLL_MS);
  }
}
