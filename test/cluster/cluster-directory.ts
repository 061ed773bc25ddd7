// Edge: temporary directories of clusters, each marked with the process it belongs to.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isRunning, type ProcessIdentity, parseIdentity } from './processes.ts';

const PREFIX = 'headroom-cluster-';
const OWNER_FILE = 'owner.json';

/** A new directory for a cluster's data: `path` when given, else one in the system's temporary folder. */
export async function createClusterDirectory(path?: string): Promise<string> {
  if (path !== undefined) {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  }
  await removeAbandoned();
  const created = await mkdtemp(join(tmpdir(), PREFIX));
  await writeFile(join(created, OWNER_FILE), JSON.stringify(identifyProcess(process.pid)));
  return created;
}

/** Removes the data of clusters whose process was killed: their components are gone with it, their files are not. */
async function removeAbandoned(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX));
  for (const path of names.map((name) => join(tmpdir(), name))) {
    const owner = await readOwner(path);
    if (owner !== undefined && !isRunning(owner)) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return parseIdentity(await readFile(join(path, OWNER_FILE), 'utf8'));
  } catch {
    return undefined; // being made right now, or somebody else's
  }
}
