// Integration: real files.
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { acquireLock } from '../cluster/lock-file.ts';
import { identifyProcess } from '../cluster/processes.ts';

describe('acquireLock', () => {
  let directory = '';
  let path = '';
  const neverWaits = (): void => expect.fail('waited for the lock');

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-lock-'));
    path = join(directory, 'lock');
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  it('holds the lock until it is disposed', async () => {
    const lock = await acquireLock(path, neverWaits);
    await access(path);
    await lock[Symbol.asyncDispose]();
    expect(await access(path).catch(() => 'gone')).to.equal('gone');
  });

  it('waits for a lock whose owner runs, and says once who that is', async () => {
    const first = await acquireLock(path, neverWaits);
    const owners: number[] = [];
    const told = Promise.withResolvers<void>();
    const second = acquireLock(path, (pid) => {
      owners.push(pid);
      told.resolve();
    });
    await told.promise;
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    expect(owners).to.deep.equal([process.pid]);
  });

  it('takes over a lock whose owner has gone', async () => {
    await writeFile(path, JSON.stringify({ ...identifyProcess(process.pid), startedAt: '1' }));
    await (await acquireLock(path, neverWaits))[Symbol.asyncDispose]();
  });

  it('takes over a lock that names nobody', async () => {
    await writeFile(path, '');
    await (await acquireLock(path, neverWaits))[Symbol.asyncDispose]();
  });
});
