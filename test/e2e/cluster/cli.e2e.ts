// E2e: `npm run cluster -- up|status|down`.
import { join } from 'node:path';
import { expect } from 'chai';
import {
  type CommandResult,
  identifyProcess,
  isRunning,
  type ProcessIdentity,
  runCommand,
} from '../../cluster/processes.ts';

const name = `e2e-${process.pid}`;
const script = join(import.meta.dirname, '..', '..', 'cluster', 'cli.ts');

function cluster(...args: readonly string[]): Promise<CommandResult> {
  return runCommand([process.execPath, script, ...args, '--name', name]);
}

describe('the cluster command', () => {
  let identities: readonly ProcessIdentity[] = [];

  after(async () => {
    await cluster('down');
  });

  it('says that there is no cluster yet', async () => {
    expect(await cluster('status')).to.deep.include({ code: 1, stdout: `cluster "${name}" does not run\n` });
  });

  it('starts a cluster with simulated nodes and prints how to use it', async () => {
    const { code, stdout, stderr } = await cluster('up', '--nodes', '3');
    expect(code, stderr).to.equal(0);
    const [, kubeconfigPath = ''] = /export KUBECONFIG=(\S+)/.exec(stdout) ?? [];
    const [, kubectl = ''] = /alias kubectl=(\S+)/.exec(stdout) ?? [];
    const nodes = await runCommand([kubectl, 'get', 'nodes', '--output=name', '--kubeconfig', kubeconfigPath]);
    expect(nodes.stdout).to.equal('node/sim-0\nnode/sim-1\nnode/sim-2\n');
  });

  it('shows the components with pids and ports', async () => {
    const { code, stdout } = await cluster('status');
    expect(code).to.equal(0);
    for (const component of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      expect(stdout).to.match(new RegExp(`^  ${component} +pid \\d+ +port \\d+$`, 'm'));
    }
    identities = [...stdout.matchAll(/pid (\d+)/g)].map(([, pid]) => identifyProcess(Number(pid)) as ProcessIdentity);
    expect(identities.filter(isRunning)).to.have.length(5);
  });

  it('starts nothing when it runs already', async () => {
    expect((await cluster('up')).stdout).to.include('runs already');
    expect(identities.filter(isRunning)).to.have.length(5);
  });

  it('ends every process', async () => {
    expect((await cluster('down')).stdout).to.equal(`cluster "${name}" has ended\n`);
    expect(identities.filter(isRunning)).to.deep.equal([]);
    expect((await cluster('status')).code).to.equal(1);
  });

  it('refuses what it does not know', async () => {
    expect((await cluster('up', '--nodes', 'many')).stderr).to.equal('--nodes must be a number, not "many"\n');
    expect((await cluster('sideways')).stderr).to.include('usage: npm run cluster');
  });
});
