// Between the two sides: what the controller logs is what the demo reads.
import { expect } from 'chai';
import { type DecisionRecord, readDecision } from '../../demo/decision-record.ts';
import { explainDecision } from '../../demo/explain.ts';
import { decide } from '../../src/controller/decide/decide.ts';
import { decisionFields, decisionSubject } from '../../src/controller/decision-log.ts';
import { history, nowMs, observation } from '../support/observation-builders.ts';

/** The line that a decision leaves in the log, read by the demo. */
function readBack(seen: ReturnType<typeof observation>, remembered?: ReturnType<typeof history>): DecisionRecord {
  const decision = decide(seen, remembered, nowMs);
  const line = {
    message: 'replicas changed',
    timestamp: new Date(nowMs).toISOString(),
    ...decisionSubject(seen),
    ...decisionFields(decision),
  };
  const record = readDecision(JSON.stringify(line));
  if (record === undefined) throw new Error('the demo does not see this line as a decision');
  return record;
}

describe('the log lines of decisions, as the demo reads them', () => {
  it('carry subject, replicas, limits, metric, ratio, tolerance and pods', () => {
    const record = readBack(observation({ replicas: 2, pods: 'R1000*2' }));
    expect(record).to.deep.include({
      autoscaler: 'HorizontalPodAutoscaler ns/h',
      from: 2,
      to: 4,
      proposed: 4,
      stabilized: 4,
      allowed: { lowest: 1, highest: 4 },
    });
    expect(record.metrics[0]).to.deep.include({
      failed: undefined,
      usageRatio: 2,
      tolerance: { from: 0.9, to: 1.1 },
    });
    expect(record.metrics[0]?.pods.ready).to.equal(2);
  });

  it('carry what stabilization held, and until when', () => {
    const record = readBack(observation({ replicas: 6, pods: 'R100*6' }), history({ recommendations: '6@100' }));
    expect(record.heldByReplicas).to.equal(6);
    expect(record.heldUntilMs).to.be.greaterThan(nowMs);
  });

  it('carry why a metric failed, and can be explained', () => {
    const record = readBack(observation({ pods: '' }));
    expect(record.metrics[0]?.failed).to.match(/no pods returned by selector/);
    const context = { targetPercent: 50, stabilizationSeconds: 15, formatTime: String };
    expect(explainDecision(record, context)).to.match(/^cannot tell: /);
  });
});
