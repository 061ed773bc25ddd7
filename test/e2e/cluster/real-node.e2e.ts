// E2e: a real kubelet and real containers. Needs root and Debian packages; says what is missing where it cannot run.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCommand } from '../../cluster/processes.ts';
import { type RealCluster, realNodeProblems, startRealCluster } from '../../cluster/real-node.ts';
import { until } from '../../support/until.ts';

describe('a real node', () => {
  let cluster: RealCluster | undefined;

  before(async function () {
    const problems = realNodeProblems();
    if (problems.length > 0) {
      console.log(`    the real node is not tested on this machine:\n      ${problems.join('\n      ')}`);
      this.skip();
    }
    cluster = await startRealCluster();
  });

  after(async () => {
    await cluster?.stop();
  });

  it('is Ready at an address that is not loopback', async () => {
    const { controlPlane, nodeName, nodeAddress } = cluster!;
    const answer = await controlPlane.kubectl(['get', 'node', nodeName, '--output=json']);
    const { status } = JSON.parse(answer.stdout);
    const ready = status.conditions.find((condition: { type: string }) => condition.type === 'Ready');
    expect(ready.status).to.equal('True');
    expect(status.addresses).to.deep.include({ type: 'InternalIP', address: nodeAddress });
  });

  it('runs a container whose CPU counter follows the load it is told to make', async () => {
    const { controlPlane } = cluster!;
    const manifest = cluster!.burnableDeployment({ name: 'web', cpuRequest: '100m', cpuLimit: '200m' });
    await controlPlane.kubectl(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
    const args = ['wait', 'deployment/web', '--for=condition=Available', '--timeout=60s'];
    expect((await controlPlane.kubectl(args)).stdout).to.include('condition met');
    await cluster!.burn('web', true);
    const seconds = await until(async () => {
      const counter = await cpuSeconds(cluster!);
      return counter > 1 && counter;
    }, 60_000);
    await cluster!.burn('web', false);
    expect(seconds).to.be.greaterThan(1);
  });

  it('runs commands of ours in its network', async () => {
    const answer = await cluster!.runInNamespace(['ip', '-brief', 'address', 'show', 'eth0']);
    expect(answer.stdout).to.include(cluster!.nodeAddress);
  });

  it('leaves no process, no network device, no cgroup and no file behind', async () => {
    const { controlPlane, hostAddress } = cluster!;
    const isOurs = (commandLine: string): boolean =>
      /\/control\/burn/.test(commandLine) || commandLine.includes(controlPlane.dir);
    const before = commandLines().filter(isOurs).join('\n');
    for (const part of ['etcd', 'containerd-shim', 'kubelet', 'while :; do']) expect(before).to.include(part);
    expect(ownCgroups()).to.not.deep.equal([]);

    await cluster!.stop();
    expect(commandLines().filter(isOurs)).to.deep.equal([]);
    expect((await runCommand(['ip', 'address'])).stdout).to.not.include(`${hostAddress}/`);
    expect(ownCgroups()).to.deep.equal([]);
    expect(existsSync(controlPlane.dir)).to.equal(false);
  });
});

/** The command lines of all processes of this machine. */
function commandLines(): readonly string[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return []; // it has ended since
    }
  });
}

/** The cgroups, of any hierarchy, that are named after this process. */
function ownCgroups(): readonly string[] {
  const root = '/sys/fs/cgroup';
  const hierarchies = [
    root,
    ...readdirSync(root, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [join(root, entry.name)] : [],
    ),
  ];
  return hierarchies.flatMap((path) => readdirSync(path).filter((name) => name.startsWith(`headroom-${process.pid}-`)));
}

/** The counter of the only container of deployment web, 0 while there is none. */
async function cpuSeconds({ controlPlane, nodeName }: RealCluster): Promise<number> {
  const { stdout } = await controlPlane.kubectl(['get', '--raw', `/api/v1/nodes/${nodeName}/proxy/metrics/resource`]);
  return Number(/^container_cpu_usage_seconds_total\{container="burner".*\} (\S+) \d+$/m.exec(stdout)?.[1] ?? 0);
}
