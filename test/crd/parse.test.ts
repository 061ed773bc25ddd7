import { assert, expect } from 'chai';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { autoscaler, autoscalerJson } from '../support/autoscaler-builders.ts';

const base = autoscalerJson();

describe('reading an autoscaler', () => {
  it('reads names and versions from metadata and the kind that was asked for', () => {
    const hra = parseAutoscaler(autoscalerJson({ kind: 'HeadroomAutoscaler' }), 'HeadroomAutoscaler');
    expect(hra).to.include({
      kind: 'HeadroomAutoscaler',
      apiVersion: 'autoscaling.headroom.dev/v1alpha1',
      namespace: 'shop',
      name: 'web',
      resourceVersion: '1',
    });
    expect(autoscaler().apiVersion).to.equal('autoscaling/v2');
  });

  it('reads who wrote the status and when, whoever wrote the rest', () => {
    const managedFields = [
      { manager: 'kubectl', operation: 'Apply', time: '2026-11-21T15:00:00Z' },
      { manager: 'kube-controller-manager', subresource: 'status', time: '2026-11-21T15:19:17Z' },
      { manager: 'headroom', subresource: 'status' },
    ];
    const writers = ['kube-controller-manager 2026-11-21T15:19:17Z', 'headroom '];
    expect(autoscaler({ managedFields }).statusWriters).to.deep.equal(writers);
    expect(autoscaler()).not.to.have.property('statusWriters');
  });

  it('reads each metric type with its own fields', () => {
    const metrics = [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'app', target: { type: 'Utilization', averageUtilization: 60 } },
      },
      { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: 0.5 } } },
      {
        type: 'Object',
        object: {
          describedObject: { kind: 'Service', name: 'front' },
          metric: { name: 'hits', selector: { matchLabels: { verb: 'GET' } } },
          target: { type: 'Value', value: '10k' },
        },
      },
      {
        type: 'External',
        external: {
          metric: {
            name: 'queue',
            selector: { matchExpressions: [{ key: 'q', operator: 'In', values: ['a', 'b'] }] },
          },
          target: { type: 'AverageValue', averageValue: '1500u' },
        },
      },
      { type: 'Tarot' },
    ];
    const read = autoscaler({ spec: { metrics } }).spec.metrics;
    const absent = { valueMilli: undefined, averageValueMilli: undefined, averageUtilization: undefined };
    const noExpressions = { matchExpressions: undefined };
    expect(read).to.deep.equal([
      {
        type: 'Resource',
        resource: 'memory',
        target: { ...absent, type: 'AverageValue', averageValueMilli: 104857600000n, isBinary: true },
      },
      {
        type: 'ContainerResource',
        resource: 'cpu',
        container: 'app',
        target: { ...absent, type: 'Utilization', averageUtilization: 60 },
      },
      {
        type: 'Pods',
        metric: { name: 'rps', selector: undefined },
        target: { ...absent, type: 'AverageValue', averageValueMilli: 500n },
      },
      {
        type: 'Object',
        metric: { name: 'hits', selector: { matchLabels: { verb: 'GET' }, ...noExpressions } },
        describedObject: { apiVersion: '', kind: 'Service', name: 'front' },
        target: { ...absent, type: 'Value', valueMilli: 10000000n },
      },
      {
        type: 'External',
        metric: {
          name: 'queue',
          selector: {
            matchLabels: undefined,
            matchExpressions: [{ key: 'q', operator: 'In', values: ['a', 'b'] }],
          },
        },
        target: { ...absent, type: 'AverageValue', averageValueMilli: 2n },
      },
      { type: 'Unknown', name: 'Tarot' },
    ]);
  });

  it('reads a tolerance as a ratio, written as a quantity or as a number', () => {
    const behavior = { scaleUp: { tolerance: '50m' }, scaleDown: { tolerance: 0.2 } };
    const read = autoscaler({ spec: { behavior } }).spec.behavior;
    expect(read?.scaleUp?.tolerance).to.equal(0.05);
    expect(read?.scaleDown?.tolerance).to.equal(0.2);
  });
});

describe('an object that cannot be decided on is refused with the path of the wrong field', () => {
  const check = (title: string, object: unknown, message: string): void => {
    it(title, () => {
      try {
        parseAutoscaler(object, 'HorizontalPodAutoscaler');
      } catch (error) {
        assert.instanceOf(error, HeadroomError);
        expect([error.code, error.retryable]).to.deep.equal(['OBJECT_INVALID', false]);
        expect(error.message).to.equal(message);
        return;
      }
      assert.fail('was not refused');
    });
  };
  const withSpec = (spec: Readonly<Record<string, unknown>>): unknown => autoscalerJson({ spec });
  const named = 'HorizontalPodAutoscaler shop/web: ';

  for (const value of [null, undefined, 7, 'text', true, []]) {
    const problem = value === null || value === undefined ? 'is missing' : 'is not an object';
    check(`${JSON.stringify(value)} for an object`, value, `${value == null ? 'metadata' : 'object'} ${problem}`);
  }
  check('no metadata', {}, 'metadata is missing');
  check('no name', { metadata: { namespace: 'shop' } }, 'metadata.name is missing');
  check('no spec', { ...base, spec: undefined }, `${named}spec is missing`);
  check('spec is a list', { ...base, spec: [] }, `${named}spec is not an object`);
  check('no target', withSpec({ scaleTargetRef: null }), `${named}spec.scaleTargetRef is missing`);
  check(
    'target without name',
    withSpec({ scaleTargetRef: { kind: 'A' } }),
    `${named}spec.scaleTargetRef.name is missing`,
  );
  check('no maxReplicas', withSpec({ maxReplicas: null }), `${named}spec.maxReplicas is missing`);
  check('maxReplicas is text', withSpec({ maxReplicas: '3' }), `${named}spec.maxReplicas is not an integer`);
  check('minReplicas is a fraction', withSpec({ minReplicas: 1.5 }), `${named}spec.minReplicas is not an integer`);
  check('metrics is an object', withSpec({ metrics: {} }), `${named}spec.metrics is not a list`);
  check('a metric is text', withSpec({ metrics: ['cpu'] }), `${named}spec.metrics[0] is not an object`);
  check('a source is missing', withSpec({ metrics: [{ type: 'Pods' }] }), `${named}spec.metrics[0].pods is missing`);
  check(
    'a quantity is none',
    withSpec({ metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { averageValue: 'lots' } } }] }),
    `${named}spec.metrics[0].resource.target.averageValue is not a quantity`,
  );
  check('behavior is text', withSpec({ behavior: 'calm' }), `${named}spec.behavior is not an object`);
  check(
    'a policy without value',
    withSpec({ behavior: { scaleUp: { policies: [{ type: 'Pods', periodSeconds: 1 }] } } }),
    `${named}spec.behavior.scaleUp.policies[0].value is missing`,
  );
});

describe('a malformed status is read as that of an autoscaler that was never reconciled', () => {
  const check = (title: string, status: unknown): void => {
    it(title, () => {
      const read = parseAutoscaler({ ...base, status }, 'HorizontalPodAutoscaler');
      expect(read.status).to.deep.equal(
        parseAutoscaler({ ...base, status: undefined }, 'HorizontalPodAutoscaler').status,
      );
    });
  };
  check('text', 'fine');
  check('conditions is an object', { desiredReplicas: 3, conditions: {} });
  check('a quantity is none', {
    currentMetrics: [{ type: 'Resource', resource: { name: 'cpu', current: { averageValue: {} } } }],
  });
  check('replicas is text', { currentReplicas: 'three' });
});
