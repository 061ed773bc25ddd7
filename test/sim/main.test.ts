// Integration: the simulation as a process of its own, black box.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { assert, expect } from 'chai';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-apiserver.ts';

const program = new URL('../cluster/sim/main.ts', import.meta.url).pathname;

interface ReadyLine {
  readonly port: number;
  readonly controlUrl: string;
  readonly nodes: number;
  readonly caPem: string;
}

describe('the process of the simulation', () => {
  let api: FakeApiServer;
  let folder: string;
  let child: ChildProcess;

  beforeEach(async () => {
    api = await startFakeApiServer();
    folder = mkdtempSync(join(tmpdir(), 'sim-'));
    writeFileSync(join(folder, 'kubeconfig'), api.kubeConfig().exportConfig());
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ nodeCount: 9, namePrefix: 'test-' }));
  });

  afterEach(async () => {
    child.kill('SIGKILL');
    await api.close();
    rmSync(folder, { recursive: true });
  });

  function run(...args: readonly string[]): ChildProcess {
    child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    return child;
  }

  async function ready(): Promise<ReadyLine> {
    assert(child.stdout !== null);
    for await (const line of createInterface(child.stdout)) return JSON.parse(line) as ReadyLine;
    return assert.fail('it ended before it was ready');
  }

  const endsCleanly = (title: string, end: () => unknown): void => {
    it(`ends with 0 ${title}`, async () => {
      run('--kubeconfig', join(folder, 'kubeconfig'), '--nodes', '2');
      await ready();
      const ended = once(child, 'exit');
      end();
      expect(await ended).to.deep.equal([0, null]);
    });
  };

  endsCleanly('when its standard input closes', () => child.stdin?.end());
  endsCleanly('on SIGTERM', () => child.kill('SIGTERM'));

  it('says where it listens and whom it trusts, flags win over the configuration, and SIGINT ends it', async () => {
    const config = join(folder, 'config.json');
    run('--kubeconfig', join(folder, 'kubeconfig'), '--config', config, '--nodes', '2');
    const line = await ready();
    expect(line).to.include({ nodes: 2 });
    expect(line.caPem).to.match(/^-----BEGIN CERTIFICATE-----/);
    expect(api.get('/api/v1/nodes', 'test-1')).to.not.equal(undefined);
    expect((await fetch(`${line.controlUrl}/status`)).status).to.equal(200);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).to.deep.equal([0, null]);
  });

  const refuses = (args: readonly string[], message: string): void => {
    it(`ends with 2 for ${args.join(' ')}`, async () => {
      run(...args);
      assert(child.stderr !== null);
      const [said, exit] = await Promise.all([text(child.stderr), once(child, 'exit')]);
      expect(exit).to.deep.equal([2, null]);
      expect(said).to.include(message);
    });
  };

  refuses(['--nodes', 'many'], '--nodes must be a whole number, not many');
  refuses(['--nodes', '2'], 'simulated nodes need a kubeconfig or a list of pods');
});
