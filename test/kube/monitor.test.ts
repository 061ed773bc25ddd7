import { expect } from 'chai';
import { Registry } from 'prom-client';
import { createKubeMonitor } from '../../src/kube/monitor.ts';

describe('the self-metrics of src/kube', () => {
  it('tell of requests, reflectors, queues, events and leases', async () => {
    const registry = new Registry();
    const monitor = createKubeMonitor(registry);
    monitor.requestFinished('GET', '200', 0.01);
    monitor.requestThrottled('PUT', 0);
    monitor.addReflector({ resource: 'pods', objects: () => 7, silentSeconds: () => 1.5 });
    monitor.addReflector({ resource: 'nodes', objects: () => 0, silentSeconds: () => undefined });
    monitor.relisted('pods');
    monitor.addQueue('hpa', () => 3);
    monitor.eventFinished('posted');
    monitor.leading('headroom', true);
    const lines = (await registry.metrics())
      .split('\n')
      .filter((line) => !line.startsWith('#') && !line.includes('_bucket'));
    expect(lines).to.include.members([
      'headroom_kube_request_duration_seconds_count{verb="GET",code="200"} 1',
      'headroom_kube_rate_limiter_duration_seconds_count{verb="PUT"} 1',
      'headroom_kube_reflector_objects{resource="pods"} 7',
      'headroom_kube_reflector_silence_seconds{resource="pods"} 1.5',
      'headroom_kube_reflector_lists_total{resource="pods"} 1',
      'headroom_kube_reflector_skipped_objects_total{resource="pods"} 0',
      'headroom_kube_queue_depth{queue="hpa"} 3',
      'headroom_kube_events_total{outcome="posted"} 1',
      'headroom_kube_events_total{outcome="dropped"} 0',
      'headroom_kube_leader{lease="headroom"} 1',
    ]);
    expect(lines.some((line) => line.includes('silence_seconds{resource="nodes"'))).to.equal(false);
  });
});
