import { expect } from 'chai';
import { decide } from '../../../src/controller/decide/decide.ts';
import { settle } from '../../../src/controller/decide/settle.ts';
import type { Settlement } from '../../../src/controller/decide/types.ts';
import {
  condition,
  defaultScaleDown,
  defaultScaleUp,
  externalMetric,
  history,
  nowMs,
  type ObservationParts,
  observation,
  resourceMetric,
  settings,
} from '../../support/observation-builders.ts';

const laterMs = nowMs + 7;
const ok = { kind: 'succeeded' } as const;
const refused = { kind: 'failed', message: 'boom' } as const;

function settleOn(parts: ObservationParts, outcome: typeof ok | typeof refused, past = history()): Settlement {
  const seen = observation(parts);
  return settle(decide(seen, past, nowMs), seen, outcome, laterMs);
}

const up = { pods: 'R900*2', status: { desiredReplicas: 7, lastScaleAtMs: 1000, observedGeneration: 3 } };

describe('a scale that was written (9.1)', () => {
  it('moves desired replicas and the time of the last scale', () => {
    const { status, error } = settleOn(up, ok);
    expect(status).to.deep.include({ currentReplicas: 2, desiredReplicas: 4, lastScaleAtMs: laterMs });
    expect(status.observedGeneration).to.equal(undefined);
    expect(error).to.equal(undefined);
  });

  it('is told by an event with the reason of the raw proposal', () => {
    const { events } = settleOn(up, ok);
    const reason = 'cpu resource utilization (percentage of request) above target';
    expect(events).to.deep.equal([
      { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: 4; reason: ${reason}` },
    ]);
  });

  it('is told by a condition', () => {
    const { status } = settleOn(up, ok);
    expect(status.conditions[0]).to.deep.equal({
      type: 'AbleToScale',
      status: 'True',
      reason: 'SucceededRescale',
      message: 'the HPA controller was able to update the target scale to 4',
      lastTransitionAtMs: nowMs,
    });
  });

  it('says so even if it has no reason: a recommendation from before someone scaled down by hand', () => {
    const { events, status } = settleOn({ replicas: 5, pods: 'R500*5' }, ok, history({ recommendations: '8@10' }));
    expect(events[0]?.message).to.equal('New size: 8; reason: ');
    expect(status.conditions.at(-1)).to.deep.include({ status: 'False', reason: 'DesiredWithinRange' });
  });

  it('keeps the error of the metrics that failed', () => {
    const metrics = [externalMetric('depth', {}), resourceMetric('cpu', { averageUtilization: 50 })];
    expect(settleOn({ ...up, spec: { metrics } }, ok).error).to.match(/^invalid metrics \(1 invalid out of 2\)/);
  });
});

describe('a scale that was not written (9.2)', () => {
  it('keeps desired replicas and the time of the last scale', () => {
    const { status } = settleOn(up, refused);
    expect(status).to.deep.include({ currentReplicas: 2, desiredReplicas: 7, lastScaleAtMs: 1000 });
    expect(status.observedGeneration).to.equal(undefined);
    expect(status.currentMetrics).to.have.length(1);
  });

  it('is told by event, condition and error', () => {
    const { status, events, error } = settleOn(up, refused);
    const reason = 'cpu resource utilization (percentage of request) above target';
    expect(events).to.deep.equal([
      { type: 'Warning', reason: 'FailedRescale', message: `New size: 4; reason: ${reason}; error: boom` },
    ]);
    expect(status.conditions[0]).to.deep.include({
      status: 'False',
      reason: 'FailedUpdateScale',
      message: 'the HPA controller was unable to update the target scale: boom',
    });
    expect(error).to.equal('failed to rescale Deployment/ns/d: boom');
  });

  it('moves the transition time each time, since the scale was read in between', () => {
    const conditions = [condition('AbleToScale', 'False', { reason: 'FailedUpdateScale' })];
    const again = settleOn({ ...up, status: { conditions } }, refused);
    expect(again.status.conditions[0]?.lastTransitionAtMs).to.equal(laterMs);
  });

  it('remembers the recommendation but no scale event', () => {
    const { history: after } = settleOn(up, refused);
    expect(after.recommendations).to.have.length(2);
    expect(after.scaleUpEvents).to.deep.equal([]);
  });
});

describe('scale events (9.3)', () => {
  const behavior = { scaleUp: defaultScaleUp, scaleDown: defaultScaleDown };
  const remembered = (scaleUps: string) => history({ recommendations: '2@600', scaleUps });

  it('are remembered with behavior only', () => {
    expect(settleOn(up, ok).history.scaleUpEvents).to.deep.equal([]);
    const event = { replicaChange: 2, atMs: laterMs, outdated: false };
    expect(settleOn({ ...up, spec: { behavior } }, ok).history.scaleUpEvents).to.deep.equal([event]);
  });

  it('go into the list of their direction', () => {
    const spec = { behavior, maxReplicas: 3 };
    const { scaleUpEvents, scaleDownEvents } = settleOn({ replicas: 20, spec }, ok).history;
    expect(scaleUpEvents).to.deep.equal([]);
    expect(scaleDownEvents).to.deep.equal([{ replicaChange: 17, atMs: laterMs, outdated: false }]);
  });

  it('take the place of the last that is older than the longest period, which stays marked until then', () => {
    const { scaleUpEvents } = settleOn({ ...up, spec: { behavior } }, ok, remembered('1@100 2@50 3@5')).history;
    expect(scaleUpEvents.map(({ replicaChange, outdated }) => [replicaChange, outdated])).to.deep.equal([
      [1, true],
      [1, false],
      [3, false],
    ]);
    expect(scaleUpEvents[1]?.atMs).to.equal(laterMs);
  });

  it('exactly as old as the longest period stay', () => {
    // Settled 7 ms later: 14.993 s is exactly a period of 15 s ago.
    const { scaleUpEvents } = settleOn({ ...up, spec: { behavior } }, ok, remembered('1@14.993')).history;
    expect(scaleUpEvents.map(({ outdated }) => outdated)).to.deep.equal([false, false]);
  });

  it('with no rules for their direction replace what is older', () => {
    const open = { scaleUp: undefined, scaleDown: undefined };
    const seen = { ...up, spec: { behavior: open, minReplicas: 3 } };
    expect(settleOn(seen, ok, remembered('1@5')).history.scaleUpEvents).to.have.length(1);
    const above = { ...up, replicas: 20, spec: { behavior: open } };
    expect(settleOn(above, ok).history.scaleDownEvents).to.have.length(1);
  });
});

describe('the memory of having scaled to zero (9.4)', () => {
  const gateOn = settings({ gates: { HPAScaleToZero: true } });
  const metrics = [externalMetric('depth', { valueMilli: 1000n })];
  const readings = [{ kind: 'external', valuesMilli: [0n] }] as const;
  const toZero = { replicas: 2, settings: gateOn, readings, spec: { metrics, minReplicas: 0 } } as const;

  function zeroOf(parts: ObservationParts): string | undefined {
    const found = settleOn(parts, ok, history({ recommendations: '0@60' })).status.conditions.find(
      ({ type }) => type === 'ScaledToZero',
    );
    return found && `${found.status} ${found.reason}: ${found.message}`;
  }
  const did = 'True ScaledToZero: the HPA controller scaled the workload to zero';
  const didNot = 'False NotScaledToZero: the HPA controller did not scale the workload to zero';

  it('is kept when metrics brought it there', () => expect(zeroOf(toZero)).to.equal(did));
  it('is false after any other scale', () => {
    expect(zeroOf({ ...up, settings: gateOn })).to.equal(didNot);
    expect(zeroOf({ ...toZero, replicas: 20 })).to.equal(didNot);
  });
  it('is false when only per-pod metrics brought it there', () => {
    const perPod = { minReplicas: 0, metrics: [resourceMetric('cpu', { averageUtilization: 50 })] };
    expect(zeroOf({ replicas: 2, pods: 'R0*2', settings: gateOn, spec: perPod })).to.equal(didNot);
  });
  it('is dropped without the gate', () => {
    const status = { conditions: [condition('ScaledToZero', 'True')] };
    expect(zeroOf({ ...toZero, status, settings: settings() })).to.equal(undefined);
  });
});

describe('a decision that is not to scale', () => {
  it('is settled as it stands', () => {
    const seen = observation();
    const decision = decide(seen, undefined, nowMs);
    const { status, history, error } = decision;
    expect(settle(decision, seen, ok, laterMs)).to.deep.equal({ status, events: [], history, error });
  });
});
