import { expect } from 'chai';
import type { MetricsObject } from '../../src/api/metrics-object.ts';
import { RenderCache } from '../../src/api/render-cache.ts';
import type { PodUsage } from '../../src/metrics/types.ts';

const identity = { namespace: 'ns', name: 'web', labels: { app: 'web' } };

const usage = (changes: Partial<PodUsage> = {}): PodUsage => ({
  timestampMs: 1_700_000_000_000,
  windowNs: 15e9,
  containers: [{ name: 'app', cpuNanoCores: 250_000_000, memoryBytes: 1024 }],
  ...changes,
});

const pod = (changes?: Partial<PodUsage>): MetricsObject => ({ kind: 'PodMetrics', identity, usage: usage(changes) });

describe('RenderCache', () => {
  it('renders once for usages of equal values, which the store computes anew each time', () => {
    const cache = new RenderCache();
    expect(cache.json(pod())).to.equal(cache.json(pod()));
    expect(cache.protobuf(pod())).to.equal(cache.protobuf(pod()));
  });

  describe('renders anew when there is another', () => {
    const check = (what: string, changes: Partial<PodUsage>) =>
      it(what, () => {
        const cache = new RenderCache();
        expect(cache.json(pod(changes))).not.to.equal(cache.json(pod()));
      });

    check('timestamp', { timestampMs: 1_700_000_015_000 });
    check('window', { windowNs: 14e9 });
    check('CPU', { containers: [{ name: 'app', cpuNanoCores: 1, memoryBytes: 1024 }] });
    check('memory', { containers: [{ name: 'app', cpuNanoCores: 250_000_000, memoryBytes: 1 }] });
    check('container', { containers: [{ name: 'other', cpuNanoCores: 250_000_000, memoryBytes: 1024 }] });
    check('number of containers', { containers: [] });
  });

  it('renders anew when the labels changed', () => {
    const cache = new RenderCache();
    const relabelled: MetricsObject = { kind: 'PodMetrics', identity: { ...identity, labels: {} }, usage: usage() };
    expect(cache.json(relabelled)).not.to.equal(cache.json(pod()));
  });
});
