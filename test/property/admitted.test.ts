// Property: whatever HPA the API server admits, a decision on it is made, and its status is one that the API server admits.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { decide } from '../../src/controller/decide/decide.ts';
import { settle } from '../../src/controller/decide/settle.ts';
import type { Decision, History, Observation, ScaleOutcome } from '../../src/controller/decide/types.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import { renderStatus } from '../../src/crd/render.ts';
import type { AutoscalerStatus } from '../../src/crd/types.ts';
import { admittedSpecs } from '../support/admitted-autoscalers.ts';
import { conditions, gates, histories, pods, readingsFor } from '../support/decision-arbitraries.ts';
import { nowMs, observation, settings, status } from '../support/observation-builders.ts';

const maxInt32 = 2 ** 31 - 1;
/** Twice as many still fit an int32; see 7.1. */
const replicas = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 2 ** 30 - 1 }));

const autoscalers = admittedSpecs.map((spec) =>
  parseAutoscaler({ metadata: { namespace: 'ns', name: 'h' }, spec }, 'HorizontalPodAutoscaler'),
);

/** An HPA, and a value that fits each of its metrics, or none. */
const observations: fc.Arbitrary<Observation> = autoscalers.chain((autoscaler) =>
  fc
    .record({
      replicas,
      statusReplicas: replicas,
      pods,
      gates,
      conditions,
      readings: fc.tuple(...autoscaler.spec.metrics.map((metric) => readingsFor(metric))),
    })
    .map((parts) => {
      const seen = observation({
        replicas: parts.replicas,
        statusReplicas: parts.statusReplicas,
        pods: { pods: parts.pods, metrics: new Map() },
        settings: settings({ gates: parts.gates }),
      });
      const stored = { ...autoscaler, status: status({ conditions: parts.conditions }) };
      return { ...seen, autoscaler: stored, readings: parts.readings };
    }),
);

const outcomes = fc.constantFrom<ScaleOutcome>({ kind: 'succeeded' }, { kind: 'failed', message: 'boom' });

describe('of whatever the API server admits', () => {
  it('a decision is made, within min and max, with a status that it admits too', () => {
    fc.assert(
      fc.property(observations, histories, outcomes, (seen, past, outcome) => {
        const decision = decide(seen, past, nowMs);
        const settled = settle(decision, seen, outcome, nowMs);
        expectWithinBounds(seen, decision);
        expectAdmitted(settled.status);
      }),
      { numRuns: 1000 },
    );
  });

  it('and goes on being made, with what was remembered and written', () => {
    fc.assert(
      fc.property(
        observations,
        fc.array(fc.tuple(outcomes, fc.nat({ max: 400_000 })), { maxLength: 6 }),
        (seen, steps) => {
          let { autoscaler } = seen;
          let history: History | undefined;
          let atMs = nowMs;
          for (const [outcome, afterMs] of steps) {
            const now = { ...seen, autoscaler };
            const settled = settle(decide(now, history, atMs), now, outcome, atMs);
            expectAdmitted(settled.status);
            history = settled.history;
            autoscaler = { ...autoscaler, status: settled.status };
            atMs += afterMs;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function expectWithinBounds({ autoscaler }: Observation, { kind, currentReplicas, desiredReplicas }: Decision): void {
  if (kind !== 'scale' && kind !== 'hold') {
    expect(desiredReplicas).to.equal(currentReplicas);
    return;
  }
  const { minReplicas = 1, maxReplicas } = autoscaler.spec;
  expect(desiredReplicas).to.be.within(minReplicas, maxReplicas);
}

function expectAdmitted(written: AutoscalerStatus): void {
  for (const count of [written.currentReplicas, written.desiredReplicas]) {
    expect(Number.isInteger(count)).to.equal(true);
    expect(count).to.be.within(0, maxInt32);
  }
  expect(JSON.stringify(renderStatus(written))).to.be.a('string');
}
