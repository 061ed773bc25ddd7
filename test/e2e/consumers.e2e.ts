// E2e: who else reads our Metrics API, and who else scales. The HPA controller of kube-controller-manager beside Headroom, and without it.
import { expect } from 'chai';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import type { HeadroomProcess } from '../support/headroom-process.ts';
import {
  deployment,
  headroomAutoscaler,
  horizontalPodAutoscaler,
  stabilizedFor,
} from '../support/workload-builders.ts';

// With a request of 200m and a target of 50 %, from any number of pods on 0.49 cores call for 5 and 0.08 for 1.
const quietCores = 0.08;
const busyCores = 0.49;

interface Managed {
  readonly metadata: { readonly managedFields: readonly { readonly manager: string; readonly subresource?: string }[] };
  readonly spec: { readonly replicas: number };
}

describe('Headroom beside the HPA controller of kube-controller-manager', () => {
  let cluster: TestCluster;
  let headroom: HeadroomProcess | undefined;

  before(async () => {
    const workload = (name: string) => ({ name, namespace: 'default', selector: { app: name }, cores: busyCores });
    cluster = await startTestCluster({
      controlPlane: {
        hpaController: 'on',
        extraFlags: {
          'kube-controller-manager': [
            '--horizontal-pod-autoscaler-sync-period=2s',
            '--horizontal-pod-autoscaler-downscale-stabilization=5s',
          ],
        },
      },
      simulation: { workloads: ['native', 'own'].map(workload) },
    });
    await cluster.apply(
      ...['native', 'own'].map((name) => deployment({ name })),
      horizontalPodAutoscaler({ name: 'native' }),
      headroomAutoscaler({ name: 'own', behavior: stabilizedFor(5) }),
    );
  });

  after(async () => {
    await headroom?.[Symbol.asyncDispose]();
    await cluster?.stop();
  });

  const replicasBecome = (name: string, replicas: number): Promise<string> =>
    cluster.kubectl('wait', `deployment/${name}`, `--for=jsonpath={.spec.replicas}=${replicas}`, '--timeout=90s');

  /** Needs no new samples to be acted on. */
  const wantAtLeast = (kind: string, name: string, minReplicas: number): Promise<string> =>
    cluster.kubectl('patch', kind, name, '--type=merge', '-p', JSON.stringify({ spec: { minReplicas } }));

  /** Who wrote replicas through the scale subresource. */
  async function scalersOf(name: string): Promise<string[]> {
    const { metadata } = await cluster.read<Managed>(`/apis/apps/v1/namespaces/default/deployments/${name}`);
    return metadata.managedFields.filter(({ subresource }) => subresource === 'scale').map(({ manager }) => manager);
  }

  const changesBy = (process: HeadroomProcess, name: string) =>
    process.logged((line) => line.message === 'replicas changed' && line['target'] === `Deployment/${name}`);

  describe('with --native-hpas=never', () => {
    before(async () => {
      headroom = await cluster.startHeadroom({ flags: ['--native-hpas=never'] });
    });

    after(() => headroom?.stop());

    it('lets that controller scale up and down from our Metrics API', async () => {
      await replicasBecome('native', 5);
      cluster.simulation.setDemand('native', { cores: quietCores });
      await replicasBecome('native', 1);
      expect(await scalersOf('native')).to.deep.equal(['kube-controller-manager']);
      expect(changesBy(headroom!, 'native')).to.deep.equal([]);
    });

    it('makes no canary', async () => {
      expect(await cluster.kubectl('get', 'hpa', '-n', 'headroom-system', '-o', 'name')).to.equal('');
      expect(await headroom?.selfMetric('headroom_controller_owns_native_hpas')).to.equal(0);
    });
  });

  describe('with --native-hpas=auto', () => {
    const leftAlone = 'native HPAs are left alone: somebody else writes their status';

    before(async () => {
      headroom = await cluster.startHeadroom({ flags: ['--native-hpas=auto'] });
    });

    after(() => headroom?.stop());

    it('notices that controller, says so once, and tells it in a metric', async () => {
      await headroom?.waitFor(leftAlone);
      expect(await headroom?.selfMetric('headroom_controller_owns_native_hpas')).to.equal(0);
    });

    it('leaves HPAs to it and scales HeadroomAutoscalers', async () => {
      await wantAtLeast('hpa', 'native', 2);
      await wantAtLeast('hra', 'own', 6);
      await Promise.all([replicasBecome('native', 2), replicasBecome('own', 6)]);
      expect(await scalersOf('native')).to.deep.equal(['kube-controller-manager']);
      expect(changesBy(headroom!, 'native')).to.deep.equal([]);
      await eventually(() => changesBy(headroom!, 'own').at(-1)?.['to'] === 6, 30_000);
      expect(headroom?.logged(leftAlone)).to.have.length(1);
    });
  });

  describe('with --native-hpas=auto where that controller is off', () => {
    before(async () => {
      await cluster.controlPlane.stopComponent('kube-controller-manager');
      headroom = await cluster.startHeadroom({ flags: ['--native-hpas=auto'] });
    });

    it('takes over', async () => {
      await headroom?.waitFor('native HPAs are scaled by Headroom: nobody else writes their status');
      expect(await headroom?.selfMetric('headroom_controller_owns_native_hpas')).to.equal(1);
      await wantAtLeast('hpa', 'native', 3);
      await replicasBecome('native', 3);
      await eventually(() => changesBy(headroom!, 'native').length > 0, 30_000);
      expect(await scalersOf('native')).to.include('headroom');
    });
  });
});
