// Edge: a lock file that names its owner, so that two processes do not build or start the same thing at once.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from './errno.ts';
import { identifyProcess, isRunning, type ProcessIdentity, parseIdentity } from './processes.ts';

const POLL_MS = 100;

/**
 * Waits until this process holds the lock at `path`; calls `onWait` once if it has to wait. A lock whose owner is gone is
 * taken over. Two waiters may take over the same dead lock: the work is then done twice, which is wasteful but right,
 * because results are put in place by rename.
 */
export async function acquireLock(path: string, onWait: (ownerPid: number) => void): Promise<AsyncDisposable> {
  const me = identifyProcess(process.pid);
  let told = false;
  for (;;) {
    if (await createExclusively(path, JSON.stringify(me))) {
      return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
    }
    const owner = await readOwner(path);
    if (owner === undefined || !isRunning(owner)) {
      await rm(path, { force: true });
      continue;
    }
    if (!told) {
      onWait(owner.pid);
      told = true;
    }
    await sleep(POLL_MS);
  }
}

async function createExclusively(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      return parseIdentity(await readFile(path, 'utf8'));
    } catch {
      await sleep(POLL_MS); // gone already, or created but not yet written
    }
  }
  return undefined;
}
