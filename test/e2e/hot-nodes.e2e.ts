// E2e: a node whose next samples may change replicas is asked soon after its kubelet took them, another one on its phase.
import { expect } from 'chai';
import type { Workload } from '../cluster/sim/types.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import { simWorkload } from '../support/sim-builders.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

const resolutionSeconds = 30;
const fastSeconds = 2;
/** For a machine that does other things, too. */
const patienceSeconds = 3;
/** A kubelet takes the next sample 10 to 12 s after the last. */
const housekeeping = { intervalMs: 10_000, jitterFactor: 0.2 };
const watchedSeconds = 65;

interface PodMetrics {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly timestamp: string;
}

/** Two nodes with one pod each: `near` uses what its autoscaler aims at, `far` a tenth of it. */
describe('a hot node', function () {
  this.timeout(240_000);

  const started = new AsyncDisposableStack();
  let cluster: TestCluster;
  let headroom: HeadroomProcess;

  before(async function () {
    this.timeout(900_000);
    const workload = (name: string, cores: number): Workload => simWorkload({ name, selector: { app: name }, cores });
    cluster = started.use(
      await startTestCluster({
        nodeCount: 2,
        simulation: { housekeeping, workloads: [workload('near', 0.1), workload('far', 0.01)] },
      }),
    );
    for (const [name, nodeName] of [
      ['near', 'sim-0'],
      ['far', 'sim-1'],
    ] as const) {
      await cluster.apply(
        deployment({ name, nodeName, requests: { cpu: '200m', memory: '64Mi' } }),
        horizontalPodAutoscaler({ name }),
      );
    }
    const flags = [
      `--metric-resolution=${resolutionSeconds}s`,
      `--fast-metric-resolution=${fastSeconds}s`,
      '--native-hpas=always',
    ];
    headroom = started.use(await cluster.startHeadroom({ flags }));
  });

  after(() => started.disposeAsync());

  async function podMetrics(): Promise<readonly PodMetrics[]> {
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
    const answer = await headroom.get('/apis/metrics.k8s.io/v1beta1/namespaces/default/pods', { cert, key });
    return answer?.status === 200 ? (JSON.parse(answer.body) as { items: readonly PodMetrics[] }).items : [];
  }

  const scrapes = async (node: string): Promise<number> =>
    (await headroom.selfMetric(`metrics_server_kubelet_request_duration_seconds_count{node="${node}"}`)) ?? 0;

  it('is asked soon after each of its samples, and a cold one once per resolution', async () => {
    await eventually(async () => (await headroom.selfMetric('headroom_metrics_hot_nodes')) === 1, 120_000);
    // Young nodes are asked more often, whatever happens on them.
    await eventually(async () => (await scrapes('sim-1')) >= 3, 120_000);
    // One that is near is hastened from its next scrape on (docs/metrics-math.md 7.1).
    const scrapesWhenHot = await scrapes('sim-0');
    await eventually(async () => (await scrapes('sim-0')) > scrapesWhenHot, 2 * resolutionSeconds * 1000);
    const [nearBefore, farBefore] = [await scrapes('sim-0'), await scrapes('sim-1')];
    const seen = await firstSeen(watchedSeconds * 1000);
    const [near, far] = [(await scrapes('sim-0')) - nearBefore, (await scrapes('sim-1')) - farBefore];

    const delays = [...(seen.get('near') ?? new Map<string, number>())].map(
      ([timestamp, atMs]) => (atMs - Date.parse(timestamp)) / 1000,
    );
    expect(delays.length, String(delays)).to.be.within(4, 7);
    expect(Math.max(...delays), String(delays)).to.be.below(fastSeconds + 1 + patienceSeconds);
    expect(far).to.be.within(2, 4);
    expect(seen.get('far')?.size).to.be.most(4);
    // At most twice for each sample: nobody is asked while there can be nothing new.
    expect(near).to.be.within(delays.length - 1, 2 * delays.length + 1);
  });

  /** App -> timestamp of a sample -> when it was served for the first time. What was there at the beginning is left out. */
  async function firstSeen(durationMs: number): Promise<Map<string, Map<string, number>>> {
    const seen = new Map<string, Map<string, number>>();
    const atBeginning = new Set((await podMetrics()).map(({ timestamp }) => timestamp));
    const endsAtMs = Date.now() + durationMs;
    await eventually(async () => {
      for (const { metadata, timestamp } of await podMetrics()) {
        const app = metadata.labels['app'] ?? '';
        const times = seen.get(app) ?? new Map<string, number>();
        seen.set(app, times);
        if (!atBeginning.has(timestamp) && !times.has(timestamp)) times.set(timestamp, Date.now());
      }
      return Date.now() >= endsAtMs;
    }, durationMs + 30_000);
    return seen;
  }
});
