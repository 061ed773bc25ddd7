// E2e: kwok's nodes on the test cluster.
import { expect } from 'chai';
import { type ControlPlane, startControlPlane } from '../../cluster/control-plane.ts';
import { type Kwok, startKwok } from '../../cluster/kwok.ts';
import { probe } from '../../cluster/probe.ts';
import { until } from '../../support/until.ts';

describe('kwok', () => {
  let controlPlane: ControlPlane;
  let kwok: Kwok;

  before(async () => {
    controlPlane = await startControlPlane();
    kwok = await startKwok(controlPlane, { nodes: 2 });
  });

  after(async () => {
    await kwok.stop();
    await controlPlane.stop();
  });

  it('describes its nodes as a scraper needs them', async () => {
    const answer = await controlPlane.kubectl(['get', 'node', 'kwok-0', '--output=json']);
    const { metadata, status } = JSON.parse(answer.stdout);
    expect(metadata.annotations).to.include({ 'metrics.k8s.io/resource-metrics-path': kwok.metricsPath('kwok-0') });
    expect(status.addresses).to.deep.include({ type: 'InternalIP', address: '127.0.0.1' });
    expect(status.daemonEndpoints.kubeletEndpoint.Port).to.equal(kwok.port);
  });

  it('runs pods and serves their samples over TLS of the cluster CA', async () => {
    await controlPlane.kubectl(['create', 'deployment', 'web', '--image=any', '--replicas=4']);
    const waited = await controlPlane.kubectl(['wait', 'deployment/web', '--for=condition=Available', '--timeout=60s']);
    expect(waited.code, waited.stderr).to.equal(0);
    const pods = await controlPlane.kubectl([
      'get',
      'pods',
      '--field-selector=spec.nodeName=kwok-0',
      '--output=jsonpath={.items[*].metadata.name}',
    ]);
    const url = `https://127.0.0.1:${kwok.port}${kwok.metricsPath('kwok-0')}`;
    const lineOf = (name: string): string =>
      `container_cpu_usage_seconds_total{container="any",namespace="default",pod="${name}"}`;
    // kwok begins to make its metrics when they are first asked for, and follows pods in its own time.
    await until(async () => {
      const answer = await probe(url, { ca: controlPlane.caPem });
      expect(answer?.status).to.equal(200);
      for (const name of pods.stdout.split(' ')) expect(answer?.body).to.include(lineOf(name));
      return true;
    }, 60_000);
  });
});
