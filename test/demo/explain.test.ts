import { expect } from 'chai';
import type { DecisionRecord } from '../../demo/decision-record.ts';
import { explainDecision } from '../../demo/explain.ts';
import { atSeconds, decisionRecord, loadBeganAtMs, metricRecord } from '../support/demo-builders.ts';

const context = {
  targetPercent: 50,
  stabilizationSeconds: 15,
  formatTime: (atMs: number) => `second ${(atMs - loadBeganAtMs) / 1000}`,
};

describe('a decision in words', () => {
  const check = (title: string, decision: Partial<DecisionRecord>, expected: string): void => {
    it(title, () => {
      expect(explainDecision(decisionRecord(decision), context)).to.equal(expected);
    });
  };

  // Up
  check('multiplies the ready pods', {}, 'cpu 250 % of request, target 50 %: 1 pod × 5.00 → 5');
  check(
    'counts pods without samples as idle on the way up',
    {
      from: 4,
      to: 6,
      metrics: [
        metricRecord({
          rule: 'all-pods',
          usageRatio: 2,
          adjustedRatio: 1.5,
          pods: { ready: 3, unready: 1, missing: 0 },
        }),
      ],
    },
    'cpu 100 % of request (75 % with 1 unmeasured as idle), target 50 %: 4 pods × 1.50 → 6',
  );
  check(
    'names the policy that slows it down',
    { from: 1, to: 5, proposed: 8, limit: 'ScaleUpLimit', allowed: { lowest: 1, highest: 5 } },
    'cpu 250 % of request, target 50 %: 1 pod × 5.00 → 8; policies allow 5 now',
  );
  check(
    'names the upper bound',
    { from: 8, to: 10, proposed: 40, limit: 'TooManyReplicas' },
    'cpu 250 % of request, target 50 %: 1 pod × 5.00 → 40; maxReplicas is 10',
  );

  // Down
  const low = metricRecord({ usageRatio: 0.1, pods: { ready: 8, unready: 0, missing: 0 } });
  check(
    'says that nothing held it any more',
    { from: 8, to: 1, metrics: [low] },
    'cpu 5 % of request, target 50 %: 8 pods × 0.10 → 1; nothing higher in the last 15 s',
  );
  check(
    'counts pods without samples as busy on the way down, and those that are not ready not at all',
    {
      from: 8,
      to: 4,
      metrics: [{ ...low, rule: 'all-pods', adjustedRatio: 0.5, pods: { ready: 5, unready: 1, missing: 2 } }],
    },
    'cpu 5 % of request (25 % with 2 unmeasured as busy), target 50 %: 7 pods × 0.50 → 4; nothing higher in the last 15 s',
  );
  check(
    'names the lower bound',
    { from: 2, to: 1, proposed: 0, limit: 'TooFewReplicas', metrics: [low] },
    'cpu 5 % of request, target 50 %: 8 pods × 0.10 → 0; nothing higher in the last 15 s; minReplicas is 1',
  );

  // Kept
  check(
    'tells what holds the replicas, and until when',
    {
      from: 8,
      to: 8,
      proposed: 1,
      stabilized: 8,
      heldByReplicas: 8,
      heldUntilMs: atSeconds(120),
      metrics: [low],
    },
    'cpu 5 % of request, target 50 %: 8 pods × 0.10 → 1; held at 8 until second 120, when the last 8 leaves its window',
  );
  check(
    'says how near is near enough',
    { from: 8, to: 8, metrics: [metricRecord({ rule: 'within-tolerance', usageRatio: 0.98 })] },
    'cpu 49 % of request, target 50 %, within 10 % of it',
  );
  check(
    'says that pods without samples leave it undecided',
    {
      from: 4,
      to: 4,
      metrics: [
        metricRecord({
          rule: 'ratio-turned',
          usageRatio: 3.12,
          adjustedRatio: 0.78,
          pods: { ready: 1, unready: 3, missing: 0 },
        }),
      ],
    },
    'cpu 156 % of request (39 % with 3 unmeasured as idle), target 50 %: too little known to act on',
  );

  // Without metrics
  check(
    'passes on why the metric is missing',
    { from: 1, to: 1, metrics: [metricRecord({ failed: 'no metrics returned from resource metrics API' })] },
    'cannot tell: no metrics returned from resource metrics API',
  );
  check(
    'needs no metric outside of the bounds',
    { metrics: [] },
    'replicas are outside of their bounds, whatever the metrics say',
  );
});
