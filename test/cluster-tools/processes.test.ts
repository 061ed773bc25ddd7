// Integration: real processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';
import {
  identifyProcess,
  isRunning,
  lastLines,
  type ProcessIdentity,
  parseIdentity,
  runCommand,
  spawnGuarded,
} from '../cluster/processes.ts';
import { until } from '../support/until.ts';

describe('processes', () => {
  let directory = '';
  let logPath = '';

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-processes-'));
    logPath = join(directory, 'log');
  });

  after(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  describe('spawnGuarded', () => {
    it('runs the command under the pid it reports, with its output in the log', async () => {
      const child = await spawnGuarded(['sh', '-c', 'echo $$; echo problem >&2'], { logPath, keepAlive: true });
      expect(await child.exit).to.deep.equal({ code: 0, signal: null });
      expect(await readFile(logPath, 'utf8')).to.equal(`${child.pid}\nproblem\n`);
    });

    it('reports the exit code', async () => {
      const child = await spawnGuarded(['sh', '-c', 'exit 7'], { logPath, keepAlive: true });
      expect(await child.exit).to.deep.equal({ code: 7, signal: null });
      expect(child.exited?.code).to.equal(7);
    });

    it('asks a process to end', async () => {
      const child = await spawnGuarded(['sleep', '100'], { logPath });
      await child.stop(5_000);
      expect(child.exited).to.deep.equal({ code: null, signal: 'SIGTERM' });
    });

    it('kills a process that does not end when asked, and its children', async () => {
      const childPidPath = join(directory, 'child-pid');
      const script = `trap "" TERM; sleep 100 & echo $! > ${childPidPath}.tmp; mv ${childPidPath}.tmp ${childPidPath}; wait`;
      const child = await spawnGuarded(['sh', '-c', script], { logPath });
      const grandchild = await until(async () => identifyProcess(Number(await readFile(childPidPath, 'utf8'))));
      await child.stop(10);
      expect(child.exited?.signal).to.equal('SIGKILL');
      await until(() => !isRunning(grandchild));
    });

    it('ends the command when the process that started it is killed', async () => {
      const script = join(directory, 'parent.ts');
      const modulePath = join(import.meta.dirname, '..', 'cluster', 'processes.ts');
      await writeFile(
        script,
        `import { spawnGuarded } from ${JSON.stringify(modulePath)};
         const child = await spawnGuarded(['sleep', '100'], { logPath: ${JSON.stringify(logPath)}, keepAlive: true });
         console.log(child.pid);`,
      );
      const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
      const command = identifyProcess(Number(line)) as ProcessIdentity;
      expect(isRunning(command)).to.equal(true);
      parent.kill('SIGKILL');
      await until(() => !isRunning(command));
    });
  });

  describe('runCommand', () => {
    it('returns output and exit code', async () => {
      const result = await runCommand(['sh', '-c', 'cat; echo oops >&2; exit 3'], { input: 'hello' });
      expect(result).to.deep.equal({ stdout: 'hello', stderr: 'oops\n', code: 3 });
    });

    it('rejects when the command cannot be started', async () => {
      const failure = await runCommand(['/no/such/command']).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(Error).with.property('code', 'ENOENT');
    });

    it('kills the command when its signal aborts', async () => {
      const controller = new AbortController();
      const running = runCommand(['sleep', '100'], { signal: controller.signal });
      controller.abort();
      expect((await running).code).to.equal(-1);
    });
  });

  describe('identifyProcess', () => {
    it('tells this process from another one with the same pid', () => {
      const me = identifyProcess(process.pid) as ProcessIdentity;
      expect(isRunning(me)).to.equal(true);
      expect(isRunning({ ...me, startedAt: '1' })).to.equal(false);
    });

    it('knows nobody under a pid that is not taken', async () => {
      const child = await spawnGuarded(['true'], { logPath, keepAlive: true });
      await child.exit;
      expect(identifyProcess(child.pid)).to.equal(undefined);
    });

    it('survives being stored', () => {
      const me = identifyProcess(process.pid);
      expect(parseIdentity(JSON.stringify(me))).to.deep.equal(me);
      expect(parseIdentity('{"pid":"1"}')).to.equal(undefined);
    });
  });

  describe('lastLines', () => {
    it('returns the end of a file, or nothing when there is none', async () => {
      const path = join(directory, 'lines');
      await writeFile(path, 'a\nb\nc\n');
      expect(lastLines(path, 2)).to.equal('b\nc');
      expect(lastLines(join(directory, 'none'), 2)).to.equal('');
    });
  });
});
