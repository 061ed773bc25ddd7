// E2e: two replicas behind the APIService are replaced one after the other while everybody goes on asking. Nobody notices.
import { Agent, type RequestOptions, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { type HeadroomProcess, startHeadroom } from '../support/headroom-process.ts';
import { ReadyBalancer } from '../support/ready-balancer.ts';
import { deployment } from '../support/workload-builders.ts';

const root = '/apis/metrics.k8s.io/v1beta1';
const apiService = '/apis/apiregistration.k8s.io/v1/apiservices';
const name = 'v1beta1.metrics.k8s.io';
const nodeCount = 3;
const flags = [
  '--native-hpas=always',
  // Longer than readiness takes to be noticed.
  '--shutdown-delay-duration=3s',
  '--leader-elect-lease-duration=15s',
  '--leader-elect-renew-deadline=10s',
  '--leader-elect-retry-period=1s',
];

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

/** Asks without a pause to speak of, until told to stop, and remembers what went wrong. */
class Client {
  readonly failures: string[] = [];
  answers = 0;
  readonly #running: Promise<void>;
  #goesOn = true;

  constructor(ask: () => Promise<string | undefined>) {
    this.#running = this.#run(ask);
  }

  async #run(ask: () => Promise<string | undefined>): Promise<void> {
    while (this.#goesOn) {
      const failure = await ask();
      if (failure === undefined) this.answers += 1;
      else this.failures.push(`${new Date().toISOString()} ${failure}`);
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await this.#running;
  }
}

/** What was wrong with the answer, or undefined: it is 200 and names every node, or any pods. */
function askOnce(options: RequestOptions & { readonly path: string }): Promise<string | undefined> {
  const { path } = options;
  return new Promise((resolve) => {
    const sent = request(options, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      answer.on('error', (error) => resolve(`${path}: ${error.message}`));
      answer.on('end', () => {
        const { items } = JSON.parse(answer.statusCode === 200 ? body : '{}') as { items?: readonly unknown[] };
        const isWhole = !path.endsWith('/nodes') || items?.length === nodeCount;
        resolve(
          answer.statusCode === 200 && isWhole ? undefined : `${path}: ${answer.statusCode} ${body.slice(0, 300)}`,
        );
      });
    });
    sent.on('error', (error) => resolve(`${path}: ${error.message}`));
    sent.end();
  });
}

describe('a rolling update of two replicas under load', () => {
  const started = new AsyncDisposableStack();
  let cluster: TestCluster;
  let balancer: ReadyBalancer;
  let replicas: HeadroomProcess[];
  const clients: Client[] = [];
  const available: string[] = [];
  let beforeUpdate: Condition | undefined;

  async function startReplica(): Promise<HeadroomProcess> {
    const replica = started.use(await startHeadroom(cluster.controlPlane, { flags }));
    balancer.add(replica);
    await eventually(() => balancer.isReady(replica));
    return replica;
  }

  async function condition(): Promise<Condition | undefined> {
    const { status } = await cluster.read<{ status: { conditions?: Condition[] } }>(`${apiService}/${name}`);
    return status.conditions?.find(({ type }) => type === 'Available');
  }

  const isLeader = async (replica: HeadroomProcess): Promise<boolean> =>
    (await replica.selfMetric('headroom_kube_leader{lease="headroom"}')) === 1;

  function load(): void {
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
    const apiServer = Number(new URL(cluster.controlPlane.serverUrl).port);
    for (const port of [apiServer, cluster.port]) {
      for (const path of [`${root}/nodes`, `${root}/pods`, `${root}/nodes/sim-0`]) {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        started.defer(() => agent.destroy());
        const options = { host: '127.0.0.1', port, path, agent, cert, key, rejectUnauthorized: false };
        clients.push(new Client(() => askOnce(options)));
      }
    }
    clients.push(
      new Client(async () => {
        const { code, stderr } = await cluster.controlPlane.kubectl(['top', 'nodes']);
        return code === 0 ? undefined : `kubectl top nodes: ${stderr}`;
      }),
    );
  }

  /** Every state of the APIService from now on. */
  function watchApiService(): void {
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
    const url = `${cluster.controlPlane.serverUrl}${apiService}?watch=1&fieldSelector=metadata.name=${name}`;
    let rest = '';
    const watch = request(url, { cert, key, rejectUnauthorized: false, agent: false }, (answer) => {
      answer.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const { object } = JSON.parse(line) as { object: { status: { conditions?: Condition[] } } };
          available.push(object.status.conditions?.find(({ type }) => type === 'Available')?.status ?? 'none');
        }
      });
      answer.on('error', () => undefined);
    });
    watch.on('error', (error) => {
      if (!watch.destroyed) available.push(`watch: ${error.message}`);
    });
    watch.end();
    started.defer(() => {
      watch.destroy();
    });
  }

  before(async () => {
    cluster = started.use(await startTestCluster({ nodeCount }));
    balancer = started.use(await ReadyBalancer.listen(cluster.port));
    await cluster.apply(deployment({ name: 'web', replicas: 4 }));
    replicas = await Promise.all([startReplica(), startReplica()]);
    await cluster.kubectl('wait', `apiservice/${name}`, '--for=condition=Available', '--timeout=60s');
    await eventually(async () => (await Promise.all(replicas.map(isLeader))).includes(true));
    beforeUpdate = await condition();
    watchApiService();
    load();
    await eventually(() => clients.every(({ answers }) => answers > 0));
  });

  after(() => started.disposeAsync());

  for (const nth of ['first', 'second'] as const) {
    it(`the ${nth} old replica ends with exit code 0 once a new one is ready`, async () => {
      const replacement = await startReplica();
      const [old] = replicas;
      expect(await old?.stop('SIGTERM')).to.deep.equal({ code: 0, signal: null });
      replicas = [...replicas.slice(1), replacement];
    });

    it('then one of those that are left leads', async () => {
      await eventually(async () => (await Promise.all(replicas.map(isLeader))).filter(Boolean).length === 1, 20_000);
    });
  }

  it('no request fails: through the aggregator, direct, and of kubectl top', async () => {
    await Promise.all(clients.map((client) => client.stop()));
    expect(clients.flatMap(({ failures }) => failures)).to.deep.equal([]);
    for (const { answers } of clients) expect(answers).to.be.above(1);
  });

  it('the APIService is Available throughout', async () => {
    expect(await condition()).to.deep.equal(beforeUpdate);
    expect(beforeUpdate?.status).to.equal('True');
    expect(new Set(available)).to.deep.equal(new Set(['True']));
  });
});
