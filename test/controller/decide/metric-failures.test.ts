import { expect } from 'chai';
import { decide } from '../../../src/controller/decide/decide.ts';
import type { MetricReading } from '../../../src/controller/decide/types.ts';
import type { MetricSpec } from '../../../src/crd/types.ts';
import {
  containerMetric,
  externalMetric,
  nowMs,
  objectMetric,
  observation,
  podsMetric,
  resourceMetric,
  target,
} from '../../support/observation-builders.ts';

interface Words {
  readonly reason: string;
  readonly inner: string;
  readonly outer: string;
}

const boom: MetricReading = { kind: 'failed', message: 'boom' };
const badSelector: MetricReading = {
  kind: 'failed',
  message: '"~" is not a valid label selector operator',
  stage: 'selector',
};

/** Holds the words of the working, of the two events, of the condition and of the error. */
function check(title: string, metric: MetricSpec, reading: MetricReading, expected: Words) {
  it(title, () => {
    const decision = decide(observation({ spec: { metrics: [metric] }, readings: [reading] }), undefined, nowMs);
    const { reason, inner, outer } = expected;
    const summary = `invalid metrics (1 invalid out of 1), first error is: ${outer}`;
    expect(decision.kind).to.equal('metrics-failed');
    expect(decision.metrics[0]?.outcome).to.deep.equal({ kind: 'failed', ...expected });
    expect(decision.events).to.deep.equal([
      { type: 'Warning', reason, message: inner },
      { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: summary },
    ]);
    expect(decision.conditions.find(({ type }) => type === 'ScalingActive')).to.deep.include({
      status: 'False',
      reason,
      message: `the HPA was unable to compute the replica count: ${inner}`,
    });
    const compute = 'failed to compute desired number of replicas based on listed metrics for Deployment/ns/d';
    expect(decision.error).to.equal(`${compute}: ${summary}`);
    expect(decision.status.currentMetrics).to.deep.equal([{ type: 'Failed' }]);
  });
}

describe('words for metrics that failed (4.12)', () => {
  const utilization = { averageUtilization: 50 };
  const average = { averageValueMilli: 1n };
  const value = { valueMilli: 1n };
  const nothing = { type: 'Utilization' };

  // Resource
  const resource = 'FailedGetResourceMetric';
  check('Resource utilization', resourceMetric('cpu', utilization), boom, {
    reason: resource,
    inner: 'failed to get cpu utilization: boom',
    outer: 'failed to get cpu resource metric value: failed to get cpu utilization: boom',
  });
  check('Resource average', resourceMetric('memory', average), boom, {
    reason: resource,
    inner: 'failed to get memory usage: boom',
    outer: 'failed to get memory resource metric value: failed to get memory usage: boom',
  });
  const noResourceTarget =
    'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set';
  check('Resource without target', resourceMetric('cpu', value), boom, {
    reason: resource,
    inner: noResourceTarget,
    outer: `failed to get cpu resource metric value: ${noResourceTarget}`,
  });

  // ContainerResource
  const container = 'FailedGetContainerResourceMetric';
  check('ContainerResource utilization', containerMetric('cpu', 'app', utilization), boom, {
    reason: container,
    inner: 'failed to get cpu utilization: boom',
    outer: 'failed to get app container metric value: failed to get cpu utilization: boom',
  });
  check('ContainerResource average', containerMetric('cpu', 'app', average), boom, {
    reason: container,
    inner: 'failed to get cpu usage: boom',
    outer: 'failed to get app container metric value: failed to get cpu usage: boom',
  });
  check('ContainerResource without target', containerMetric('cpu', 'app', nothing), boom, {
    reason: container,
    inner: noResourceTarget,
    outer: `failed to get app container metric value: ${noResourceTarget}`,
  });

  // Pods
  const pods = 'FailedGetPodsMetric';
  check('Pods', podsMetric('qps', 1n), boom, {
    reason: pods,
    inner: 'boom',
    outer: 'failed to get pods metric value: boom',
  });
  check('Pods with a wrong selector', podsMetric('qps', 1n), badSelector, {
    reason: pods,
    inner: '"~" is not a valid label selector operator',
    outer: 'failed to get pods metric value: "~" is not a valid label selector operator',
  });
  const podsWithoutTarget: MetricSpec = {
    type: 'Pods',
    metric: { name: 'qps', selector: undefined },
    target: target({}),
  };
  check(
    'Pods without target (ours: the API server admits none)',
    podsWithoutTarget,
    { kind: 'pods', metrics: new Map() },
    {
      reason: pods,
      inner: 'invalid pods metric source: no average value target was set',
      outer: 'failed to get pods metric value: invalid pods metric source: no average value target was set',
    },
  );

  // Object
  const object = 'FailedGetObjectMetric';
  check('Object Value', objectMetric('qps', value), boom, {
    reason: object,
    inner: 'boom',
    outer: 'failed to get object metric value: boom',
  });
  check('Object AverageValue', objectMetric('qps', average), boom, {
    reason: object,
    inner: 'boom',
    outer: 'failed to get object metric value: failed to get qps object metric: boom',
  });
  check('Object AverageValue with a wrong selector', objectMetric('qps', average), badSelector, {
    reason: object,
    inner: '"~" is not a valid label selector operator',
    outer: 'failed to get object metric value: "~" is not a valid label selector operator',
  });
  const noObjectTarget = 'invalid object metric source: neither a value target nor an average value target was set';
  for (const [what, goal] of [
    ['Utilization', { type: 'Utilization', averageUtilization: 50 }],
    ['Value with averageValue', { type: 'Value', averageValueMilli: 1n }],
    ['AverageValue with value', { type: 'AverageValue', valueMilli: 1n }],
  ] as const) {
    check(`Object of type ${what}`, objectMetric('qps', goal), boom, {
      reason: object,
      inner: noObjectTarget,
      outer: `failed to get object metric value: ${noObjectTarget}`,
    });
  }
  check('Object without target and with a wrong selector', objectMetric('qps', nothing), badSelector, {
    reason: object,
    inner: '"~" is not a valid label selector operator',
    outer: 'failed to get object metric value: "~" is not a valid label selector operator',
  });

  // External
  const external = 'FailedGetExternalMetric';
  check('External AverageValue', externalMetric('depth', average), boom, {
    reason: external,
    inner: 'boom',
    outer: 'failed to get depth external metric value: failed to get depth external metric: boom',
  });
  check('External Value', externalMetric('depth', value), boom, {
    reason: external,
    inner: 'boom',
    outer: 'failed to get depth external metric value: failed to get external metric depth: boom',
  });
  const noExternalTarget = 'invalid external metric source: neither a value target nor an average value target was set';
  check('External without target', externalMetric('depth', nothing), badSelector, {
    reason: external,
    inner: noExternalTarget,
    outer: `failed to get depth external metric value: ${noExternalTarget}`,
  });

  // A type that nobody knows
  check('unknown type', { type: 'Unknown', name: 'Odd"' }, boom, {
    reason: 'InvalidMetricSourceType',
    inner: 'unknown metric source type "Odd\\""',
    outer: 'unknown metric source type "Odd\\""',
  });

  // A reading that does not belong to its metric: only a mistake of the caller
  check(
    'a reading of another kind',
    objectMetric('qps', value),
    { kind: 'external', valuesMilli: [1n] },
    {
      reason: object,
      inner: 'no value of this metric was read',
      outer: 'failed to get object metric value: no value of this metric was read',
    },
  );
  check(
    'a reading of another kind, per replica',
    objectMetric('qps', average),
    { kind: 'external', valuesMilli: [1n] },
    {
      reason: object,
      inner: 'no value of this metric was read',
      outer: 'failed to get object metric value: failed to get qps object metric: no value of this metric was read',
    },
  );
});
