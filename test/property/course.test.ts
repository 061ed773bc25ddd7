// Property: what holds over a course of decisions, each with the history and the replicas that the one before it left:
//   no policy is overspent; no recommendation of a window is forgotten.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { decide } from '../../src/controller/decide/decide.ts';
import { settle } from '../../src/controller/decide/settle.ts';
import type { Decision, History } from '../../src/controller/decide/types.ts';
import type { Behavior, ScalingPolicy, ScalingRules } from '../../src/crd/types.ts';
import { maybe } from '../support/decision-arbitraries.ts';
import { externalMetric, nowMs, observation } from '../support/observation-builders.ts';

/** What happens before a decision: time passes, and the metric asks for so many replicas. */
interface Step {
  readonly afterMs: number;
  readonly wanted: number;
}

interface Decided {
  readonly atMs: number;
  readonly decision: Decision;
}

const minReplicas = 1;
const maxReplicas = 60;

/** Mostly short, so that many decisions fall into a period, and some near its edge. */
const pauses = fc.oneof(
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 3000 }),
  fc.integer({ min: 1, max: 40_000 }),
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({ afterMs: pauses, wanted: fc.integer({ min: 0, max: 70 }) }),
  { minLength: 2, maxLength: 40 },
);
const policies: fc.Arbitrary<ScalingPolicy> = fc.record({
  type: fc.constantFrom('Pods', 'Percent'),
  value: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 60 })),
  periodSeconds: fc.oneof(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 90 })),
});
const rules: fc.Arbitrary<ScalingRules> = fc.record({
  stabilizationWindowSeconds: maybe(fc.integer({ min: 0, max: 120 })),
  selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
  policies: fc.array(policies, { minLength: 1, maxLength: 3 }),
  tolerance: fc.constant(undefined),
});
const behaviors: fc.Arbitrary<Behavior> = fc.record({ scaleUp: rules, scaleDown: rules });

/** Every scale is written. The metric is an AverageValue, which proposes what it wants, whatever the pods. */
function course(start: number, behavior: Behavior | undefined, taken: readonly Step[]): readonly Decided[] {
  const spec = { minReplicas, maxReplicas, behavior, metrics: [externalMetric('depth', { averageValueMilli: 1000n })] };
  let history: History | undefined;
  let replicas = start;
  let atMs = nowMs;
  return taken.map(({ afterMs, wanted }) => {
    atMs += afterMs;
    const readings = [{ kind: 'external', valuesMilli: [BigInt(wanted) * 1000n] }] as const;
    const seen = observation({ replicas, spec, readings });
    const decision = decide(seen, history, atMs);
    history = settle(decision, seen, { kind: 'succeeded' }, atMs).history;
    replicas = decision.desiredReplicas;
    return { atMs, decision };
  });
}

/** The replicas as they were so long before the last decision; one exactly that long ago is over. */
function replicasBefore(decided: readonly Decided[], periodSeconds: number): number {
  const last = decided.at(-1)!;
  const since = decided.find(({ atMs }) => atMs > last.atMs - periodSeconds * 1000)!;
  return since.decision.currentReplicas;
}

function highest(start: number, { type, value }: ScalingPolicy): number {
  return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
}

function lowest(start: number, { type, value }: ScalingPolicy): number {
  return type === 'Pods' ? start - value : Math.trunc(start * (1 - value / 100));
}

/** Whether all policies (Min) or any (Max) allow it. */
function isAllowed(rule: ScalingRules, allows: (policy: ScalingPolicy) => boolean): boolean {
  if (rule.selectPolicy === 'Disabled') return false;
  return rule.selectPolicy === 'Min' ? rule.policies.every(allows) : rule.policies.some(allows);
}

const starts = fc.integer({ min: minReplicas, max: maxReplicas });
const runs = { numRuns: 500 };

describe('over a course of decisions', () => {
  it('no policy lets replicas go further from where they were a period ago than it says', () => {
    fc.assert(
      fc.property(starts, behaviors, steps, (start, behavior, taken) => {
        const decided = course(start, behavior, taken);
        for (const [index, { decision }] of decided.entries()) {
          const { currentReplicas: from, desiredReplicas: to } = decision;
          const soFar = decided.slice(0, index + 1);
          if (to > from) {
            const allows = (policy: ScalingPolicy) =>
              to <= highest(replicasBefore(soFar, policy.periodSeconds), policy);
            expect(isAllowed(behavior.scaleUp!, allows), `${from} to ${to}`).to.equal(true);
          }
          if (to < from) {
            const allows = (policy: ScalingPolicy) => to >= lowest(replicasBefore(soFar, policy.periodSeconds), policy);
            expect(isAllowed(behavior.scaleDown!, allows), `${from} to ${to}`).to.equal(true);
          }
        }
      }),
      runs,
    );
  });

  it('replicas fall below nothing that was recommended within the window, and with behavior rise above nothing', () => {
    fc.assert(
      fc.property(starts, maybe(behaviors), steps, (start, behavior, taken) => {
        const decided = course(start, behavior, taken);
        const upMs = (behavior?.scaleUp?.stabilizationWindowSeconds ?? 0) * 1000;
        const downMs = (behavior?.scaleDown?.stabilizationWindowSeconds ?? 300) * 1000;
        for (const [index, { atMs, decision }] of decided.entries()) {
          const recommended = (windowMs: number): readonly number[] =>
            decided
              .slice(0, index + 1)
              .filter((one) => one.atMs > atMs - windowMs)
              .map((one) => Math.min(Math.max(one.decision.proposedReplicas ?? 0, minReplicas), maxReplicas));
          const { currentReplicas: from, desiredReplicas: to } = decision;
          if (to < from) expect(to).to.be.at.least(Math.max(minReplicas, ...recommended(downMs)));
          if (to > from) expect(to).to.be.at.most(Math.min(maxReplicas, ...recommended(upMs)));
        }
      }),
      runs,
    );
  });

  it('memory holds what fits into the longest window, what it began with, and one place that waits to be taken', () => {
    fc.assert(
      fc.property(starts, behaviors, steps, (start, behavior, taken) => {
        const decided = course(start, behavior, taken);
        const up = behavior.scaleUp?.stabilizationWindowSeconds ?? 0;
        const down = behavior.scaleDown?.stabilizationWindowSeconds ?? 300;
        const windowMs = Math.max(up, down) * 1000;
        const inWindow = decided.map(
          (last, index) => decided.slice(0, index + 1).filter(({ atMs }) => atMs >= last.atMs - windowMs).length,
        );
        const remembered = decided.map(({ decision }) => decision.history.recommendations.length);
        expect(Math.max(...remembered)).to.be.at.most(Math.max(...inWindow) + 2);
      }),
      runs,
    );
  });
});
