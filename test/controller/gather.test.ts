import { expect } from 'chai';
import type { ApiMetricSpec } from '../../src/controller/custom-metrics.ts';
import { type Gathered, gather } from '../../src/controller/gather.ts';
import { SelectorRegistry } from '../../src/controller/selector-registry.ts';
import { TargetPods } from '../../src/controller/target-pods.ts';
import { TargetRegistry } from '../../src/controller/target-registry.ts';
import type { ScaleView } from '../../src/lib/views.ts';
import { autoscaler, cpuUtilization } from '../support/autoscaler-builders.ts';
import { FakeScales } from '../support/controller-fakes.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { MetricsReaderFake, PodListerFake } from '../support/metrics-reader-fake.ts';
import { pod, settings } from '../support/observation-builders.ts';

type Json = Readonly<Record<string, unknown>>;

interface Parts {
  readonly spec?: Json;
  readonly scale?: Partial<ScaleView>;
}

/** What is gathered for shop/web: two pods, of which one has usage; and which metrics were asked of the API. */
async function gatherWeb({
  spec = {},
  scale = {},
}: Parts): Promise<Gathered & { readonly asked: readonly ApiMetricSpec[] }> {
  const scales = new FakeScales();
  scales.set('web', scale);
  const pods = new PodListerFake();
  const metrics = new MetricsReaderFake();
  for (const name of ['web-0', 'web-1'])
    pods.pods.set(`shop/${name}`, pod(name, { namespace: 'shop', labels: { app: 'web' } }));
  const containers = [
    { name: 'app', cpuNanoCores: 5e8, memoryBytes: 7 },
    { name: 'sidecar', cpuNanoCores: 1e8, memoryBytes: 1 },
  ];
  metrics.podUsages.set('shop/web-0', { timestampMs: 0, windowNs: 15e9, containers });
  const asked: ApiMetricSpec[] = [];
  const clock = new FakeClock();
  const gathered = await gather(
    {
      clock,
      scales,
      targetPods: new TargetPods({ pods, selectors: new SelectorRegistry() }),
      metrics,
      customMetrics: {
        read: async (_namespace, metric) => {
          asked.push(metric);
          await clock.advance(1_500);
          return { kind: 'object', valueMilli: 7n };
        },
      },
      targets: new TargetRegistry(),
      settings: settings(),
    },
    autoscaler({ spec }),
  );
  return { ...gathered, asked };
}

const values = ({ observation }: Gathered): unknown =>
  observation.readings.map((reading) =>
    reading.kind === 'pods' ? [...reading.metrics].map(([name, { valueMilli }]) => `${name}=${valueMilli}`) : reading,
  );

const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1' } } };
const sidecar = {
  type: 'ContainerResource',
  containerResource: { name: 'cpu', container: 'sidecar', target: { type: 'Utilization', averageUtilization: 5 } },
};
const hits = {
  type: 'Object',
  object: {
    describedObject: { kind: 'Service', name: 's' },
    metric: { name: 'hits' },
    target: { type: 'Value', value: '1' },
  },
};

describe('gathering', () => {
  it('reads one value for each metric, in order', async () => {
    const gathered = await gatherWeb({ spec: { metrics: [cpuUtilization(50), hits, sidecar, memory] } });
    expect(values(gathered)).to.deep.equal([
      ['web-0=600'],
      { kind: 'object', valueMilli: 7n },
      ['web-0=100'],
      ['web-0=8000'],
    ]);
    expect(gathered.readingSeconds).to.deep.equal([0, 1.5, 0, 0]);
    expect(gathered.observation.pods).to.have.length(2);
  });

  it('asks nobody about a metric of an unknown type', async () => {
    const gathered = await gatherWeb({ spec: { metrics: [{ type: 'Tarot' }] } });
    expect(gathered.observation.readings).to.have.length(1);
    expect(gathered.asked).to.deep.equal([]);
  });

  for (const [title, replicas] of [
    ['at zero', 0],
    ['above the maximum', 11],
    ['below the minimum', 1],
  ] as const) {
    it(`asks for no metric of a target ${title}`, async () => {
      const spec = { minReplicas: 2, metrics: [hits] };
      const gathered = await gatherWeb({ spec, scale: { specReplicas: replicas } });
      expect(gathered.asked).to.deep.equal([]);
      expect(gathered.observation.target.kind).to.equal('found');
    });
  }

  it('asks for no metric when the selector cannot be parsed', async () => {
    const gathered = await gatherWeb({ spec: { metrics: [hits] }, scale: { selector: 'a in' } });
    expect(gathered.observation.selector.kind).to.equal('invalid');
    expect(gathered.asked).to.deep.equal([]);
  });

  const stages: readonly (readonly [string, Json, string])[] = [
    ['an apiVersion that is none', { apiVersion: 'a/b/c', kind: 'Deployment', name: 'web' }, 'parse-api-version'],
    ['an unknown kind', { apiVersion: 'apps/v1', kind: 'Crew', name: 'web' }, 'map-kind'],
    ['a missing object', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' }, 'get-scale'],
  ];
  for (const [title, scaleTargetRef, stage] of stages) {
    it(`says that ${title} failed at ${stage}`, async () => {
      const { observation } = await gatherWeb({ spec: { scaleTargetRef } });
      expect(observation.target).to.include({ kind: 'failed', stage });
    });
  }
});
