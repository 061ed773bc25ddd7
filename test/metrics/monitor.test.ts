// The self-metrics of scraping, as a dashboard made for metrics-server reads them.
import { expect } from 'chai';
import { Registry } from 'prom-client';
import { createMetricsMonitor, type MetricsMonitor } from '../../src/metrics/monitor.ts';

async function exposed(record: (monitor: MetricsMonitor) => void, resolutionMs = 15_000): Promise<string[]> {
  const registry = new Registry();
  record(createMetricsMonitor(registry, resolutionMs));
  return (await registry.metrics()).split('\n').filter((line) => line !== '');
}

describe('createMetricsMonitor', () => {
  it('has the names, types and help texts that metrics-server has', async () => {
    const lines = await exposed(() => undefined);
    expect(lines.filter((line) => line.startsWith('# ') && line.includes('metrics_server_'))).to.deep.equal([
      '# HELP metrics_server_manager_tick_duration_seconds [ALPHA] The total time spent collecting and storing metrics in seconds.',
      '# TYPE metrics_server_manager_tick_duration_seconds histogram',
      '# HELP metrics_server_kubelet_request_duration_seconds [ALPHA] Duration of requests to Kubelet API in seconds',
      '# TYPE metrics_server_kubelet_request_duration_seconds histogram',
      '# HELP metrics_server_kubelet_request_total [ALPHA] Number of requests sent to Kubelet API',
      '# TYPE metrics_server_kubelet_request_total counter',
      '# HELP metrics_server_kubelet_last_request_time_seconds [ALPHA] Time of last request performed to Kubelet API since unix epoch in seconds',
      '# TYPE metrics_server_kubelet_last_request_time_seconds gauge',
      '# HELP metrics_server_storage_points [ALPHA] Number of metrics points stored.',
      '# TYPE metrics_server_storage_points gauge',
    ]);
  });

  it('shows every label value from the start', async () => {
    const lines = await exposed(() => undefined);
    expect(lines.filter((line) => /_total|_points|_nodes/.test(line) && !line.startsWith('#'))).to.deep.equal([
      'metrics_server_kubelet_request_total{success="true"} 0',
      'metrics_server_kubelet_request_total{success="false"} 0',
      'metrics_server_storage_points{type="node"} 0',
      'metrics_server_storage_points{type="container"} 0',
      'headroom_metrics_scrape_failures_total{reason="address"} 0',
      'headroom_metrics_scrape_failures_total{reason="timeout"} 0',
      'headroom_metrics_scrape_failures_total{reason="request"} 0',
      'headroom_metrics_scrape_failures_total{reason="body"} 0',
      'headroom_metrics_scrape_failures_total{reason="no-samples"} 0',
      'headroom_metrics_snapshots_total{outcome="written"} 0',
      'headroom_metrics_snapshots_total{outcome="failed"} 0',
      'headroom_metrics_hot_nodes 0',
      'headroom_metrics_body_bytes_total 0',
      'headroom_metrics_bad_lines_total 0',
      'headroom_metrics_dropped_samples_total 0',
    ]);
  });

  describe('has the buckets of a cycle', () => {
    const bounds = async (resolutionMs: number, name: string): Promise<string[]> => {
      const lines = await exposed((monitor) => {
        monitor.observeCycle(1);
      }, resolutionMs);
      return lines.flatMap((line) => (line.startsWith(`${name}_bucket`) ? [/le="([^"]+)"/.exec(line)?.[1] ?? ''] : []));
    };
    const tick = 'metrics_server_manager_tick_duration_seconds';
    const common = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10'];
    it('at a resolution of 15 s', async () => {
      expect(await bounds(15_000, tick)).to.deep.equal([...common, '12.5', '15', '22.5', '30', '+Inf']);
    });
    it('at a resolution of 10 s', async () => {
      expect(await bounds(10_000, tick)).to.deep.equal([...common, '+Inf']);
    });
  });

  it('counts requests and forgets the series of nodes that are gone', async () => {
    const record = (monitor: MetricsMonitor): void => {
      monitor.observeRequest('a', { seconds: 0.2, isSuccess: true, atMs: 1_700_000_000_900 });
      monitor.observeRequest('b', { seconds: 3, isSuccess: false, atMs: 1_700_000_001_000 });
      monitor.observeBody({ bytes: 10, badLines: 2, droppedSamples: 3 });
      monitor.countFailure('timeout');
      monitor.setUsages({ nodes: 2, containers: 60 });
      monitor.setNodes({ ok: 1, failing: 1, waiting: 0 });
      monitor.forgetNode('b');
    };
    const lines = await exposed(record);
    expect(lines).to.include.members([
      'metrics_server_kubelet_request_duration_seconds_bucket{le="0.1",node="a"} 0',
      'metrics_server_kubelet_request_duration_seconds_bucket{le="0.25",node="a"} 1',
      'metrics_server_kubelet_request_total{success="true"} 1',
      'metrics_server_kubelet_request_total{success="false"} 1',
      'metrics_server_kubelet_last_request_time_seconds{node="a"} 1700000000',
      'metrics_server_storage_points{type="node"} 2',
      'metrics_server_storage_points{type="container"} 60',
      'headroom_metrics_scrape_failures_total{reason="timeout"} 1',
      'headroom_metrics_nodes{state="ok"} 1',
      'headroom_metrics_nodes{state="failing"} 1',
      'headroom_metrics_nodes{state="waiting"} 0',
      'headroom_metrics_body_bytes_total 10',
      'headroom_metrics_bad_lines_total 2',
      'headroom_metrics_dropped_samples_total 3',
    ]);
    expect(lines.filter((line) => line.includes('node="b"'))).to.deep.equal([]);
  });
});
