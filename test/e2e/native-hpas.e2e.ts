// E2e: who scales native HPAs, when kube-controller-manager's HPA controller is slow, stands still for long, and comes back. Its sync period is a second, so
// that 150 HPAs, at the 20 requests a second that it may send, put it seven periods behind: as 2,250 HPAs would at the default of 15 s.
import { expect } from 'chai';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

const idleHpas = 150;
const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

const leftAlone = 'native HPAs are left alone: somebody else writes their status';
const scaledByUs = 'native HPAs are scaled by Headroom: nobody else writes their status';

interface HpaList {
  readonly items: readonly { readonly status?: { readonly conditions?: readonly object[] } }[];
}

interface DeploymentView {
  readonly metadata: { readonly generation: number };
}

describe('native HPAs, when their controller is slow, stands still and comes back', function () {
  this.timeout(240_000);

  const started = new AsyncDisposableStack();
  let cluster: TestCluster;
  let headroom: HeadroomProcess;

  before(async function () {
    this.timeout(900_000);
    const kcmFlags = ['--horizontal-pod-autoscaler-sync-period=1s', '--kube-api-qps=20', '--kube-api-burst=30'];
    cluster = started.use(
      await startTestCluster({
        controlPlane: { hpaController: 'on', extraFlags: { 'kube-controller-manager': kcmFlags } },
      }),
    );
    const idle = Array.from({ length: idleHpas }, (_, index) => horizontalPodAutoscaler({ name: `idle-${index}` }));
    await cluster.apply(...idle);
    await eventually(async () => (await hpas()).every(({ status }) => (status?.conditions ?? []).length > 0), 180_000);
    headroom = started.use(
      await cluster.startHeadroom({ flags: ['--native-hpas=auto', '--horizontal-pod-autoscaler-sync-period=1s'] }),
    );
  });

  after(() => started.disposeAsync());

  const hpas = async (): Promise<HpaList['items']> =>
    (await cluster.read<HpaList>('/apis/autoscaling/v2/horizontalpodautoscalers')).items;

  /** What was said of the owner so far, in order. */
  const owners = (): readonly string[] =>
    headroom.log().flatMap(({ message }) => (message === leftAlone || message === scaledByUs ? [message] : []));

  const signalController = (signal: NodeJS.Signals): void => {
    const found = cluster.controlPlane.pids().find(({ name }) => name === 'kube-controller-manager');
    if (found === undefined) throw new Error('kube-controller-manager does not run');
    process.kill(found.pid, signal);
  };

  const replicasBecome = (name: string, replicas: number): Promise<string> =>
    cluster.kubectl('wait', `deployment/${name}`, `--for=jsonpath={.spec.replicas}=${replicas}`, '--timeout=90s');

  const wantAtLeast = (minReplicas: number): Promise<unknown> => {
    const patch = JSON.stringify({ spec: { minReplicas } });
    return Promise.all(names.map((name) => cluster.kubectl('patch', 'hpa', name, '--type=merge', '-p', patch)));
  };

  const changes = () => headroom.logged('replicas changed');

  it('are left to it although it comes round only every seven periods and has nothing to write', async () => {
    await headroom.waitFor(leftAlone, 60_000);
    expect(owners()).to.deep.equal([leftAlone]);
  });

  it('are taken over when it stands still for long', async () => {
    await cluster.apply(...names.flatMap((name) => [deployment({ name }), horizontalPodAutoscaler({ name })]));
    signalController('SIGSTOP');
    await headroom.waitFor(scaledByUs, 120_000);
    await wantAtLeast(2);
    await Promise.all(names.map((name) => replicasBecome(name, 2)));
    await eventually(() => changes().length === names.length, 20_000);
  });

  it('are given back at its first write when it goes on; nothing swings to and fro', async () => {
    const before = changes().length;
    signalController('SIGCONT');
    await wantAtLeast(3);
    await Promise.all(names.map((name) => replicasBecome(name, 3)));
    await eventually(() => owners().length === 3);
    expect(owners()).to.deep.equal([leftAlone, scaledByUs, leftAlone]);
    expect(changes().length - before).to.be.at.most(names.length);
    const ofUs = changes().map((line) => line['target']);
    for (const name of names) expect(ofUs.filter((target) => target === `Deployment/${name}`).length).to.be.at.most(2);
  });

  it('and are scaled by it alone from then on', async () => {
    const before = changes().length;
    await wantAtLeast(4);
    await Promise.all(names.map((name) => replicasBecome(name, 4)));
    expect(changes()).to.have.length(before);
    // From one replica to two, three and four: each a new generation, and none for a step back.
    for (const name of names) {
      const path = `/apis/apps/v1/namespaces/default/deployments/${name}`;
      expect((await cluster.read<DeploymentView>(path)).metadata.generation, name).to.equal(4);
    }
  });
});
