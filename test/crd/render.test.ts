import { expect } from 'chai';
import { renderHeadroomStatus, renderStatus } from '../../src/crd/render.ts';
import { autoscaler } from '../support/autoscaler-builders.ts';

const fullStatus = {
  observedGeneration: 3,
  lastScaleTime: '2026-11-21T11:00:56Z',
  currentReplicas: 2,
  desiredReplicas: 3,
  currentMetrics: [
    { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 55, averageValue: '55m' } } },
    { type: 'Resource', resource: { name: 'memory', current: { averageValue: '100Mi' } } },
    { type: '' },
    {
      type: 'ContainerResource',
      containerResource: { name: 'memory', container: 'app', current: { averageValue: '104857601' } },
    },
    { type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '9500m' } } },
    {
      type: 'Object',
      object: {
        metric: { name: 'hits', selector: { matchLabels: { verb: 'GET' } } },
        current: { value: '4k' },
        describedObject: { kind: 'Ingress', name: 'front', apiVersion: 'networking.k8s.io/v1' },
      },
    },
    {
      type: 'External',
      external: {
        metric: { name: 'queue', selector: { matchExpressions: [{ key: 'q', operator: 'Exists' }] } },
        current: { averageValue: '-9223372036854775808m' },
      },
    },
  ],
  conditions: [
    {
      type: 'AbleToScale',
      status: 'True',
      lastTransitionTime: '2026-11-21T11:00:40Z',
      reason: 'SucceededRescale',
      message: 'done',
    },
    { type: 'ScalingActive', status: 'Unknown' },
  ],
};

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('rendering a status', () => {
  it('gives back the JSON that was read', () => {
    expect(asJson(renderStatus(autoscaler({ status: fullStatus }).status))).to.deep.equal(fullStatus);
  });

  it('names what is absent with null, so that a merge patch removes it', () => {
    expect(asJson(renderStatus(autoscaler().status))).to.deep.equal({
      observedGeneration: null,
      lastScaleTime: null,
      currentReplicas: 0,
      desiredReplicas: 0,
      currentMetrics: null,
      conditions: [],
    });
  });

  it('adds to the status of an HRA the columns that kubectl get shows', () => {
    const printed = { reference: 'Deployment/web', targets: 'cpu: 5%/50%' };
    const { status } = autoscaler({ kind: 'HeadroomAutoscaler' });
    expect(renderHeadroomStatus(status, printed)).to.include(printed);
  });
});
