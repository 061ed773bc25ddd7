import { expect } from 'chai';
import {
  measurePods,
  type ResourceQuestion,
  readingMilli,
  readResource,
} from '../../src/controller/resource-readings.ts';
import { newPodReading } from '../../src/metrics/pod-reading.ts';
import type { ContainerUsage, PodUsage } from '../../src/metrics/types.ts';
import { fillReading, MetricsReaderFake, podView } from '../support/metrics-reader-fake.ts';

const cpu: ResourceQuestion = { resource: 'cpu', container: undefined };
const container = (name: string, cpuNanoCores: number, memoryBytes = 0): ContainerUsage => ({
  name,
  cpuNanoCores,
  memoryBytes,
});
const usage = (...containers: readonly ContainerUsage[]): PodUsage => ({
  timestampMs: 1_700_000_000_987,
  windowNs: 14_983_000_000,
  containers,
});

describe('the reading of a resource', () => {
  const check = (
    title: string,
    containers: readonly ContainerUsage[],
    question: ResourceQuestion,
    expected: bigint | undefined,
  ): void => {
    it(title, () => {
      const reading = readResource([{ name: 'web-1', usage: usage(...containers) }], question);
      expect(reading.kind === 'pods' && reading.metrics.get('web-1')?.valueMilli).to.equal(expected);
    });
    it(`${title}, also where it is read again and again`, () => {
      const reading = newPodReading();
      fillReading(usage(...containers), reading);
      expect(readingMilli(reading, question)).to.equal(Number(expected ?? 0n));
    });
  };
  check('is the sum over all containers', [container('a', 1e9), container('b', 5e8)], cpu, 1500n);
  check('is rounded up for each container', [container('a', 1), container('b', 1_000_001)], cpu, 3n);
  check('is zero for an idle pod', [container('a', 0)], cpu, 0n);
  check('is none for a pod without containers', [], cpu, undefined);
  check('is none for any other resource', [container('a', 1)], { ...cpu, resource: 'nvidia.com/gpu' }, undefined);
  check('of memory is in thousandths of bytes', [container('a', 1, 7)], { ...cpu, resource: 'memory' }, 7000n);
  check(
    'of one container leaves out the others',
    [container('a', 1e6), container('b', 2e6)],
    { ...cpu, container: 'b' },
    2n,
  );
  check('of a container that is missing is none', [container('a', 1e6)], { ...cpu, container: 'b' }, undefined);

  it('has whole seconds, as the Metrics API would say, and the exact window', () => {
    const reading = readResource([{ name: 'web-1', usage: usage(container('a', 1)) }], cpu);
    expect(reading.kind === 'pods' && reading.metrics.get('web-1')).to.include({
      timestampMs: 1_700_000_000_000,
      windowMs: 14_983,
    });
  });

  it('leaves out pods without usage', () => {
    const reader = new MetricsReaderFake();
    reader.podUsages.set('default/web-1', usage(container('a', 1e6)));
    const reading = readResource(measurePods([podView({ name: 'web-1' }), podView({ name: 'web-2' })], reader), cpu);
    expect(reading.kind === 'pods' && [...reading.metrics.keys()]).to.deep.equal(['web-1']);
  });

  describe('leaves out the usage that is still stored of a pod that is', () => {
    for (const phase of ['Pending', 'Succeeded', 'Failed', 'Unknown', '']) {
      it(phase === '' ? 'without a phase' : phase, () => {
        const reader = new MetricsReaderFake();
        reader.podUsages.set('default/web-1', usage(container('a', 1e6)));
        expect(measurePods([podView({ name: 'web-1', phase })], reader)).to.deep.equal([
          { name: 'web-1', usage: undefined },
        ]);
      });
    }
  });

  it('fails in the words of the Metrics API when no pod has any usage', () => {
    expect(readResource([{ name: 'web-1', usage: undefined }], cpu)).to.deep.equal({
      kind: 'failed',
      message: 'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    });
  });
});
