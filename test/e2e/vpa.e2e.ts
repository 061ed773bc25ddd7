// E2e: the recommender of the Vertical Pod Autoscaler, a consumer that was written for metrics-server, reads our Metrics API.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type Binaries, ensureBinaries } from '../cluster/build.ts';
import { reservePorts } from '../cluster/ports.ts';
import { lastLines, runCommand, spawnGuarded } from '../cluster/processes.ts';
import { controlPlaneTools } from '../cluster/tools.ts';
import { eventually, startTestCluster, type TestCluster, tableCells } from '../support/cluster-fixture.ts';
import { deployment } from '../support/workload-builders.ts';

const recommenderModule = join(dirname(fileURLToPath(import.meta.url)), '../cluster/modules/vpa-recommender');
const mebibyte = 2 ** 20;
/** What each container of the simulation uses beside its demand. */
const idle = { milliCores: 0.1, bytes: 16 * mebibyte };
const demand = { milliCores: 300, bytes: 96 * mebibyte };
const replicas = 2;

/** The recommender counts usages in buckets, each a twentieth wider than the one before, and says where a bucket ends. */
const firstBucket = { milliCores: 10, bytes: 1e7 };
const growth = 1.05;

interface Recommendation {
  readonly containerName: string;
  readonly target: { readonly cpu: string; readonly memory: string };
}

interface VerticalPodAutoscaler {
  readonly status?: {
    readonly recommendation?: { readonly containerRecommendations?: readonly Recommendation[] };
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

describe('The recommender of the Vertical Pod Autoscaler', function () {
  // It is built the first time.
  this.timeout(600_000);
  let cluster: TestCluster;
  let undo: AsyncDisposableStack;

  before(async () => {
    undo = new AsyncDisposableStack();
    const binaries = await ensureBinaries(() => undefined, [...controlPlaneTools, 'vpa-recommender']);
    cluster = undo.use(
      await startTestCluster({
        controlPlane: { binaries },
        simulation: {
          workloads: [
            {
              name: 'web',
              namespace: 'default',
              selector: { app: 'web' },
              container: 'app',
              cores: (replicas * demand.milliCores) / 1000,
              bytes: replicas * demand.bytes,
            },
          ],
        },
      }),
    );
    await install(cluster);
    await cluster.apply(deployment({ name: 'web', replicas, sidecars: ['proxy'] }), verticalPodAutoscaler('web'));
    undo.use(await cluster.startHeadroom({ flags: ['--native-hpas=never'] }));
    await eventually(() => isBusy(cluster));
    await startRecommender(cluster, binaries, undo);
  });

  after(() => undo?.disposeAsync());

  it('recommends what the pods use, as the Metrics API tells it', async () => {
    const path = '/apis/autoscaling.k8s.io/v1/namespaces/default/verticalpodautoscalers/web';
    const recommendations = await eventually(async () => {
      const { status } = await cluster.read<VerticalPodAutoscaler>(path);
      const found = status?.recommendation?.containerRecommendations ?? [];
      const app = found.find(({ containerName }) => containerName === 'app');
      return app !== undefined && found.length === 2 ? found : undefined;
    }, 120_000);
    const target = (name: string) => recommendations.find(({ containerName }) => containerName === name)?.target;
    const cpu = bucketEnd(demand.milliCores + idle.milliCores, firstBucket.milliCores);
    expect(milliCores(target('app')?.cpu)).to.be.closeTo(cpu, 1);
    for (const [name, bytes] of [
      ['app', demand.bytes + idle.bytes],
      ['proxy', idle.bytes],
    ] as const) {
      expect(Number(target(name)?.memory), name).to.be.closeTo(bucketEnd(bytes, firstBucket.bytes), 10);
    }
  });
});

/** A window that began before the pods did shows less than they use, and the recommender forgets nothing for hours. */
async function isBusy(cluster: TestCluster): Promise<boolean> {
  const rows = tableCells(await cluster.kubectl('top', 'pod', '--containers', '--no-headers'));
  const used = rows.filter(([, container]) => container === 'app').map(([, , cpu]) => milliCores(cpu));
  return used.length === replicas && used.every((cpu) => cpu >= demand.milliCores);
}

/** The kind, its rights and its service account, from the module that the program was built from. */
async function install(cluster: TestCluster): Promise<void> {
  const answer = await runCommand(['go', 'list', '-m', '-f', '{{.Dir}}', 'k8s.io/autoscaler/vertical-pod-autoscaler'], {
    cwd: recommenderModule,
  });
  if (answer.code !== 0) throw new Error(`asking where the recommender's source is: ${answer.stderr.trim()}`);
  for (const file of ['vpa-v1-crd-gen.yaml', 'vpa-rbac.yaml']) {
    await cluster.kubectl('apply', '--server-side', '-f', join(answer.stdout.trim(), 'deploy', file));
  }
  await cluster.kubectl('wait', '--for=condition=Established', 'crd/verticalpodautoscalers.autoscaling.k8s.io');
}

function verticalPodAutoscaler(name: string): object {
  return {
    apiVersion: 'autoscaling.k8s.io/v1',
    kind: 'VerticalPodAutoscaler',
    metadata: { name, namespace: 'default' },
    spec: {
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      updatePolicy: { updateMode: 'Off' },
    },
  };
}

async function startRecommender(
  { controlPlane }: TestCluster,
  binaries: Binaries,
  undo: AsyncDisposableStack,
): Promise<void> {
  const reserved = await reservePorts(1);
  undo.defer(() => reserved.release());
  const logPath = join(controlPlane.dir, 'vpa-recommender.log');
  const kubeconfig = await controlPlane.kubeconfigForToken(
    await controlPlane.serviceAccountToken('kube-system', 'vpa-recommender'),
  );
  const command = [
    binaries.vpaRecommender,
    `--kubeconfig=${kubeconfig}`,
    `--address=127.0.0.1:${reserved.ports[0]}`,
    '--recommender-interval=3s',
    // So that what it recommends is what it was told.
    '--recommendation-margin-fraction=0',
    '--pod-recommendation-min-cpu-millicores=1',
    '--pod-recommendation-min-memory-mb=1',
    '--v=2',
  ];
  const child = await spawnGuarded(command, { logPath });
  undo.defer(async () => {
    if (child.exited !== undefined) console.error(`the recommender ended:\n${lastLines(logPath, 20)}`);
    await child.stop(5_000);
  });
}

/** The end of the bucket that holds `used`. */
function bucketEnd(used: number, first: number): number {
  let end = first;
  for (let width = first; end <= used; end += width) width *= growth;
  return end;
}

/** `300m` and `1` -> 300 and 1000. */
function milliCores(quantity: string = ''): number {
  return quantity.endsWith('m') ? Number(quantity.slice(0, -1)) : Number(quantity) * 1000;
}
