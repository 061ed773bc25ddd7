import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Reading } from '../../src/kube/codec.ts';
import type { PodRecord } from '../../src/kube/pod-record.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { createPodProtobufCodec } from '../../src/kube/protobuf-pod.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { QuantityError } from '../../src/lib/quantity.ts';
import { field, integer, list, message, tag } from '../support/protobuf-wire.ts';
import { rawPod } from './objects.ts';
import { podMessage, type RawPod } from './pod-message.ts';
import { viewOf } from './pod-view.ts';

const project = createPodProjection();

describe('pods read from protobuf', () => {
  const codec = createPodProtobufCodec();

  function readAll(...pods: readonly Buffer[]): readonly Reading<PodRecord>[] {
    return [...codec.readPage(list('PodList', { resourceVersion: '7' }, pods)).items];
  }

  function read(pod: Buffer): Reading<PodRecord> {
    const [reading] = readAll(pod);
    if (reading === undefined) throw new Error('nothing was read');
    return reading;
  }

  function recordOf(pod: Buffer): PodRecord {
    const reading = read(pod);
    if ('problem' in reading) throw reading.problem;
    if (reading.object === undefined) throw new Error('the pod is not wanted');
    return reading.object;
  }

  describe('are what they are from JSON', () => {
    const check = (title: string, pod: RawPod): void => {
      it(title, () => {
        expect(viewOf(recordOf(podMessage(pod)))).to.deep.equal(viewOf(project(pod)));
      });
    };
    check('a running pod', rawPod());
    check('a pod of which nothing is set but its name', { metadata: { name: 'new', namespace: 'default' } });
    check('a pod without a namespace', { metadata: { name: 'odd' } });
    check('without labels', rawPod({ labels: {} }));
    check('with many labels, empty ones, and one that is called like a field of every object', {
      metadata: { name: 'a', namespace: 'b', labels: { 'a.b/c': '', z: 'grün', ['__proto__']: 'x', constructor: 'y' } },
    });
    check(
      'that is being deleted',
      rawPod({ metadata: { deletionTimestamp: '2026-11-21T11:00:00Z', annotations: { a: 'b' } } }),
    );
    check('with a time before 1970', rawPod({ status: { startTime: '1969-12-31T23:59:59Z' } }));
    check('with a time beyond 2038', rawPod({ status: { startTime: '2126-11-21T10:00:00Z' } }));
    check('with init containers, sidecars, requests of the pod and overhead', {
      metadata: { name: 'a', namespace: 'b' },
      spec: {
        containers: [
          { name: 'main', image: 'web', resources: { limits: { cpu: '2' }, requests: { cpu: '1', memory: '1Gi' } } },
          { name: 'idle' },
        ],
        initContainers: [
          { name: 'setup', resources: { requests: { cpu: '1' } } },
          { name: 'sidecar', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } },
        ],
        resources: { requests: { cpu: '2' } },
        overhead: { cpu: '10m' },
      },
    });
    check('with resources of the pod that request nothing', rawPod({ spec: { resources: { limits: {} } } }));
    const conditions = (...each: { type: string; status: string; lastTransitionTime?: string | null }[]): RawPod =>
      rawPod({ status: { conditions: each } });
    check('with Ready among other conditions', {
      ...conditions(
        { type: 'Initialized', status: 'True', lastTransitionTime: '2026-11-21T10:00:01Z' },
        { type: 'Ready', status: 'False', lastTransitionTime: '2026-11-21T10:00:02Z' },
        { type: 'ContainersReady', status: 'True', lastTransitionTime: '2026-11-21T10:00:03Z' },
      ),
    });
    check('with two Ready conditions, of which the first counts', {
      ...conditions({ type: 'Ready', status: 'False' }, { type: 'Ready', status: 'True' }),
    });
    check('with Ready that never changed', conditions({ type: 'Ready', status: 'True', lastTransitionTime: null }));
    check('with Ready that is neither True nor False', conditions({ type: 'Ready', status: 'Perhaps' }));
    check('without Ready', conditions({ type: 'PodScheduled', status: 'True' }, { type: 'ReadyToGo', status: 'True' }));

    it('pods of any shape', () => {
      fc.assert(
        fc.property(arbitraryPod, (pod) => {
          expect(viewOf(recordOf(podMessage(pod)))).to.deep.equal(viewOf(project(pod)));
        }),
      );
    });
  });

  it('does not mind fields that it does not know, wherever they stand', () => {
    const unknown = [integer(99, 5), field(100, 'text'), message(tag(101, 1), Buffer.alloc(8))];
    const strewn = (...fields: Buffer[]): Buffer =>
      message(...fields.flatMap((each) => [...unknown, each]), ...unknown);
    const metadata = strewn(field(1, 'web'), field(3, 'ns'), field(11, strewn(field(1, 'app'), field(2, 'x'))));
    const requests = strewn(field(1, 'cpu'), field(2, strewn(field(1, '1'))));
    const spec = strewn(field(2, strewn(field(1, 'main'), field(8, strewn(field(2, requests))))), field(10, 'node-1'));
    const ready = strewn(field(1, 'Ready'), field(2, 'True'), field(4, strewn(integer(1, 60))));
    const pod = recordOf(
      strewn(field(1, metadata), field(2, spec), field(3, strewn(field(1, 'Running'), field(2, ready)))),
    );
    expect(viewOf(pod)).to.deep.include({
      namespace: 'ns',
      name: 'web',
      labels: { app: 'x' },
      nodeName: 'node-1',
      phase: 'Running',
      ready: { status: 'True', lastTransitionAtMs: 60_000 },
    });
    expect(pod.template.containers).to.deep.equal([{ name: 'main', requestsMilli: { cpu: 1000n } }]);
  });

  it('share labels and templates, whatever else their containers say', () => {
    const container = (image: string): NonNullable<RawPod['spec']> => ({
      containers: [{ name: 'main', image, resources: { requests: { cpu: '1' } } }],
    });
    const [first, second, other] = [
      recordOf(podMessage({ metadata: { name: 'a', labels: { app: 'web' } }, spec: container('v1') })),
      recordOf(podMessage({ metadata: { name: 'b', labels: { app: 'web' } }, spec: container('v2') })),
      recordOf(podMessage({ metadata: { name: 'c', labels: { app: 'other' } }, spec: { initContainers: [] } })),
    ];
    expect(first.labels).to.equal(second.labels);
    expect(first.template).to.equal(second.template);
    expect(other.labels).not.to.equal(first.labels);
    expect(other.template).not.to.equal(first.template);
  });

  it('keep containers and init containers of the same name and requests apart', () => {
    const same = { name: 'main', resources: { requests: { cpu: '1' } } };
    const [asContainer, asInit] = [{ containers: [same] }, { initContainers: [same] }].map(
      (spec) => recordOf(podMessage({ metadata: { name: 'a' }, spec })).template,
    );
    expect(asContainer?.containers).to.have.length(1);
    expect(asInit?.initContainers).to.have.length(1);
  });

  describe('that are bad are known by their name, if they have one, and why', () => {
    const check = (
      title: string,
      pod: Buffer,
      key: string | undefined,
      problem: typeof HeadroomError | typeof QuantityError,
    ) =>
      it(title, () => {
        const [reading, next] = readAll(pod, podMessage(rawPod()));
        expect(reading?.key).to.equal(key);
        expect(reading).to.have.property('problem').which.is.instanceOf(problem);
        expect(next, 'the pod after it').to.have.property('object');
      });
    const named = field(1, message(field(1, 'web'), field(3, 'ns')));
    const brokenSpec = field(2, Buffer.from([0x0a, 0x7f]));
    check('without a name', podMessage({ metadata: { namespace: 'ns' } }), undefined, HeadroomError);
    check('empty', message(), undefined, HeadroomError);
    check('with a request that is no quantity', requesting('much'), 'ns/web', QuantityError);
    check('with a spec that is cut off', message(named, brokenSpec), 'ns/web', HeadroomError);
    check('with metadata that are cut off', message(field(1, Buffer.from([0x0a, 0x7f]))), undefined, HeadroomError);

    function requesting(cpu: string): Buffer {
      return podMessage({
        metadata: { name: 'web', namespace: 'ns' },
        spec: { containers: [{ name: 'main', resources: { requests: { cpu } } }] },
      });
    }
  });

  it('are cut off at any byte without harm', () => {
    const whole = podMessage(rawPod());
    for (let length = 0; length < whole.length; length++) {
      const reading = read(whole.subarray(0, length));
      if ('problem' in reading) expect(reading.problem).to.be.instanceOf(HeadroomError);
    }
  });

  it('never fail in another way, whatever bytes arrive', () => {
    const whole = podMessage(rawPod({ spec: { overhead: { cpu: '1' } } }));
    const spoilt = fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 255 })).map(([at, byte]) => {
      const bytes = Buffer.from(whole);
      bytes[at] = byte;
      return bytes;
    });
    const random = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(spoilt, random), (bytes) => {
        const reading = read(bytes);
        if (!('problem' in reading)) return;
        expect(reading.problem).to.satisfy(
          (problem: unknown) => problem instanceof HeadroomError || problem instanceof QuantityError,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

const word = fc.stringMatching(/^[a-z][-a-z0-9]{0,12}$/);
const labels = fc.dictionary(word, fc.string({ maxLength: 12 }), { maxKeys: 4 });
const quantity = fc.constantFrom('0', '1', '250m', '1.5', '64Mi', '1e3', '3n');
const quantities = fc.dictionary(fc.constantFrom('cpu', 'memory', 'example.com/gpu'), quantity);
const time = fc
  .integer({ min: -2_000_000_000, max: 8_000_000_000 })
  .map((s) => new Date(s * 1000).toISOString().replace('.000', ''));
const resources = fc.record({ limits: quantities, requests: quantities }, { requiredKeys: [] });
const container = fc.record(
  { name: word, image: word, resources, restartPolicy: fc.constantFrom('Always', 'Never') },
  { requiredKeys: ['name'] },
);
const condition = fc.record(
  {
    type: fc.constantFrom('Ready', 'Initialized'),
    status: fc.constantFrom('True', 'False', 'Unknown', ''),
    lastTransitionTime: time,
  },
  { requiredKeys: ['type', 'status'] },
);
const arbitraryPod = fc.record(
  {
    metadata: fc.record(
      { name: word, namespace: word, deletionTimestamp: time, labels, annotations: labels },
      { requiredKeys: ['name'] },
    ),
    spec: fc.record(
      {
        nodeName: word,
        containers: fc.array(container, { maxLength: 3 }),
        initContainers: fc.array(container, { maxLength: 2 }),
        // The API server leaves an empty map out of JSON; protobuf cannot tell it from none.
        resources: fc.record({ requests: quantities.filter((map) => Object.keys(map).length > 0) }),
        overhead: quantities.filter((map) => Object.keys(map).length > 0),
      },
      { requiredKeys: [] },
    ),
    status: fc.record(
      { phase: word, startTime: time, conditions: fc.array(condition, { maxLength: 4 }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['metadata'] },
) as fc.Arbitrary<RawPod>;
