import { expect } from 'chai';
import {
  type ResourceQuestion,
  type ResourceReading,
  readingMilli,
  readResource,
} from '../../src/controller/resource-readings.ts';
import { everything } from '../../src/lib/label-selector.ts';
import { newPodReading } from '../../src/metrics/pod-reading.ts';
import type { ContainerUsage, PodUsage } from '../../src/metrics/types.ts';
import { fillReading, MetricsReaderFake, PodListerFake, podView } from '../support/metrics-reader-fake.ts';

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

/** What is read of running pods with these usages. */
function read(
  usages: Readonly<Record<string, PodUsage | undefined>>,
  question: ResourceQuestion,
  phase = 'Running',
): ResourceReading {
  const reader = new MetricsReaderFake();
  const pods = new PodListerFake();
  for (const [name, usageOfPod] of Object.entries(usages)) {
    pods.pods.set(`default/${name}`, podView({ name, phase }));
    if (usageOfPod !== undefined) reader.podUsages.set(`default/${name}`, usageOfPod);
  }
  return readResource(pods.list('default', everything), reader, question);
}

describe('the reading of a resource', () => {
  const check = (
    title: string,
    containers: readonly ContainerUsage[],
    question: ResourceQuestion,
    expected: bigint | undefined,
  ): void => {
    it(title, () => {
      const { reading } = read({ 'web-1': usage(...containers) }, question);
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
  const memory = { ...cpu, resource: 'memory' };
  check('of memory is in thousandths of bytes', [container('a', 1, 7)], memory, 7000n);
  const large = Number.MAX_SAFE_INTEGER;
  check(
    'of memory is exact beyond what numbers hold',
    [container('a', 1, large), container('b', 1, 2)],
    memory,
    9_007_199_254_740_993_000n,
  );
  check(
    'of one container leaves out the others',
    [container('a', 1e6), container('b', 2e6)],
    { ...cpu, container: 'b' },
    2n,
  );
  check('of a container that is missing is none', [container('a', 1e6)], { ...cpu, container: 'b' }, undefined);

  it('has whole seconds, as the Metrics API would say, and the exact window', () => {
    const { reading } = read({ 'web-1': usage(container('a', 1)) }, cpu);
    expect(reading.kind === 'pods' && reading.metrics.get('web-1')).to.include({
      timestampMs: 1_700_000_000_000,
      windowMs: 14_983,
    });
  });

  it('leaves out pods without usage', () => {
    const { reading } = read({ 'web-1': usage(container('a', 1e6)), 'web-2': undefined }, cpu);
    expect(reading.kind === 'pods' && [...reading.metrics.keys()]).to.deep.equal(['web-1']);
  });

  it('tells when the oldest and the newest sample in it was taken', () => {
    const at = (timestampMs: number): PodUsage => ({ ...usage(container('a', 1)), timestampMs });
    const usages = { 'web-1': at(5_000), 'web-2': at(9_500), 'web-3': undefined, 'web-4': at(7_000) };
    expect(read(usages, cpu).sampled).to.deep.equal({ oldestMs: 5_000, newestMs: 9_500 });
    expect(read({ 'web-1': undefined }, cpu).sampled).to.equal(undefined);
  });

  describe('fails in the words of the Metrics API when no pod has any usage,', () => {
    const failure = {
      kind: 'failed',
      message: 'unable to get metrics for resource cpu: no metrics returned from resource metrics API',
    };
    it('not even one that is stored', () => {
      expect(read({ 'web-1': undefined }, cpu).reading).to.deep.equal(failure);
    });
    for (const phase of ['Pending', 'Succeeded', 'Failed', 'Unknown', '']) {
      it(`as the usage that is stored of a pod ${phase === '' ? 'without a phase' : `that is ${phase}`} does not count`, () => {
        expect(read({ 'web-1': usage(container('a', 1e6)) }, cpu, phase).reading).to.deep.equal(failure);
      });
    }
  });
});
