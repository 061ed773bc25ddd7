// E2e: what Prometheus sees of Headroom: promtool's check of /metrics, and the series of the programs that Headroom replaces.
import { expect } from 'chai';
import { type Binaries, ensureBinaries } from '../cluster/build.ts';
import { probe } from '../cluster/probe.ts';
import { runCommand } from '../cluster/processes.ts';
import { controlPlaneTools } from '../cluster/tools.ts';
import { eventually, startTestCluster, type TestCluster } from '../support/cluster-fixture.ts';
import { deployment, horizontalPodAutoscaler } from '../support/workload-builders.ts';

describe('What Headroom tells of itself', function () {
  // promtool is built the first time.
  this.timeout(900_000);
  let cluster: TestCluster;
  let binaries: Binaries;
  let exposition: string;
  const undo = new AsyncDisposableStack();

  before(async () => {
    binaries = await ensureBinaries(() => undefined, [...controlPlaneTools, 'promtool']);
    cluster = undo.use(await startTestCluster({ controlPlane: { binaries } }));
    await cluster.apply(deployment({ name: 'web' }), horizontalPodAutoscaler({ name: 'web' }));
    const headroom = undo.use(await cluster.startHeadroom({ flags: ['--native-hpas=always'] }));
    // So that there is something to tell of every part.
    await eventually(async () => (await cluster.kubectl('top', 'pod')).includes('web-'));
    const { certificatePem: cert, keyPem: key } = cluster.controlPlane.credentials.admin;
    const answer = await probe(`https://127.0.0.1:${headroom.port}/metrics`, { cert, key });
    expect(answer?.status).to.equal(200);
    exposition = answer?.body ?? '';
  });

  after(() => undo.disposeAsync());

  it('passes the check of promtool', async () => {
    const { code, stdout, stderr } = await runCommand([binaries.promtool, 'check', 'metrics'], { input: exposition });
    expect({ code, said: stdout + stderr }).to.deep.equal({ code: 0, said: '' });
  });

  it('has what metrics-server and the HPA controller tell, by its name', () => {
    const families = new Set(
      [...exposition.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`),
    );
    expect([...families]).to.include.members([
      'metrics_server_api_metric_freshness_seconds histogram',
      'metrics_server_kubelet_last_request_time_seconds gauge',
      'metrics_server_kubelet_request_duration_seconds histogram',
      'metrics_server_kubelet_request_total counter',
      'metrics_server_manager_tick_duration_seconds histogram',
      'metrics_server_storage_points gauge',
      'horizontal_pod_autoscaler_controller_reconciliations_total counter',
      'horizontal_pod_autoscaler_controller_reconciliation_duration_seconds histogram',
      'horizontal_pod_autoscaler_controller_metric_computation_total counter',
      'horizontal_pod_autoscaler_controller_metric_computation_duration_seconds histogram',
    ]);
  });
});
