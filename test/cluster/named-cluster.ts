// Edge: the state file of a cluster that was started from the command line and outlives it.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory } from './cache.ts';
import { errorCode } from './errno.ts';
import type { ProcessIdentity } from './processes.ts';

/** What the host process of a named cluster has to say about it. */
export interface ClusterState {
  /** The process that holds the cluster; its components end with it. */
  readonly host: ProcessIdentity;
  readonly phase: 'starting' | 'ready' | 'failed';
  /** What it is doing while it starts, or why it failed. */
  readonly message: string;
  readonly kubeconfigPath: string;
  readonly kubectlPath: string;
  readonly serverUrl: string;
  readonly simulatedNodes: number;
  /** Where the simulated nodes take orders (demand, faults); empty without nodes. */
  readonly controlUrl: string;
  readonly components: readonly ComponentState[];
}

export interface ComponentState {
  readonly name: string;
  readonly identity: ProcessIdentity;
  readonly port: number;
}

/** Where a named cluster keeps its state, its host's log and its data. */
export interface NamedClusterPaths {
  readonly dir: string;
  readonly state: string;
  readonly hostLog: string;
  readonly data: string;
  readonly lock: string;
}

export function namedClusterPaths(name: string): NamedClusterPaths {
  const dir = join(cacheDirectory(), 'clusters', name);
  return {
    dir,
    state: join(dir, 'state.json'),
    hostLog: join(dir, 'host.log'),
    data: join(dir, 'data'),
    lock: `${dir}.lock`,
  };
}

/** The state, or undefined when there is no such cluster. */
export async function readClusterState(paths: NamedClusterPaths): Promise<ClusterState | undefined> {
  try {
    const state: ClusterState = JSON.parse(await readFile(paths.state, 'utf8'));
    return state;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      return undefined;
    }
    throw new Error(`reading ${paths.state}`, { cause: error });
  }
}

/** Replaces the state in one step, so that a reader never sees half of it. */
export async function writeClusterState(paths: NamedClusterPaths, state: ClusterState): Promise<void> {
  await mkdir(paths.dir, { recursive: true, mode: 0o700 });
  const next = `${paths.state}.next`;
  await writeFile(next, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(next, paths.state);
}

export async function removeNamedCluster(paths: NamedClusterPaths): Promise<void> {
  await rm(paths.dir, { recursive: true, force: true });
}
