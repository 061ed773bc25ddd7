// Parity: what decide and settle say, step by step, against what kube-controller-manager v1.36.3 did with the same input.
import { expect } from 'chai';
import { decide } from '../../../src/controller/decide/decide.ts';
import { isSameStatus } from '../../../src/controller/decide/same-status.ts';
import { settle } from '../../../src/controller/decide/settle.ts';
import type {
  Decision,
  DecisionEvent,
  History,
  Observation,
  ScaleOutcome,
  Settlement,
} from '../../../src/controller/decide/types.ts';
import type { AutoscalerStatus } from '../../../src/crd/types.ts';
import {
  autoscalerOf,
  observationOf,
  readVectors,
  statusOf,
  templatesOf,
  type VectorCase,
  type VectorStep,
} from '../../support/decision-vectors.ts';

const file = process.env['VECTOR_FILE'] ?? new URL('../../parity/vectors/decisions.json', import.meta.url);

describe('decisions of the real controller', () => {
  const cases = readVectors(new URL(file, import.meta.url));

  it(`are ours too, in ${cases.length} cases of several steps`, () => {
    expect(cases).to.have.length.above(100);
    for (const [index, one] of cases.entries()) {
      replay(one, ({ decision, settlement, before, step, name }) => {
        expect(said(decision, settlement, before.status), `case ${index}, ${name}`).to.deep.equal(expected(one, step));
      });
    }
  });

  it('have one instant each, ours: the same inputs give the same decision, and what is new in it happened then (K8)', () => {
    for (const one of cases) {
      replay(one, ({ decision, settlement, before, observation, nowMs }) => {
        expect(decide(observation, before.history, nowMs)).to.deep.equal(decision);
        const known = new Set(instantsOf([observation, before]));
        const { status, history } = settlement;
        expect(instantsOf([status, history]).filter((ms) => ms !== nowMs && !known.has(ms))).to.deep.equal([]);
      });
    }
  });
});

/** A step of a case, and what decide and settle made of it. */
interface Replayed {
  readonly name: string;
  readonly step: VectorStep;
  readonly nowMs: number;
  readonly observation: Observation;
  readonly before: { readonly status: AutoscalerStatus; readonly history: History | undefined };
  readonly decision: Decision;
  readonly settlement: Settlement;
}

function replay(one: VectorCase, look: (replayed: Replayed) => void): void {
  const templates = templatesOf(one);
  let history: History | undefined;
  let { status } = autoscalerOf(one, one.status);
  for (const [index, step] of one.steps.entries()) {
    const nowMs = step.at * 1000;
    const observation = observationOf(one, step, templates, status);
    const decision = decide(observation, history, nowMs);
    const outcome: ScaleOutcome =
      step.putError === undefined ? { kind: 'succeeded' } : { kind: 'failed', message: step.putError };
    const settlement = settle(decision, observation, outcome, nowMs);
    const before = { status, history };
    look({ name: `step ${index}`, step, nowMs, observation, before, decision, settlement });
    if (!isSameStatus(status, settlement.status)) status = settlement.status;
    history = settlement.history;
  }
}

/** Every instant anywhere in a value, by the names of its fields. */
function instantsOf(value: unknown): readonly number[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: readonly [string, unknown]) =>
    typeof inner === 'number' && /atMs$/i.test(name) ? [inner] : instantsOf(inner),
  );
}

interface Said {
  readonly put: number | undefined;
  /** undefined: not written. */
  readonly status: AutoscalerStatus | undefined;
  readonly events: readonly string[];
  readonly error: string | undefined;
}

function said(decision: Decision, settlement: Settlement, before: AutoscalerStatus): Said {
  return {
    put: decision.kind === 'scale' ? decision.desiredReplicas : undefined,
    status: isSameStatus(before, settlement.status) ? undefined : settlement.status,
    events: [...decision.events, ...settlement.events].map(formatEvent),
    error: settlement.error,
  };
}

function expected(one: VectorCase, { expected: { put, status, events = [], error } }: VectorStep): Said {
  return { put, status: status === undefined ? undefined : statusOf(one, status), events, error };
}

function formatEvent({ type, reason, message }: DecisionEvent): string {
  return `${type}|${reason}|${message}`;
}
