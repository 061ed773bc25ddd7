import { expect } from 'chai';
import { formatSelectorDebug, metricName } from '../../../src/controller/decide/metric-names.ts';
import type { LabelSelectorSpec, MetricSpec } from '../../../src/crd/types.ts';
import {
  containerMetric,
  externalMetric,
  objectMetric,
  podsMetric,
  resourceMetric,
} from '../../support/observation-builders.ts';

describe('names of metrics (4.10)', () => {
  function check(spec: MetricSpec, expected: string) {
    it(expected, () => expect(metricName(spec)).to.equal(expected));
  }
  const utilization = { averageUtilization: 50 };
  const average = { averageValueMilli: 1n };
  check(resourceMetric('cpu', utilization), 'cpu resource utilization (percentage of request)');
  check(resourceMetric('memory', average), 'memory resource');
  check(containerMetric('cpu', 'app', utilization), 'cpu container resource utilization (percentage of request)');
  check(containerMetric('cpu', 'app', average), 'cpu resource');
  check(podsMetric('qps', 1n), 'pods metric qps');
  check(objectMetric('qps', { valueMilli: 1n }), 'Service metric qps');
  check(objectMetric('qps', average), 'external metric qps(nil)');
  check(externalMetric('depth', { valueMilli: 1n }), 'external metric depth(nil)');
  const labelled =
    '&LabelSelector{MatchLabels:map[string]string{q: a,},MatchExpressions:[]LabelSelectorRequirement{},}';
  check(externalMetric('depth', average, { matchLabels: { q: 'a' } }), `external metric depth(${labelled})`);
  check({ type: 'Unknown', name: 'Odd' }, 'Odd');
});

describe('a label selector as Go prints it (4.10)', () => {
  function check(selector: LabelSelectorSpec | undefined, expected: string) {
    it(expected, () => expect(formatSelectorDebug(selector)).to.equal(expected));
  }
  check(undefined, 'nil');
  check({}, '&LabelSelector{MatchLabels:map[string]string{},MatchExpressions:[]LabelSelectorRequirement{},}');
  check(
    {
      matchLabels: { b: '2', a: '1' },
      matchExpressions: [
        { key: 'k', operator: 'In', values: ['x', 'y'] },
        { key: 'z', operator: 'Exists' },
      ],
    },
    '&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},MatchExpressions:[]LabelSelectorRequirement{' +
      'LabelSelectorRequirement{Key:k,Operator:In,Values:[x y],},LabelSelectorRequirement{Key:z,Operator:Exists,Values:[],},},}',
  );
});
