// Edge: a cgroup of its own for each real node, in every hierarchy (version 1 or 2) of this machine.
import { mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errno.ts';
import { identifyProcess, isRunning } from './processes.ts';

const PREFIX = 'headroom';
const REMOVE_TIMEOUT_MS = 5_000;
const POLL_MS = 50;

export interface NodeCgroup {
  /** The path below each hierarchy's mount point, starting with a slash. */
  readonly path: string;
  /** Removes it and all below; its processes must have ended. */
  remove(): Promise<void>;
}

/** Creates a cgroup named after this process, and removes those whose process was killed before it could. */
export async function createNodeCgroup(): Promise<NodeCgroup> {
  await removeAbandoned();
  const me = identifyProcess(process.pid);
  const name = `${PREFIX}-${me?.pid}-${me?.startedAt}-${performance.now().toFixed(0)}`;
  for (const hierarchy of hierarchies()) {
    mkdirSync(join(hierarchy, name));
  }
  return { path: `/${name}`, remove: () => removeEverywhere(name) };
}

async function removeAbandoned(): Promise<void> {
  const names = new Set(hierarchies().flatMap((hierarchy) => readdirSync(hierarchy)));
  for (const name of names) {
    const [, pid, startedAt] = new RegExp(`^${PREFIX}-(\\d+)-(\\d+)-\\d+$`).exec(name) ?? [];
    if (pid !== undefined && startedAt !== undefined && !isRunning({ pid: Number(pid), startedAt })) {
      await removeEverywhere(name);
    }
  }
}

function hierarchies(): readonly string[] {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').trimEnd().split('\n');
  return mounts.flatMap((line) => {
    const [, path = '', type] = line.split(' ');
    return type === 'cgroup' || type === 'cgroup2' ? [path] : [];
  });
}

async function removeEverywhere(name: string): Promise<void> {
  const deadlineMs = Date.now() + REMOVE_TIMEOUT_MS;
  for (const hierarchy of hierarchies()) {
    // A cgroup stays busy for a moment after its last process was killed.
    while (!tryRemove(join(hierarchy, name))) {
      if (Date.now() > deadlineMs) {
        throw new Error(`removing the cgroup ${join(hierarchy, name)}: it is still in use`);
      }
      await sleep(POLL_MS);
    }
  }
}

/** Removes a cgroup from the leaves up; true when it is gone. Its files go with it: only directories can be removed. */
function tryRemove(path: string): boolean {
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory() && !tryRemove(join(path, entry.name))) {
        return false;
      }
    }
    rmdirSync(path);
    return true;
  } catch (error) {
    switch (errorCode(error)) {
      case 'ENOENT':
        return true;
      case 'EBUSY':
        return false;
      case undefined:
      default:
        throw error;
    }
  }
}
