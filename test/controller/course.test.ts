import { expect } from 'chai';
import { type CourseConditions, chooseCourse, deferredUntilMs, nextScaleAtMs } from '../../src/controller/course.ts';
import { decide } from '../../src/controller/decide/decide.ts';
import type { Decision, DecisionKind } from '../../src/controller/decide/types.ts';
import { nowMs, observation } from '../support/observation-builders.ts';

const syncPeriodMs = 15_000;
const held = decide(observation(), undefined, nowMs);

describe('the course of a decision', () => {
  const check = (
    title: string,
    kind: DecisionKind,
    changes: Partial<CourseConditions>,
    expected: string,
    decided: Partial<Decision> = {},
  ): void => {
    it(`${title}: ${expected}`, () => {
      const conditions: CourseConditions = {
        isDue: true,
        isPeriodic: true,
        lastKind: 'hold',
        isRefused: false,
        lastScaleAtMs: undefined,
        syncPeriodMs,
        mayWrite: true,
        isInLine: false,
        warmUpUntilMs: 0,
        ...changes,
      };
      const decision: Decision = { ...held, kind, ...decided };
      expect(chooseCourse(conditions, decision)).to.equal(expected);
    });
  };
  const between = { isDue: false, isPeriodic: false };
  const recent = { lastScaleAtMs: nowMs - syncPeriodMs + 251 };

  // When a sync is due everything counts.
  for (const kind of ['target-failed', 'disabled', 'selector-failed', 'metrics-failed', 'hold', 'scale'] as const) {
    check(`${kind} at a sync`, kind, {}, 'commit');
  }

  // Between syncs, good news.
  check('scale on a sample', 'scale', between, 'commit');
  check('hold on a sample', 'hold', between, 'discard');
  check('hold after a scale', 'hold', { ...between, lastKind: 'scale' }, 'discard');
  for (const lastKind of ['target-failed', 'disabled', 'selector-failed', 'metrics-failed', undefined] as const) {
    check(`hold after ${lastKind ?? 'nothing'}`, 'hold', { ...between, lastKind }, 'commit');
  }
  for (const kind of ['target-failed', 'disabled', 'selector-failed', 'metrics-failed'] as const) {
    check(`${kind} on a sample`, kind, between, 'discard');
  }

  check('scale on a sample after a scale that was refused', 'scale', { ...between, isRefused: true }, 'discard');
  check('scale at a sync after a scale that was refused', 'scale', { isRefused: true }, 'commit');

  // At most once per period.
  check('scale within a period of the last', 'scale', recent, 'defer');
  check('scale within a period of the last, on a sample', 'scale', { ...recent, ...between }, 'defer');
  const aStepEarly = { lastScaleAtMs: nowMs - syncPeriodMs + 250 };
  check('scale at the sync of the period, a step early', 'scale', aStepEarly, 'commit');
  check('scale at another sync, a step early', 'scale', { ...aStepEarly, isPeriodic: false }, 'defer');
  check('scale when the period is just over', 'scale', { lastScaleAtMs: nowMs - syncPeriodMs }, 'commit');
  check('hold within a period of the last scale', 'hold', recent, 'commit');
  check('scale after a time that is about to come', 'scale', { lastScaleAtMs: nowMs + syncPeriodMs }, 'defer');
  check('scale after a time that cannot be', 'scale', { lastScaleAtMs: nowMs + syncPeriodMs + 1 }, 'commit');

  // What only a window asks for is left to the period.
  const byWindow: Partial<Decision> = {
    proposedReplicas: 2,
    stabilization: { replicas: 4, reason: 'ScaleDownStabilized', heldBy: undefined, heldUntilMs: undefined },
  };
  check('scale by a window on a sample', 'scale', between, 'discard', byWindow);
  check(
    'scale by a window whose period came while it waited for its turn',
    'scale',
    { ...between, isInLine: true },
    'commit',
    byWindow,
  );
  check('scale by a window at a changed spec', 'scale', { isPeriodic: false }, 'defer', byWindow);
  check('scale by a window at the sync of the period', 'scale', {}, 'commit', byWindow);
  check(
    'scale by a window at a changed spec of a follower',
    'scale',
    { isPeriodic: false, mayWrite: false },
    'commit',
    byWindow,
  );

  it('what is deferred is asked for again when replicas may change, or when the period is over', () => {
    const conditions: CourseConditions = {
      isDue: true,
      isPeriodic: false,
      lastKind: 'hold',
      isRefused: false,
      lastScaleAtMs: undefined,
      syncPeriodMs,
      mayWrite: true,
      isInLine: false,
      warmUpUntilMs: 0,
    };
    const scale: Decision = { ...held, kind: 'scale', ...byWindow };
    expect(deferredUntilMs({ ...conditions, lastScaleAtMs: nowMs - 5_000 }, scale)).to.equal(nowMs + 10_000);
    expect(deferredUntilMs(conditions, scale)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('replicas may change again a period after they did; a clock that was set back does not stop them', () => {
    const next = (lastScaleAtMs: number | undefined): number =>
      nextScaleAtMs({ lastScaleAtMs, syncPeriodMs }, { atMs: nowMs });
    expect(next(undefined)).to.equal(0);
    expect(next(nowMs - 5_000)).to.equal(nowMs + 10_000);
    expect(next(nowMs + 5_000)).to.equal(nowMs + 20_000);
    expect(next(nowMs + 1e9)).to.equal(0);
  });

  // A follower keeps step with the syncs.
  check('scale at a sync of a follower', 'scale', { mayWrite: false, ...recent }, 'commit');
  check('scale on a sample of a follower', 'scale', { mayWrite: false, ...between }, 'discard');
  check('hold after nothing of a follower', 'hold', { mayWrite: false, ...between, lastKind: undefined }, 'discard');

  // Young programs know no usage.
  check('no metrics while warming up', 'metrics-failed', { warmUpUntilMs: nowMs + 1 }, 'wait-for-metrics');
  check('no metrics when warm', 'metrics-failed', { warmUpUntilMs: nowMs }, 'commit');
  check('scale while warming up', 'scale', { warmUpUntilMs: nowMs + 1 }, 'commit');
  check('no target while warming up', 'target-failed', { warmUpUntilMs: nowMs + 1 }, 'commit');
});
