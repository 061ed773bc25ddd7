// When the samples that hot autoscalers wait for were taken: what plans the next scrape of a hot node (docs/metrics-math.md 7.2, 7.3).
import { expect } from 'chai';
import type { SampleTimes } from '../../src/metrics/window-store.ts';
import { ClusterReader } from '../support/cluster-reader.ts';
import type { ContainerLines } from '../support/exposition-text.ts';

const t0 = 1_700_000_000_000;

/** Container of pod `ns/<pod>`, sampled so many seconds after t0. */
const sample = (pod: string, container: string, at: number): ContainerLines => ({
  namespace: 'ns',
  pod,
  container,
  timestampMs: t0 + at * 1000,
  cpuSeconds: 100 + at,
  memoryBytes: 1000,
  startSeconds: null,
});

describe('the times of the samples of some pods of a node', () => {
  const check = (
    rule: string,
    scrapes: readonly (readonly ContainerLines[])[],
    pods: readonly string[],
    expected: SampleTimes,
  ): void => {
    it(rule, () => {
      const cluster = new ClusterReader();
      for (const containers of scrapes) cluster.scrape('n', { containers });
      const names = pods.map((name) => ({ namespace: 'ns', name }));
      expect(cluster.store.sampleTimes('n', names)).to.deep.equal(expected);
    });
  };
  const none = Number.POSITIVE_INFINITY;
  const twice = [
    [sample('web', 'app', 0), sample('web', 'proxy', 4), sample('api', 'app', 1), sample('other', 'app', -9)],
    [sample('web', 'app', 19), sample('web', 'proxy', 15), sample('api', 'app', 18), sample('other', 'app', -8)],
  ];
  check('are those of the container sampled earliest', twice, ['web', 'api'], {
    oldestMs: t0 + 15_000,
    shortestDistanceMs: 11_000,
  });
  check('leave out pods that nobody waits for', twice, ['api'], { oldestMs: t0 + 18_000, shortestDistanceMs: 17_000 });
  check('leave out pods that were not sampled', twice, ['api', 'gone'], {
    oldestMs: t0 + 18_000,
    shortestDistanceMs: 17_000,
  });
  check('have no distance after one sample', twice.slice(0, 1), ['web'], { oldestMs: t0, shortestDistanceMs: none });
  check('do not change while the kubelet repeats itself', [...twice, ...twice.slice(1)], ['api'], {
    oldestMs: t0 + 18_000,
    shortestDistanceMs: 17_000,
  });
  check('are none without a sample', [], ['web'], { oldestMs: none, shortestDistanceMs: none });
});
