import { expect } from 'chai';
import * as fc from 'fast-check';
import { effectiveBehavior } from '../../src/controller/decide/behavior.ts';
import { decide } from '../../src/controller/decide/decide.ts';
import {
  type Stabilized,
  stabilizeWithBehavior,
  stabilizeWithoutBehavior,
} from '../../src/controller/decide/stabilization.ts';
import type { Decision, Recommendation } from '../../src/controller/decide/types.ts';
import {
  emptyMemory,
  isNew,
  longestWindowMs,
  type Memory,
  recall,
  retain,
  withoutOutdated,
} from '../../src/controller/memory.ts';
import type { Behavior } from '../../src/crd/types.ts';
import { nowMs as beginMs, observation, scalingRules } from '../support/observation-builders.ts';

const periodMs = 5_000;
const flagWindowMs = 13_000;
const held = decide(observation(), undefined, beginMs);

interface Look {
  readonly atMs: number;
  readonly isPeriodic: boolean;
  readonly behavior: Behavior | undefined;
  readonly currentReplicas: number;
  /** undefined: it ends before windows are asked, as without metrics. */
  readonly proposedReplicas: number | undefined;
}

/** A look of ours: what windows made of the proposal, and the memory after it. */
function lookOnce(before: Memory, look: Look): { readonly replicas: number | undefined; readonly memory: Memory } {
  const { atMs, isPeriodic, behavior, currentReplicas, proposedReplicas } = look;
  const memory = withoutOutdated(before, longestWindowMs(behavior, flagWindowMs), atMs);
  const history = recall(memory, currentReplicas, atMs) ?? emptyMemory.history;
  const decision: Decision = { ...held, atMs, currentReplicas };
  if (proposedReplicas === undefined) {
    const failed: Decision = { ...decision, kind: 'metrics-failed', stabilization: undefined };
    return { replicas: undefined, memory: retain(memory, failed, history, isPeriodic) };
  }
  const question = { currentReplicas, proposedReplicas, recommendations: history.recommendations, nowMs: atMs };
  const stabilized: Stabilized =
    behavior === undefined
      ? stabilizeWithoutBehavior(question, flagWindowMs)
      : stabilizeWithBehavior(question, effectiveBehavior(behavior, flagWindowMs));
  const { working, recommendations } = stabilized;
  const decided: Decision = { ...decision, proposedReplicas, stabilization: working };
  return { replicas: working.replicas, memory: retain(memory, decided, { ...history, recommendations }, isPeriodic) };
}

/** No recommendation is ever exactly as old as a window here: periods are a little longer than 5 s. */
function windowsOf(behavior: Behavior | undefined): { readonly upMs: number; readonly downMs: number } {
  if (behavior === undefined) return { upMs: 0, downMs: flagWindowMs };
  const { scaleUp, scaleDown } = behavior;
  const downSeconds = scaleDown?.stabilizationWindowSeconds;
  return {
    upMs: (scaleUp?.stabilizationWindowSeconds ?? 0) * 1000,
    downMs: downSeconds === undefined ? flagWindowMs : downSeconds * 1000,
  };
}

/** kube-controller-manager's array of recommendations, by which it stabilizes at each sync. */
class ReferenceMemory {
  readonly recommendations: Recommendation[] = [];

  sync({ atMs, behavior, currentReplicas, proposedReplicas }: Look): number | undefined {
    if (this.recommendations.length === 0) this.recommendations.push({ replicas: currentReplicas, atMs: atMs - 1 });
    if (proposedReplicas === undefined) return undefined;
    const { upMs, downMs } = windowsOf(behavior);
    let lowest = proposedReplicas;
    let highest = proposedReplicas;
    let outdatedIndex = -1;
    for (const [index, { replicas, atMs: thenMs }] of this.recommendations.entries()) {
      const ageMs = atMs - thenMs;
      if (ageMs < upMs) lowest = Math.min(lowest, replicas);
      if (ageMs < downMs) highest = Math.max(highest, replicas);
      if (ageMs > upMs && ageMs > downMs) outdatedIndex = index;
    }
    const entry = { replicas: proposedReplicas, atMs };
    if (outdatedIndex < 0) this.recommendations.push(entry);
    else this.recommendations[outdatedIndex] = entry;
    return behavior === undefined ? highest : Math.min(Math.max(currentReplicas, lowest), highest);
  }
}

const windows = fc.constantFrom(undefined, 0, 4, 8, 12, 23, 3600);
const behaviors = fc.option(
  fc.record({ up: windows, down: windows }).map(
    ({ up, down }): Behavior => ({
      scaleUp: scalingRules({ stabilizationWindowSeconds: up ?? 0 }),
      scaleDown: scalingRules({ stabilizationWindowSeconds: down }),
    }),
  ),
  { nil: undefined },
);
const replicas = fc.integer({ min: 0, max: 9 });

/** What happens in one period: looks at parts of it, then the periodic one, a little late. */
const periods = fc.array(
  fc.record({
    behavior: fc.option(behaviors, { freq: 2, nil: 'as before' as const }),
    proposedReplicas: fc.option(replicas, { freq: 8, nil: undefined }),
    currentReplicas: replicas,
    between: fc.array(fc.record({ afterMs: fc.integer({ min: 1, max: periodMs - 1 }), proposed: replicas }), {
      maxLength: 2,
    }),
    lateMs: fc.integer({ min: 1, max: 40 }),
  }),
  { minLength: 2, maxLength: 60 },
);

interface Course {
  readonly looks: readonly Look[];
}

/** An edit of the spec comes first in its period: upstream sees it at the next sync, we see it at once. */
const courses = (looksAgree: boolean): fc.Arbitrary<Course> =>
  periods.map((list) => {
    let atMs = beginMs;
    let behavior: Behavior | undefined;
    const looks: Look[] = [{ atMs, isPeriodic: true, behavior, currentReplicas: 3, proposedReplicas: 3 }];
    for (const period of list) {
      if (period.behavior !== 'as before') behavior = period.behavior;
      const { currentReplicas, proposedReplicas } = period;
      for (const { afterMs, proposed } of period.between.toSorted((a, b) => a.afterMs - b.afterMs)) {
        const early = looksAgree ? proposedReplicas : proposed;
        looks.push({ atMs: atMs + afterMs, isPeriodic: false, behavior, currentReplicas, proposedReplicas: early });
      }
      atMs += periodMs + period.lateMs;
      looks.push({ atMs, isPeriodic: true, behavior, currentReplicas, proposedReplicas });
    }
    return { looks };
  });

describe('the memory of an autoscaler', () => {
  it('holds the recommendations that upstream would hold, however often it was looked at between periods', () => {
    const property = fc.property(courses(false), ({ looks }) => {
      const reference = new ReferenceMemory();
      let memory = emptyMemory;
      for (const look of looks) {
        ({ memory } = lookOnce(memory, look));
        if (!look.isPeriodic) continue;
        reference.sync(look);
        expect(memory.history.recommendations).to.deep.equal(reference.recommendations);
      }
    });
    fc.assert(property, { numRuns: 400 });
  });

  it('leads to the replicas that upstream would decide on, when what was recommended between periods is still right at their end', () => {
    const property = fc.property(courses(true), ({ looks }) => {
      const reference = new ReferenceMemory();
      let memory = emptyMemory;
      for (const look of looks) {
        const ours = lookOnce(memory, look);
        memory = ours.memory;
        if (look.isPeriodic) expect(ours.replicas).to.equal(reference.sync(look));
      }
    });
    fc.assert(property, { numRuns: 400 });
  });

  it('never falls below what was recommended within the window, whenever that was', () => {
    const property = fc.property(courses(false), ({ looks }) => {
      let memory = emptyMemory;
      const said: Recommendation[] = [];
      for (const look of looks.map((each) => ({ ...each, behavior: undefined }))) {
        const ours = lookOnce(memory, look);
        memory = ours.memory;
        if (look.proposedReplicas === undefined || ours.replicas === undefined) continue;
        said.push({ replicas: look.proposedReplicas, atMs: look.atMs });
        const recent = said.filter(({ atMs }) => atMs >= look.atMs - flagWindowMs);
        expect(ours.replicas).to.be.at.least(Math.max(...recent.map((each) => each.replicas)));
      }
    });
    fc.assert(property, { numRuns: 200 });
  });

  const look = (parts: Partial<Look> = {}): Look => ({
    atMs: beginMs,
    isPeriodic: false,
    behavior: undefined,
    currentReplicas: 3,
    proposedReplicas: 6,
    ...parts,
  });

  it('begins with the replicas that the first look found, a moment before what it recommends', () => {
    const { memory } = lookOnce(emptyMemory, look({ isPeriodic: true }));
    expect(memory.history.recommendations).to.deep.equal([
      { replicas: 3, atMs: beginMs - 1 },
      { replicas: 6, atMs: beginMs },
    ]);
    expect([isNew(emptyMemory), isNew(memory)]).to.deep.equal([true, false]);
  });

  it('begins with nothing while the target cannot be read', () => {
    const failed: Decision = { ...held, kind: 'target-failed', stabilization: undefined };
    const history = recall(emptyMemory, undefined, beginMs) ?? emptyMemory.history;
    expect(retain(emptyMemory, failed, history, true)).to.deep.equal(emptyMemory);
  });

  it('comes back from the future when the clock was set back', () => {
    const memory: Memory = { ...emptyMemory, between: [{ replicas: 9, atMs: beginMs + 60_000 }] };
    expect(withoutOutdated(memory, flagWindowMs, beginMs).between).to.deep.equal([{ replicas: 9, atMs: beginMs }]);
  });
});
