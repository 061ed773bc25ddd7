// Property: what holds of every decision, whatever is observed:
//   it never throws; replicas stay within min and max; what cannot be read takes none away; the order of pods and of metrics says nothing; stabilization keeps its windows;
//   a decision is stable; memory grows by at most one entry.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { decide } from '../../src/controller/decide/decide.ts';
import { isSameStatus } from '../../src/controller/decide/same-status.ts';
import { settle } from '../../src/controller/decide/settle.ts';
import type { Decision, History, MetricReading, Observation } from '../../src/controller/decide/types.ts';
import type { Behavior } from '../../src/crd/types.ts';
import { anything, fitting, histories, rules, sane } from '../support/decision-arbitraries.ts';
import { nowMs, podsMetric } from '../support/observation-builders.ts';

const runs = { numRuns: 500 };

describe('every decision', () => {
  it('is made: nothing observed makes decide or settle throw', () => {
    fc.assert(
      fc.property(anything, histories, (seen, past) => {
        const decision = decide(seen, past, nowMs);
        settle(decision, seen, { kind: 'succeeded' }, nowMs);
        settle(decision, seen, { kind: 'failed', message: 'boom' }, nowMs);
      }),
      { numRuns: 1000 },
    );
  });

  it('asks for replicas within min and max', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const { kind, desiredReplicas, currentReplicas } = decide(seen, past, nowMs);
        if (kind !== 'scale' && kind !== 'hold') {
          expect(desiredReplicas).to.equal(currentReplicas);
          return;
        }
        const { minReplicas = 1, maxReplicas } = seen.autoscaler.spec;
        expect(desiredReplicas).to.be.within(minReplicas, maxReplicas);
      }),
      runs,
    );
  });

  it('scales exactly when it asks for other replicas than there are', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const { kind, desiredReplicas, currentReplicas } = decide(seen, past, nowMs);
        expect(kind === 'scale').to.equal(desiredReplicas !== currentReplicas);
      }),
      runs,
    );
  });

  it('takes no replicas away while a metric could not be read', () => {
    fc.assert(
      fc.property(sane, fc.nat({ max: 3 }), histories, (seen, place, past) => {
        const { autoscaler, readings } = seen;
        const metrics = autoscaler.spec.metrics.toSpliced(place, 0, podsMetric('unread', 1000n));
        const failed: MetricReading = { kind: 'failed', message: 'boom' };
        const withFailed = {
          ...seen,
          autoscaler: { ...autoscaler, spec: { ...autoscaler.spec, metrics } },
          readings: readings.toSpliced(place, 0, failed),
        };
        const decision = decide(withFailed, past, nowMs);
        // Without metrics, back to max (2.3).
        if (decision.metrics.length === 0) return;
        expect(decision.desiredReplicas).to.be.at.least(decision.currentReplicas);
      }),
      runs,
    );
  });

  it('is the same in whatever order pods and their values come', () => {
    fc.assert(
      fc.property(anything, histories, (seen, past) => {
        const turned = { ...seen, pods: seen.pods.toReversed(), readings: seen.readings.map(turnReading) };
        expect(sorted(decide(turned, past, nowMs))).to.deep.equal(sorted(decide(seen, past, nowMs)));
      }),
      runs,
    );
  });

  // Only names and texts follow the order: of the winner among equal proposals, of events, of the failure that is told first.
  // The premise: no metric proposes fewer than 0 replicas. Upstream lets such a proposal replace one of 0 that stands before it.
  it('asks for the same replicas in whatever order metrics come', () => {
    fc.assert(
      fc.property(sane, fc.array(fitting, { maxLength: 4 }), histories, (seen, measured, past) => {
        const at = (order: typeof measured): Decision => {
          const { autoscaler } = seen;
          const spec = { ...autoscaler.spec, metrics: order.map(([metric]) => metric) };
          const readings = order.map(([, reading]) => reading);
          return decide({ ...seen, autoscaler: { ...autoscaler, spec }, readings }, past, nowMs);
        };
        const [one, other] = [at(measured), at(measured.toReversed())];
        if (one.metrics.some(({ outcome }) => outcome.kind === 'proposal' && outcome.replicas < 0)) return;
        const { kind, proposedReplicas, desiredReplicas, stabilization, limits, history } = one;
        const expected = { kind, proposedReplicas, desiredReplicas, stabilization, limits, history };
        expect(other).to.deep.include(expected);
      }),
      runs,
    );
  });

  it('is stable: made again with what it remembered, it is the same and changes no status', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const first = decide(seen, past, nowMs);
        // A scale that was refused, or it would be another observation.
        const settled = settle(first, seen, { kind: 'failed', message: 'boom' }, nowMs);
        const again = { ...seen, autoscaler: { ...seen.autoscaler, status: settled.status } };
        const second = decide(again, settled.history, nowMs);
        expect([second.kind, second.desiredReplicas]).to.deep.equal([first.kind, first.desiredReplicas]);
        const { status } = settle(second, again, { kind: 'failed', message: 'boom' }, nowMs);
        expect(isSameStatus(settled.status, status)).to.equal(true);
      }),
      runs,
    );
  });

  it('adds at most one entry to what is remembered, after the first', () => {
    fc.assert(
      fc.property(anything, histories, (seen, past) => {
        const decision = decide(seen, past, nowMs);
        const { history } = settle(decision, seen, { kind: 'succeeded' }, nowMs);
        const before = Math.max(past?.recommendations.length ?? 0, 1);
        expect(history.recommendations.length).to.be.at.most(before + 1);
        const events = ({ scaleUpEvents, scaleDownEvents }: History) => scaleUpEvents.length + scaleDownEvents.length;
        expect(events(history)).to.be.at.most((past === undefined ? 0 : events(past)) + 1);
      }),
      runs,
    );
  });
});

function turnReading(reading: MetricReading): MetricReading {
  return reading.kind === 'pods' ? { kind: 'pods', metrics: new Map([...reading.metrics].toReversed()) } : reading;
}

/** Without the order of pods in the working, which is that of the observation. */
function sorted(decision: Decision): Decision {
  const metrics = decision.metrics.map((metric) => ({
    ...metric,
    pods: metric.pods.toSorted((a, b) => (a.pod < b.pod ? -1 : 1)),
  }));
  return { ...decision, metrics };
}

describe('stabilization', () => {
  /** Recommendations of the last `windowMs`. */
  function within(past: History | undefined, windowMs: number): readonly number[] {
    const recent = (past?.recommendations ?? []).filter(({ atMs }) => atMs > nowMs - windowMs);
    return recent.map(({ replicas }) => replicas);
  }

  /** undefined when the decision ended before. */
  const stabilizedOf = (seen: Observation, past: History | undefined): number | undefined =>
    decide(seen, past, nowMs).stabilization?.replicas;

  const withBehavior = (seen: Observation, behavior: Behavior | undefined): Observation => {
    const { autoscaler } = seen;
    return { ...seen, autoscaler: { ...autoscaler, spec: { ...autoscaler.spec, behavior } } };
  };

  it('without behavior never goes below the highest recommendation of the window', () => {
    fc.assert(
      fc.property(sane, histories, (seen, past) => {
        const stabilized = stabilizedOf(withBehavior(seen, undefined), past);
        if (stabilized === undefined) return;
        expect(stabilized).to.be.at.least(Math.max(...within(past, seen.settings.downscaleStabilizationMs), 0));
      }),
      runs,
    );
  });

  it('with behavior never leaves its window in the direction of the change', () => {
    fc.assert(
      fc.property(sane, histories, rules, rules, (seen, past, scaleUp, scaleDown) => {
        const stabilized = stabilizedOf(withBehavior(seen, { scaleUp, scaleDown }), past);
        if (stabilized === undefined) return;
        const current = seen.target.kind === 'found' ? seen.target.scale.specReplicas : Number.NaN;
        const upMs = (scaleUp.stabilizationWindowSeconds ?? 0) * 1000;
        const downMs = (scaleDown.stabilizationWindowSeconds ?? 300) * 1000;
        if (stabilized < current) expect(stabilized).to.be.at.least(Math.max(...within(past, downMs), 0));
        if (stabilized > current) expect(stabilized).to.be.at.most(Math.min(...within(past, upMs), 2 ** 31));
      }),
      runs,
    );
  });
});
