import { expect } from 'chai';
import { printColumns } from '../../src/crd/print-columns.ts';
import { autoscaler, cpuUtilization } from '../support/autoscaler-builders.ts';

type Json = Readonly<Record<string, unknown>>;

const memory = {
  type: 'Resource',
  resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } },
};
const pods = { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '10' } } };
const external = (target: Json): Json => ({ type: 'External', external: { metric: { name: 'queue' }, target } });
const cpuNow = (percent: number): Json => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization: percent, averageValue: '1' } },
});

describe('the columns of kubectl get', () => {
  it('reference is kind and name of the target', () => {
    const { spec, status } = autoscaler({ target: 'front' });
    expect(printColumns(spec, status).reference).to.equal('Deployment/front');
  });

  const check = (
    title: string,
    metrics: readonly Json[],
    currentMetrics: readonly Json[] | null,
    expected: string,
  ): void => {
    it(`targets of ${title}: ${expected}`, () => {
      const { spec, status } = autoscaler({ spec: { metrics }, status: { currentMetrics } });
      expect(printColumns(spec, status).targets).to.equal(expected);
    });
  };
  check('a utilization', [cpuUtilization(60)], [cpuNow(55)], 'cpu: 55%/60%');
  check('an object never reconciled', [cpuUtilization(60)], null, 'cpu: <unknown>/60%');
  check('a failed metric', [cpuUtilization(60)], [{ type: '' }], 'cpu: <unknown>/60%');
  check('an amount of memory', [memory], null, 'memory: <unknown>/100Mi');
  // As kubectl get hpa prints them: the form is the canonical one, the family of suffixes that of the manifest.
  for (const [written, printed] of [
    ['1G', '1G'],
    ['1000M', '1G'],
    ['1073741824', '1073741824'],
    ['1Gi', '1Gi'],
    ['1024Mi', '1Gi'],
    ['0.5Gi', '512Mi'],
    ['1500Ki', '1500Ki'],
  ]) {
    const target = { type: 'AverageValue', averageValue: written };
    check(
      `memory written as ${written}`,
      [{ type: 'Resource', resource: { name: 'memory', target } }],
      [{ type: 'Resource', resource: { name: 'memory', current: { averageValue: '64Mi' } } }],
      `memory: 64Mi/${printed}`,
    );
  }
  check('an external value in powers of 1024', [external({ type: 'Value', value: '1Ki' })], null, '<unknown>/1Ki');
  check(
    'a metric of pods',
    [pods],
    [{ type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '9500m' } } }],
    '9500m/10',
  );
  check(
    'an external value',
    [external({ type: 'Value', value: '30' })],
    [{ type: 'External', external: { metric: { name: 'queue' }, current: { value: '29' } } }],
    '29/30',
  );
  check('an external average', [external({ type: 'AverageValue', averageValue: '30' })], null, '<unknown>/30 (avg)');
  check(
    'an amount that is not reported',
    [pods],
    [{ type: 'Pods', pods: { metric: { name: 'rps' }, current: {} } }],
    '<nil>/10',
  );
  check('an unknown type', [{ type: 'Tarot' }], null, '<unknown type>');
  check(
    'many metrics',
    [cpuUtilization(60), memory, pods, pods],
    [cpuNow(5)],
    'cpu: 5%/60%, memory: <unknown>/100Mi + 2 more...',
  );
});
