// E2e: every line of docs/seeds.md that can be typed here, typed into a shell, with the real kubectl on a real control plane.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { type CustomMetricsAdapter, startCustomMetricsAdapter } from '../cluster/custom-metrics-adapter.ts';
import { reservePorts } from '../cluster/ports.ts';
import { type GuardedProcess, spawnGuarded } from '../cluster/processes.ts';
import { type RealCluster, realNodeProblems, startRealCluster } from '../cluster/real-node.ts';
import { eventually, installConfig, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import {
  courseArguments,
  type Given,
  type SeedSection,
  seedSections,
  type TypedLine,
} from '../support/seed-commands.ts';
import { firstUnseen, openSeedShell, type SeedShell } from '../support/seed-shell.ts';

const mebibyte = 2 ** 20;
const workloads = {
  'eladmin-web': { idle: { cores: 0.002, bytes: 20 * mebibyte }, loaded: { cores: 0.2, bytes: 20 * mebibyte } },
  podinfo: { idle: { cores: 0.02, bytes: 20 * mebibyte }, loaded: { cores: 2, bytes: 20 * mebibyte } },
};
const typingMs = 30_000;

describe('what courses teach, typed today', () => {
  let cluster: TestCluster;
  let headroom: HeadroomProcess;
  let shell: SeedShell;
  let proxy: GuardedProcess | undefined;
  let adapter: CustomMetricsAdapter | undefined;
  let variables: Readonly<Record<string, string>>;

  before(async function () {
    this.timeout(900_000);
    cluster = await startTestCluster({
      simulation: {
        workloads: Object.entries(workloads).map(([name, { idle }]) => ({
          name,
          namespace: name === 'podinfo' ? 'default' : 'eladmin',
          selector: { app: name },
          ...idle,
        })),
      },
    });
    headroom = await cluster.startHeadroom({
      flags: [
        // The fixture's own verifies kubelets, and one cannot do both.
        '--kubelet-certificate-authority=',
        ...courseArguments,
        '--horizontal-pod-autoscaler-downscale-stabilization=20s',
      ],
    });
    // An API server that asked too early asks again after a while; people look when it has.
    await cluster.kubectl('wait', 'apiservice/v1beta1.metrics.k8s.io', '--for=condition=Available', '--timeout=60s');
    shell = await openSeedShell(cluster.controlPlane);
    const { ports } = await reservePorts(1);
    variables = { HEADROOM: `https://127.0.0.1:${headroom.port}`, PROXY_PORT: String(ports[0]) };
  });

  after(async () => {
    await proxy?.stop(1_000);
    await adapter?.[Symbol.asyncDispose]();
    await headroom?.[Symbol.asyncDispose]();
    await cluster?.stop();
  });

  const loadAll = async (kind: 'idle' | 'loaded'): Promise<void> => {
    for (const [name, demands] of Object.entries(workloads)) cluster.simulation.setDemand(name, demands[kind]);
  };
  const give: Readonly<Record<Given, () => Promise<void>>> = {
    'eladmin-web and podinfo under load': () => loadAll('loaded'),
    'no load any more': () => loadAll('idle'),
    'kubectl proxy is running': startProxy,
    'an adapter serves the http_requests of the course': async () => {
      adapter = await startCustomMetricsAdapter({ controlPlane: cluster.controlPlane });
      await setHttpRequests(['901m', '898m']);
    },
    'each podinfo has 25 http_requests': () => setHttpRequests(['25', '25']),
    'Headroom is stopped': async () => {
      if (headroom.exited === undefined) await headroom.stop();
    },
  };

  /** Of the pods there are, sorted by name. */
  async function setHttpRequests(values: readonly string[]): Promise<void> {
    const { items } = await cluster.read<{ items: { metadata: { name: string } }[] }>(
      '/api/v1/namespaces/default/pods?labelSelector=app%3Dpodinfo',
    );
    const names = items.map(({ metadata }) => metadata.name).toSorted();
    expect(names).to.have.length(values.length);
    for (const [index, name] of names.entries()) {
      const value = values[index] ?? '';
      await adapter?.setObject({ namespace: 'default', resource: 'pods', name, metric: 'http_requests', value });
    }
  }

  async function startProxy(): Promise<void> {
    if (proxy !== undefined) return;
    const { binaries, kubeconfigPath, dir } = cluster.controlPlane;
    const command = [binaries.kubectl, `--kubeconfig=${kubeconfigPath}`, 'proxy', `--port=${variables['PROXY_PORT']}`];
    proxy = await spawnGuarded(command, { logPath: join(dir, 'kubectl-proxy.log') });
    await eventually(
      async () => (await shell.type('curl -s http://127.0.0.1:$PROXY_PORT/version', variables)).code === 0,
    );
  }

  function typeLines(lines: readonly TypedLine[]): void {
    for (const line of lines) {
      it(titleOf(line), async function () {
        this.timeout(timeoutMs(line));
        if (line.given !== undefined) await give[line.given]();
        await typeAndLook(shell, line, variables);
      });
    }
  }

  it('Headroom takes the arguments of a course, and none is without effect', () => {
    expect(headroom.logged('flag without effect')).to.deep.equal([]);
  });

  for (const section of seedSections) {
    const lines = typedLines(section).filter(({ place, later, given }) => {
      return place === undefined && later !== true && given !== 'Headroom is stopped';
    });
    describe(section.title, () => typeLines(lines));
  }

  describe('Headroom itself', () => {
    it('refuses an anonymous caller with the Status that a course shows, field by field', async () => {
      const answer = await headroom.get('/apis/metrics.k8s.io/v1beta1/namespaces/eladmin/pods/eladmin-api-0');
      expect(answer?.status).to.equal(403);
      expect(JSON.parse(answer?.body ?? '')).to.deep.equal({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message:
          'pods.metrics.k8s.io "eladmin-api-0" is forbidden: User "system:anonymous" cannot get resource "pods" in API group "metrics.k8s.io" in the namespace "eladmin"',
        reason: 'Forbidden',
        details: { name: 'eladmin-api-0', group: 'metrics.k8s.io', kind: 'pods' },
        code: 403,
      });
    });

    it('answers an empty namespace between two slashes with the pods of all, as metrics-server does', async () => {
      const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
      const answer = await headroom.get('/apis/metrics.k8s.io/v1beta1/namespaces//pods/', { cert, key });
      const { items } = JSON.parse(answer?.body ?? '') as { items: { metadata: { namespace: string } }[] };
      expect(items.map(({ metadata }) => metadata.namespace)).to.include.members(['default', 'eladmin']);
    });
  });

  describe('the log', () => {
    it('names each node whose name does not resolve, which courses mend in the DNS', async () => {
      const { dir, kubeconfigPath } = cluster.controlPlane;
      const logPath = join(dir, 'by-name.log');
      const { ports, release } = await reservePorts(1);
      const flags = [
        `--kubeconfig=${kubeconfigPath}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${ports[0]}`,
        `--cert-dir=${join(dir, 'by-name')}`,
        '--kubelet-insecure-tls',
        '--kubelet-preferred-address-types=Hostname',
        '--metric-resolution=10s',
        '--kubelet-request-timeout=8s',
      ];
      // Another one beside the first, which holds the lease.
      const other = await spawnGuarded(['bin/headroom', ...flags], { logPath });
      try {
        const line = await eventually(
          async () => /^.*node cannot be scraped.*$/m.exec(await readFile(logPath, 'utf8'))?.[0],
        );
        expect(line)
          .to.include('sim-0')
          .and.to.match(/ENOTFOUND|EAI_AGAIN/);
      } finally {
        await other.stop(typingMs);
        await release();
      }
    });
  });

  describe('Behavior, a while later', () =>
    typeLines(seedSections.flatMap(typedLines).filter(({ later }) => later === true)));

  describe('with Headroom stopped', () =>
    typeLines(seedSections.flatMap(typedLines).filter(({ given }) => given === 'Headroom is stopped')));
});

describe('what courses teach about the kubelet, typed today', () => {
  let cluster: RealCluster | undefined;
  let shell: SeedShell;

  before(async function () {
    this.timeout(900_000);
    const problems = realNodeProblems();
    if (problems.length > 0) {
      console.log(`    the real node is not tested on this machine:\n      ${problems.join('\n      ')}`);
      this.skip();
    }
    cluster = await startRealCluster();
    // The account whose token the lines use; nothing listens at this port.
    await installConfig(cluster.controlPlane, 1);
    shell = await openSeedShell(cluster.controlPlane);
  });

  after(async () => {
    await cluster?.stop();
  });

  for (const line of seedSections.flatMap(typedLines).filter(({ place }) => place === 'a real node')) {
    it(titleOf(line), async function () {
      this.timeout(timeoutMs(line));
      await typeAndLook(shell, line, {});
    });
  }
});

function typedLines(section: SeedSection): readonly TypedLine[] {
  return section.lines.filter((line): line is TypedLine => 'see' in line);
}

function titleOf(line: TypedLine): string {
  return line.typedAs ?? line.type;
}

function timeoutMs({ withinSeconds = 0 }: TypedLine): number {
  return withinSeconds * 1_000 + typingMs;
}

/** Types the line, again and again where it takes time, until it shows what the page says. */
async function typeAndLook(
  shell: SeedShell,
  line: TypedLine,
  variables: Readonly<Record<string, string>>,
): Promise<void> {
  let problem = '';
  const attempt = async (): Promise<boolean> => {
    const { output, code } = await shell.type(line.typedAs ?? line.type, variables);
    const unseen = firstUnseen(output, line.see);
    problem = `exit code ${code}, ${unseen === undefined ? 'all lines seen' : `not seen: ${unseen}`}\nin:\n${output}`;
    return unseen === undefined && code === (line.exitCode ?? 0);
  };
  try {
    await eventually(attempt, (line.withinSeconds ?? 0) * 1_000);
  } catch {
    expect.fail(problem);
  }
}
