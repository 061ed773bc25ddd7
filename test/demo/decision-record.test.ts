import { expect } from 'chai';
import { readDecision } from '../../demo/decision-record.ts';

const changed = {
  allowed: [1, 5],
  autoscaler: 'HorizontalPodAutoscaler default/php-apache',
  from: 1,
  level: 'info',
  limit: 'ScaleUpLimit',
  message: 'replicas changed',
  metrics: [
    {
      name: 'cpu resource utilization (percentage of request)',
      pods: { ready: 1, unready: 2 },
      proposed: 6,
      requestMilli: '200',
      rule: 'ready-pods',
      tolerance: [0.9, 1.1],
      usageMilli: '600',
      usageRatio: 6,
    },
  ],
  proposed: 6,
  reason: 'cpu resource utilization (percentage of request) above target',
  stabilization: 'ReadyForNewScale',
  stabilized: 6,
  timestamp: '2026-11-21T14:00:00.500Z',
  to: 5,
};

describe('a decision in the log', () => {
  it('is read with the numbers that led to it', () => {
    expect(readDecision(JSON.stringify(changed))).to.deep.equal({
      atMs: Date.UTC(2026, 10, 21, 14, 0, 0, 500),
      hasChanged: true,
      autoscaler: 'HorizontalPodAutoscaler default/php-apache',
      from: 1,
      to: 5,
      proposed: 6,
      stabilized: 6,
      heldByReplicas: undefined,
      heldUntilMs: undefined,
      limit: 'ScaleUpLimit',
      allowed: { lowest: 1, highest: 5 },
      metrics: [
        {
          name: 'cpu resource utilization (percentage of request)',
          failed: undefined,
          rule: 'ready-pods',
          usageRatio: 6,
          adjustedRatio: undefined,
          tolerance: { from: 0.9, to: 1.1 },
          pods: { ready: 1, unready: 2, missing: 0 },
        },
      ],
    });
  });

  it('that keeps replicas is read as well', () => {
    const kept = { ...changed, message: 'replicas kept', to: 1 };
    expect(readDecision(JSON.stringify(kept))).to.include({ hasChanged: false, from: 1, to: 1 });
  });

  describe('is not', () => {
    const check = (what: string, line: string): void => {
      it(what, () => {
        expect(readDecision(line)).to.equal(undefined);
      });
    };
    check('another message', JSON.stringify({ ...changed, message: 'leads' }));
    check('a line that is no JSON', '(node:1) Warning: something');
    check('JSON that is no object', 'null');
    check('an empty line', '');
    check('a decision without numbers', JSON.stringify({ ...changed, to: undefined }));
  });
});
