import { expect } from 'chai';
import { decide } from '../../../src/controller/decide/decide.ts';
import { describeRefusal } from '../../../src/controller/decide/selector-check.ts';
import type { Decision, DecisionEvent } from '../../../src/controller/decide/types.ts';
import type { Condition } from '../../../src/crd/types.ts';
import {
  condition,
  defaultScaleDown,
  defaultScaleUp,
  externalMetric,
  formatRecommendations,
  history,
  nowMs,
  type ObservationParts,
  objectMetric,
  observation,
  podsMetric,
  resourceMetric,
  settings,
} from '../../support/observation-builders.ts';

const decideOn = (parts: ObservationParts, past = history({ recommendations: '1@60' })): Decision =>
  decide(observation(parts), past, nowMs);

/** `AbleToScale True SucceededGetScale`, in order. */
const conditionsOf = (conditions: readonly Condition[]): readonly string[] =>
  conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`);

const eventsOf = (events: readonly DecisionEvent[]): readonly string[] =>
  events.map(({ type, reason, message }) => `${type} ${reason} ${message}`);

const computeError = 'failed to compute desired number of replicas based on listed metrics for Deployment/ns/d';
const before = condition('ScalingLimited', 'True');
const stored = { observedGeneration: 3, lastScaleAtMs: nowMs - 5000, currentReplicas: 4, desiredReplicas: 5 };

/** Of a decision that ends before its metrics. */
const nothingComputed = {
  rescaleReason: '',
  winner: undefined,
  metrics: [],
  proposedReplicas: undefined,
  stabilization: undefined,
  limits: undefined,
};

describe('a target whose scale cannot be read (1.1)', () => {
  function check(stage: 'parse-api-version' | 'map-kind' | 'get-scale', error: string) {
    it(`at ${stage}: keeps the status but for the condition`, () => {
      const target = { kind: 'failed', stage, message: 'boom' } as const;
      const status = { ...stored, conditions: [before] };
      const decision = decideOn({ target, status });
      const message = "the HPA controller was unable to get the target's current scale: boom";
      const added = { type: 'AbleToScale', status: 'False', reason: 'FailedGetScale', message } as const;
      const conditions = [before, { ...added, lastTransitionAtMs: nowMs }];
      expect(decision.kind).to.equal('target-failed');
      expect(decision.status).to.deep.equal({ ...observation({ status }).autoscaler.status, conditions });
      expect(eventsOf(decision.events)).to.deep.equal(['Warning FailedGetScale boom']);
      expect(decision.error).to.equal(error);
      expect(decision.desiredReplicas).to.equal(4);
    });
  }
  check('parse-api-version', 'invalid API version in scale target reference: boom');
  check('map-kind', 'unable to determine resource for scale target reference: boom');
  check('get-scale', 'failed to query scale subresource for Deployment/ns/d: boom');

  it('is told no longer once it can be, whatever else fails (1.2)', () => {
    const conditions = [condition('AbleToScale', 'False')];
    const decision = decideOn({ selector: { kind: 'missing' }, status: { conditions } });
    expect(decision.conditions[0]).to.deep.equal({
      type: 'AbleToScale',
      status: 'True',
      reason: 'SucceededGetScale',
      message: "the HPA controller was able to get the target's current scale",
      lastTransitionAtMs: nowMs,
    });
  });

  it('computes nothing', () => {
    const target = { kind: 'failed', stage: 'get-scale', message: 'boom' } as const;
    expect(decideOn({ target })).to.deep.include(nothingComputed);
  });

  it('remembers nothing new', () => {
    const target = { kind: 'failed', stage: 'get-scale', message: 'boom' } as const;
    expect(decideOn({ target }).history).to.deep.equal(history({ recommendations: '1@60' }));
    expect(decide(observation({ target }), undefined, nowMs).history).to.deep.equal(history());
  });
});

describe('a selector that cannot be used (3)', () => {
  const ambiguous = 'pods by selector app=x are controlled by multiple HPAs: [ns/a ns/h]';
  const invalid = "couldn't convert selector into a corresponding internal selector object: boom";

  function check(selector: NonNullable<ObservationParts['selector']>, event: string, active: string, message: string) {
    it(`${selector.kind}: ${active}`, () => {
      const decision = decideOn({ selector, status: { ...stored, conditions: [before] } });
      const text = event.slice(event.indexOf(' ') + 1);
      expect(decision.kind).to.equal('selector-failed');
      expect(eventsOf(decision.events)).to.deep.equal([
        `Warning ${event}`,
        `Warning FailedComputeMetricsReplicas ${text}`,
      ]);
      expect(conditionsOf(decision.status.conditions)).to.deep.equal([
        'ScalingLimited True Before',
        'AbleToScale True SucceededGetScale',
        `ScalingActive False ${active}`,
      ]);
      expect(decision.status.conditions.at(-1)?.message).to.equal(message);
      expect(decision.error).to.equal(`${computeError}: ${text}`);
      expect(decision.status).to.deep.include({
        observedGeneration: undefined,
        lastScaleAtMs: nowMs - 5000,
        currentReplicas: 2,
        desiredReplicas: 5,
        currentMetrics: undefined,
      });
    });
  }
  const missing = "the HPA target's scale is missing a selector";
  check({ kind: 'missing' }, 'SelectorRequired selector is required', 'InvalidSelector', missing);
  check({ kind: 'invalid', message: 'boom' }, `InvalidSelector ${invalid}`, 'InvalidSelector', invalid);
  const both = ['ns/h', 'ns/a'];
  check({ kind: 'ambiguous', autoscalers: both }, `AmbiguousSelector ${ambiguous}`, 'AmbiguousSelector', ambiguous);
  check({ kind: 'refused', message: 'two of them' }, 'AmbiguousTarget two of them', 'AmbiguousTarget', 'two of them');

  it('does not matter out of bounds, where replicas alone decide', () => {
    expect(decideOn({ selector: { kind: 'missing' }, replicas: 20 }).kind).to.equal('scale');
    expect(decideOn({ selector: { kind: 'missing' }, replicas: 0 }).kind).to.equal('disabled');
  });

  it('but an autoscaler that shares its target never scales, or two would pull at it: ours (1.4)', () => {
    const selector = { kind: 'refused', message: 'two of them' } as const;
    for (const replicas of [0, 2, 20]) expect(decideOn({ selector, replicas }).kind).to.equal('selector-failed');
  });

  it('names both objects and the target when refused (ours)', () => {
    const target = { kind: 'Deployment', namespace: 'ns', name: 'd' };
    const autoscalers = ['HorizontalPodAutoscaler', 'HeadroomAutoscaler'].map((kind) => ({
      kind,
      namespace: 'ns',
      name: 'h',
    }));
    const expected =
      'HeadroomAutoscaler ns/h and HorizontalPodAutoscaler ns/h have the same scale target, Deployment ns/d: ' +
      'none of them scales it until only one is left';
    expect(describeRefusal(target, autoscalers)).to.equal(expected);
    expect(describeRefusal(target, autoscalers.toReversed())).to.equal(expected);
  });
});

describe('zero replicas (2.2)', () => {
  const status = { ...stored, conditions: [condition('ScaledToZero', 'True'), before] };

  it('disables', () => {
    const decision = decideOn({ replicas: 0, status });
    expect(decision.kind).to.equal('disabled');
    expect(decision).to.deep.include(nothingComputed);
    expect(decision.events).to.deep.equal([]);
    expect(decision.error).to.equal(undefined);
    expect(decision.status).to.deep.include({ currentReplicas: 0, desiredReplicas: 0, currentMetrics: undefined });
    expect(decision.status).to.deep.include({ observedGeneration: undefined, lastScaleAtMs: nowMs - 5000 });
    expect(conditionsOf(decision.status.conditions)).to.deep.equal([
      'ScalingLimited True Before',
      'AbleToScale True SucceededGetScale',
      'ScalingActive False ScalingDisabled',
    ]);
    expect(decision.status.conditions.at(-1)?.message).to.equal(
      'scaling is disabled since the replica count of the target is zero',
    );
  });

  const gateOn = settings({ gates: { HPAScaleToZero: true } });

  it('keeps the condition ScaledToZero with the gate on', () => {
    const conditions = [condition('ScaledToZero', 'False')];
    const decision = decideOn({ replicas: 0, status: { conditions }, settings: gateOn });
    expect(decision.kind).to.equal('disabled');
    expect(conditionsOf(decision.status.conditions)[0]).to.equal('ScaledToZero False Before');
  });

  it('disables with the gate on, when no condition says who scaled to zero', () => {
    const conditions = [condition('AbleToScale', 'True')];
    const decision = decideOn({ replicas: 0, status: { conditions }, settings: gateOn });
    expect(decision.kind).to.equal('disabled');
  });

  const object = [objectMetric('qps', { valueMilli: 1000n })];
  const fromZero = { replicas: 0, pods: '', status, settings: gateOn } as const;

  it('is left for what an Object metric asks', () => {
    const readings = [{ kind: 'object', valueMilli: 2500n }] as const;
    const decision = decideOn({ ...fromZero, readings, spec: { minReplicas: 0, metrics: object } });
    expect(decision).to.deep.include({
      kind: 'scale',
      desiredReplicas: 3,
      rescaleReason: 'Service metric qps above target',
    });
  });

  it('stays when no metric could be read', () => {
    const readings = [{ kind: 'failed', message: 'boom' }] as const;
    const decision = decideOn({ ...fromZero, readings, spec: { metrics: object } });
    expect(decision).to.deep.include({ kind: 'metrics-failed', desiredReplicas: 0 });
  });

  const idle = [{ kind: 'object', valueMilli: 0n }] as const;

  it('is left for min, by the limits, without behavior', () => {
    const decision = decideOn({ ...fromZero, readings: idle, spec: { minReplicas: 2, metrics: object } }, history());
    expect(decision).to.deep.include({ kind: 'scale', desiredReplicas: 2, rescaleReason: '' });
    expect(decision.limits?.reason).to.equal('TooFewReplicas');
  });

  it('is left for min with behavior too, with a reason of its own (7.5)', () => {
    const behavior = { scaleUp: defaultScaleUp, scaleDown: defaultScaleDown };
    const spec = { minReplicas: 2, metrics: object, behavior };
    const decision = decideOn({ ...fromZero, readings: idle, spec }, history());
    const rescaleReason = 'Current number of replicas below Spec.MinReplicas';
    expect(decision).to.deep.include({ kind: 'scale', desiredReplicas: 2, rescaleReason });
    expect(decision.limits?.reason).to.equal('DesiredWithinRange');
    const limited = decision.conditions.find(({ type }) => type === 'ScalingLimited');
    expect(limited?.status).to.equal('False');
  });

  it('keeps the reason of the metric when that asks for less than min', () => {
    const behavior = { scaleUp: defaultScaleUp, scaleDown: defaultScaleDown };
    const readings = [{ kind: 'object', valueMilli: 1000n }] as const;
    const spec = { minReplicas: 3, metrics: object, behavior };
    const decision = decideOn({ ...fromZero, readings, spec }, history());
    expect(decision).to.deep.include({ desiredReplicas: 3, rescaleReason: 'Service metric qps above target' });
  });
});

describe('replicas out of bounds (2.3)', () => {
  function check(replicas: number, desired: number, rescaleReason: string) {
    it(`${replicas} -> ${desired}: ${rescaleReason}`, () => {
      const conditions = [condition('ScalingActive', 'False'), before];
      const decision = decideOn({ replicas, spec: { minReplicas: 3 }, status: { ...stored, conditions } });
      expect(decision).to.deep.include({ kind: 'scale', desiredReplicas: desired, rescaleReason, error: undefined });
      expect(decision.metrics).to.deep.equal([]);
      expect(conditionsOf(decision.conditions)).to.deep.equal([
        'ScalingActive False Before',
        'ScalingLimited True Before',
        'AbleToScale True SucceededGetScale',
      ]);
      expect(decision.status).to.deep.include({
        currentReplicas: replicas,
        desiredReplicas: 5,
        currentMetrics: undefined,
      });
      expect(formatRecommendations(decision.history.recommendations)).to.equal('1@60');
    });
  }
  check(20, 10, 'Current number of replicas above Spec.MaxReplicas');
  check(2, 3, 'Current number of replicas below Spec.MinReplicas');

  it('min is 1 when it is not set (2.1)', () => {
    expect(decideOn({ replicas: 1, pods: 'R500', spec: { minReplicas: undefined } }).kind).to.equal('hold');
  });
});

it('more replicas than can be doubled are asked to become fewer than none, as upstream does (7.1)', () => {
  const spec = { maxReplicas: 2 ** 31 - 1 };
  const decision = decide(observation({ replicas: 2 ** 31 - 1, spec }), undefined, nowMs);
  expect(decision.desiredReplicas).to.equal(-(2 ** 31));
});

describe('what is remembered (1.3, 6.4)', () => {
  it('begins with the replicas that are found', () => {
    const decision = decide(observation({ replicas: 20 }), undefined, nowMs);
    expect(decision.history).to.deep.equal(history({ recommendations: '20@0' }));
  });

  it('gains the raw recommendation of each decision that metrics made', () => {
    const decision = decideOn({ pods: 'R2000*2' });
    expect(formatRecommendations(decision.history.recommendations)).to.equal('1@60 8@0');
    expect(decision.desiredReplicas).to.equal(4);
  });

  it('comes back from the future when the clock was set back, instead of holding replicas until the clock is there again', () => {
    for (const scaleDowns of ['', '2@60']) {
      const past = history({ recommendations: '9@-3600 1@60', scaleUps: '1@60 8@-3600', scaleDowns });
      const { recommendations, scaleUpEvents, scaleDownEvents } = decideOn({ pods: 'R500*2' }, past).history;
      expect(formatRecommendations(recommendations)).to.equal('9@0 1@60 2@0');
      expect(scaleUpEvents.map(({ atMs }) => atMs)).to.deep.equal([nowMs - 60_000, nowMs]);
      expect(scaleDownEvents).to.deep.equal(past.scaleDownEvents);
    }
  });

  it('gains nothing when metrics failed', () => {
    const decision = decideOn({ pods: '' });
    expect(formatRecommendations(decision.history.recommendations)).to.equal('1@60');
  });
});

describe('several metrics (5)', () => {
  const average = (valueMilli: bigint) => resourceMetric('cpu', { averageValueMilli: valueMilli });
  const failed = { kind: 'failed', message: 'boom' } as const;

  function check(title: string, parts: ObservationParts, expected: Partial<Decision>) {
    it(title, () => expect(decideOn(parts)).to.deep.include(expected));
  }
  // 500m each: 2 pods want 1000m / target
  check(
    'the largest proposal wins (5.1)',
    { spec: { metrics: [average(500n), average(250n), average(1000n)] } },
    {
      proposedReplicas: 4,
      winner: 1,
    },
  );
  check('of equal ones the first', { spec: { metrics: [average(250n), average(250n)] } }, { winner: 0 });
  const zeros = { pods: 'R0*2', spec: { metrics: [average(250n), average(500n)] } };
  check('of zeros the last', zeros, { winner: 1, proposedReplicas: 0, rescaleReason: 'All metrics below target' });
  const negative = { pods: 'R-5000*2', spec: { metrics: [average(250n)] } };
  check('below zero is zero (5.3)', negative, { winner: 0, proposedReplicas: 0, desiredReplicas: 1 });

  // Some failed
  const error = 'invalid metrics (1 invalid out of 2), first error is: failed to get pods metric value: boom';
  const someFailed = (target: bigint): ObservationParts => ({
    spec: { metrics: [podsMetric('qps', 1n), average(target)] },
    readings: [failed],
  });
  check('the others may scale up', someFailed(250n), { kind: 'scale', winner: 1, desiredReplicas: 4, error });
  check('the others may hold', someFailed(500n), { kind: 'hold', winner: 1, error });
  check('the others may not scale down (5.2)', someFailed(1000n), {
    kind: 'metrics-failed',
    winner: 1,
    proposedReplicas: 1,
    desiredReplicas: 2,
    error: `${computeError}: ${error}`,
  });
  check(
    'none worked',
    { spec: { metrics: [podsMetric('a', 1n), podsMetric('b', 1n)] }, readings: [failed, failed] },
    {
      kind: 'metrics-failed',
      winner: undefined,
      proposedReplicas: undefined,
      error: `${computeError}: invalid metrics (2 invalid out of 2), first error is: failed to get pods metric value: boom`,
    },
  );

  it('say which of them failed, each by an event of its own, in order', () => {
    const decision = decideOn(someFailed(1000n));
    expect(eventsOf(decision.events)).to.deep.equal([
      'Warning FailedGetPodsMetric boom',
      `Warning FailedComputeMetricsReplicas ${error}`,
    ]);
    expect(decision.status.currentMetrics?.map(({ type }) => type)).to.deep.equal(['Failed', 'Resource']);
    expect(decision.status.desiredReplicas).to.equal(0);
  });

  it('say that scaling is active when those that worked are followed', () => {
    const decision = decideOn(someFailed(250n));
    expect(eventsOf(decision.events)).to.deep.equal(['Warning FailedGetPodsMetric boom']);
    expect(conditionsOf(decision.conditions)).to.include('ScalingActive True ValidMetricFound');
  });

  it('none at all ask for nothing (no API server admits that)', () => {
    const decision = decideOn({ spec: { metrics: [] } });
    expect(decision).to.deep.include({ kind: 'scale', desiredReplicas: 1, rescaleReason: 'All metrics below target' });
    expect(conditionsOf(decision.conditions)).to.not.include('ScalingActive True ValidMetricFound');
  });

  it('that have no reading at all fail, whatever their type', () => {
    const goal = { valueMilli: 1n };
    const metrics = [average(1n), podsMetric('qps', 1n), objectMetric('qps', goal), externalMetric('depth', goal)];
    const seen = { ...observation({ spec: { metrics } }), readings: [] };
    const [first, ...others] = decide(seen, undefined, nowMs).events.map(({ message }) => message);
    const noValue = 'no value of this metric was read';
    expect(first).to.equal(`failed to get cpu usage: ${noValue}`);
    expect(others.slice(0, 3)).to.deep.equal([noValue, noValue, noValue]);
  });
});

describe('a decision shows its working (8)', () => {
  it('from pods to limits', () => {
    const decision = decideOn({ pods: 'R900 R700 P=-' }, history({ recommendations: '2@20' }));
    const [metric] = decision.metrics;
    expect(metric).to.deep.include({
      name: 'cpu resource utilization (percentage of request)',
      sumUsageMilli: 1600n,
      sumRequestMilli: 2000n,
      usageRatio: 1.6,
      adjustedRatio: 53 / 50,
      toleranceBand: { from: 0.9, to: 1.1 },
      rule: 'within-tolerance',
      multiplier: undefined,
      strayMetrics: 0,
    });
    expect(metric?.pods.map(({ pod, group }) => `${pod} ${group}`)).to.deep.equal([
      'r-0 ready',
      'r-2 ready',
      'p-4 unready',
    ]);
    expect(decision).to.deep.include({ kind: 'hold', atMs: nowMs, proposedReplicas: 2, winner: 0 });
    expect(decision.limits).to.deep.equal({ reason: 'DesiredWithinRange', lowest: 1, highest: 4 });
    expect(decision.stabilization).to.deep.include({ replicas: 2, reason: 'ReadyForNewScale' });
  });

  it('of an average: no request has a part in it', () => {
    const metrics = [resourceMetric('cpu', { averageValueMilli: 250n }), podsMetric('qps', 250n)];
    for (const metric of decideOn({ spec: { metrics } }).metrics) {
      expect(metric).to.deep.include({
        sumUsageMilli: 1000n,
        sumRequestMilli: undefined,
        usageRatio: 2,
        multiplier: 2,
      });
    }
  });

  it('of a single value: no pod has a part in it', () => {
    const goals = [{ valueMilli: 2000n }, { averageValueMilli: 1000n }];
    const metrics = goals.flatMap((goal) => [objectMetric('qps', goal), externalMetric('qps', goal)]);
    const object = { kind: 'object', valueMilli: 3000n } as const;
    const external = { kind: 'external', valuesMilli: [1000n, 2000n] } as const;
    const decision = decideOn({ spec: { metrics }, readings: [object, external, object, external] });
    for (const { name: _, outcome, rule, multiplier, ...working } of decision.metrics) {
      expect(working).to.deep.equal({
        pods: [],
        sumUsageMilli: 3000n,
        sumRequestMilli: undefined,
        usageRatio: 1.5,
        adjustedRatio: undefined,
        toleranceBand: { from: 0.9, to: 1.1 },
        strayMetrics: 0,
      });
      expect(outcome).to.deep.include({ kind: 'proposal', replicas: 3 });
      expect([rule, multiplier]).to.deep.be.oneOf([
        ['ready-pods', 2],
        ['usage-over-target', undefined],
      ]);
    }
  });

  it('of a metric that failed: what was known until then', () => {
    const metrics = [podsMetric('qps', 1n), objectMetric('qps', { valueMilli: 2000n })];
    const readings = [
      { kind: 'failed', message: 'boom' },
      { kind: 'object', valueMilli: 5000n },
    ] as const;
    const nothing = {
      pods: [],
      sumUsageMilli: undefined,
      sumRequestMilli: undefined,
      usageRatio: undefined,
      adjustedRatio: undefined,
      toleranceBand: undefined,
      rule: undefined,
      multiplier: undefined,
      strayMetrics: 0,
    };
    const [unread, withoutPods] = decideOn({ pods: '', spec: { metrics }, readings }).metrics;
    expect(unread).to.deep.include(nothing);
    expect(withoutPods).to.deep.include({ ...nothing, sumUsageMilli: 5000n, toleranceBand: { from: 0.9, to: 1.1 } });
  });

  it('and the status of a hold settles the desired replicas (8.1)', () => {
    const { status } = decideOn({ pods: 'R500*2', status: stored });
    expect(status).to.deep.include({ currentReplicas: 2, desiredReplicas: 2, observedGeneration: undefined });
    expect(status.currentMetrics).to.deep.equal([
      {
        type: 'Resource',
        resource: 'cpu',
        current: { valueMilli: undefined, averageValueMilli: 500n, averageUtilization: 50 },
      },
    ]);
  });

  it('and changes nothing of what it was given', () => {
    const seen = observation({ pods: 'R900*2 R=- x5' });
    const past = history({ recommendations: '9@400 4@10' });
    const copy = structuredClone({ seen, past });
    decide(seen, past, nowMs);
    expect({ seen, past }).to.deep.equal(copy);
  });

  it('and says whether a limit changed the number (7.4)', () => {
    const limitedOf = ({ conditions }: Decision) =>
      conditionsOf(conditions.filter(({ type }) => type === 'ScalingLimited'));
    expect(limitedOf(decideOn({ pods: 'R2000*2' }))).to.deep.equal(['ScalingLimited True ScaleUpLimit']);
    expect(limitedOf(decideOn({ pods: 'R1000*2' }))).to.deep.equal(['ScalingLimited False DesiredWithinRange']);
  });

  it('and waits for the highest recommendation of the window on the way down', () => {
    const decision = decideOn({ replicas: 5, pods: 'R100*5' }, history({ recommendations: '4@200' }));
    expect(decision).to.deep.include({ kind: 'scale', desiredReplicas: 4, rescaleReason: 'All metrics below target' });
    expect(decision.stabilization).to.deep.equal({
      replicas: 4,
      reason: 'ScaleDownStabilized',
      heldBy: { replicas: 4, atMs: nowMs - 200_000 },
      heldUntilMs: nowMs + 100_000,
    });
  });
});

describe('external metrics (4.9)', () => {
  it('are summed for their status (4.11)', () => {
    const readings = [{ kind: 'external', valuesMilli: [1000n, 2000n] }] as const;
    const metrics = [externalMetric('depth', { valueMilli: 3000n })];
    const { status } = decideOn({ spec: { metrics }, readings });
    expect(status.currentMetrics?.[0]).to.deep.include({
      type: 'External',
      current: { valueMilli: 3000n, averageValueMilli: undefined, averageUtilization: undefined },
    });
  });
});
