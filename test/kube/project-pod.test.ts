import { expect } from 'chai';
import * as fc from 'fast-check';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { QuantityError } from '../../src/lib/quantity.ts';
import { rawPod } from './objects.ts';
import { viewOf } from './pod-view.ts';

describe('the projection of pods', () => {
  const project = createPodProjection();

  it('keeps what metrics and decisions need', () => {
    expect(viewOf(project(rawPod()))).to.deep.equal({
      namespace: 'default',
      name: 'web-1',
      labels: { app: 'web' },
      nodeName: 'node-1',
      phase: 'Running',
      deleting: false,
      startedAtMs: Date.parse('2026-11-21T10:00:00Z'),
      ready: { status: 'True', lastTransitionAtMs: Date.parse('2026-11-21T10:00:05Z') },
      template: {
        containers: [{ name: 'main', requestsMilli: { cpu: 100n, memory: 67_108_864_000n } }],
        initContainers: [],
        podRequestsMilli: undefined,
        overheadMilli: undefined,
      },
    });
  });

  it('reads init containers, sidecars, requests of the pod and overhead', () => {
    const { template } = project(
      rawPod({
        spec: {
          containers: [{ name: 'main' }],
          initContainers: [
            { name: 'setup', resources: { requests: { cpu: '1' } } },
            { name: 'sidecar', restartPolicy: 'Always', resources: { requests: { cpu: '50m' } } },
          ],
          resources: { requests: { cpu: '2' } },
          overhead: { cpu: '10m' },
        },
      }),
    );
    expect(template).to.deep.equal({
      containers: [{ name: 'main', requestsMilli: {} }],
      initContainers: [
        { name: 'setup', requestsMilli: { cpu: 1000n }, restartPolicyAlways: false },
        { name: 'sidecar', requestsMilli: { cpu: 50n }, restartPolicyAlways: true },
      ],
      podRequestsMilli: { cpu: 2000n },
      overheadMilli: { cpu: 10n },
    });
  });

  it('leaves out what is not there yet', () => {
    const pod = project({ metadata: { name: 'new', namespace: 'default' } });
    expect(pod.labels).to.deep.equal({});
    expect([pod.nodeName, pod.phase, pod.startedAtMs, pod.ready, pod.deleting]).to.deep.equal([
      '',
      '',
      undefined,
      undefined,
      false,
    ]);
  });

  it('sees that a pod is being deleted, and a Ready condition that is neither True nor False', () => {
    const pod = project(
      rawPod({
        metadata: { deletionTimestamp: '2026-11-21T11:00:00Z' },
        status: {
          conditions: [
            { type: 'Initialized', status: 'True' },
            { type: 'Ready', status: 'Unknown' },
          ],
        },
      }),
    );
    expect(pod.deleting).to.equal(true);
    expect(pod.ready).to.deep.equal({ status: 'Unknown', lastTransitionAtMs: 0 });
  });

  it('shares labels and templates between equal pods', () => {
    const [first, second, other] = [
      project(rawPod({ name: 'a' })),
      project(rawPod({ name: 'b' })),
      project(rawPod({ name: 'c', labels: { app: 'other' } })),
    ];
    expect(first.labels).to.equal(second.labels);
    expect(first.template).to.equal(second.template);
    expect(other.labels).not.to.equal(first.labels);
  });

  it('refuses bad objects, and nothing but bad objects', () => {
    expect(() => project({ metadata: {} })).to.throw(HeadroomError, 'metadata.name');
    expect(() => project(rawPod({ labels: { app: 5 } as never }))).to.throw(HeadroomError, 'label');
    const wrongRequest = { containers: [{ name: 'main', resources: { requests: { cpu: 'much' } } }] };
    expect(() => project(rawPod({ spec: wrongRequest }))).to.throw(QuantityError);
  });

  it('never fails in another way, whatever arrives', () => {
    const anything = fc.anything({ maxDepth: 3 });
    const object = fc.record({
      metadata: fc.record({ name: fc.constant('x'), labels: anything }),
      spec: anything,
      status: anything,
    });
    fc.assert(
      fc.property(fc.oneof(object, anything), (raw) => {
        try {
          project(JSON.parse(JSON.stringify(raw) ?? 'null'));
        } catch (error) {
          expect(error).to.satisfy(
            (thrown: unknown) => thrown instanceof HeadroomError || thrown instanceof QuantityError,
          );
        }
      }),
    );
  });
});
