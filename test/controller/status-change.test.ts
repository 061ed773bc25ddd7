import { expect } from 'chai';
import { statusChange } from '../../src/controller/status-change.ts';
import type { AutoscalerKind } from '../../src/crd/types.ts';
import { autoscaler, cpuUtilization } from '../support/autoscaler-builders.ts';

type Json = Readonly<Record<string, unknown>>;

const cpu = (current: Json): Json => ({ type: 'Resource', resource: { name: 'cpu', current } });
const condition = { type: 'AbleToScale', status: 'True', reason: 'ReadyForNewScale', message: 'it may' };
const stored: Json = {
  currentReplicas: 2,
  desiredReplicas: 2,
  lastScaleTime: '2026-11-21T12:00:00Z',
  currentMetrics: [cpu({ averageUtilization: 50, averageValue: '500m' })],
  conditions: [{ ...condition, lastTransitionTime: '2026-11-21T11:00:00Z' }],
};
const columns = { reference: 'Deployment/web', targets: 'cpu: 50%/50%' };

describe('the change of a status', () => {
  interface Parts {
    readonly kind?: AutoscalerKind;
    readonly printed?: Json;
    readonly spec?: Json;
  }
  const check = (title: string, changes: Json, expected: string, { kind, printed = {}, spec }: Parts = {}): void => {
    it(`${title}: ${expected}`, () => {
      const parts = { kind: kind ?? ('HorizontalPodAutoscaler' as const), ...(spec === undefined ? {} : { spec }) };
      const of = autoscaler({ ...parts, status: { ...stored, ...printed } });
      expect(statusChange(of, autoscaler({ ...parts, status: { ...stored, ...changes } }).status)).to.equal(expected);
    });
  };
  check('the same', {}, 'none');
  check('another usage', { currentMetrics: [cpu({ averageUtilization: 51, averageValue: '510m' })] }, 'values');
  check('a value that was not there', { currentMetrics: [cpu({ averageValue: '510m' })] }, 'news');
  check('a metric that failed', { currentMetrics: [{ type: '' }] }, 'news');
  check('no metrics', { currentMetrics: null }, 'news');
  check(
    'another metric',
    { currentMetrics: [{ type: 'Resource', resource: { name: 'memory', current: {} } }] },
    'news',
  );
  check('replicas', { currentReplicas: 3 }, 'news');
  check('desired replicas', { desiredReplicas: 3 }, 'news');
  check('a scale', { lastScaleTime: '2026-11-21T12:00:15Z' }, 'news');
  check('a condition', { conditions: [{ ...condition, reason: 'SucceededRescale' }] }, 'news');

  const HRA = { kind: 'HeadroomAutoscaler', printed: columns } as const;
  const usage = { currentMetrics: [cpu({ averageUtilization: 51, averageValue: '510m' })] };
  check('of an HRA: the same', {}, 'none', HRA);
  check('of an HRA: another usage', usage, 'values', HRA);
  check('of an HRA that was never printed: another usage', usage, 'news', { kind: 'HeadroomAutoscaler' });
  check('of an HRA with another target since: another usage', usage, 'news', {
    ...HRA,
    spec: { metrics: [cpuUtilization(51)] },
  });
});
