// docs/conditions.md and the code: every reason that is written is on the page, with its words, and the page has no other.
import { expect } from 'chai';
import {
  metricFailed,
  scaledToZero,
  scaleNotRead,
  scaleNotWritten,
  scaleRead,
  scaleWritten,
  scalingActive,
  scalingDisabled,
  scalingLimited,
  stabilized,
} from '../../src/controller/decide/conditions.ts';
import { decide } from '../../src/controller/decide/decide.ts';
import { describeFailure } from '../../src/controller/decide/metric-failures.ts';
import { describeRefusal, describeSelectorFailure } from '../../src/controller/decide/selector-check.ts';
import { settle } from '../../src/controller/decide/settle.ts';
import { bulletsOf, findProjectFiles, readProjectFile, sectionOf } from '../support/markdown.ts';
import {
  containerMetric,
  externalMetric,
  nowMs,
  objectMetric,
  observation,
  podsMetric,
  resourceMetric,
} from '../support/observation-builders.ts';

/** `AbleToScale True` or `Warning`; the reason; the words with names in braces. */
interface Entry {
  readonly kind: string;
  readonly reason: string;
  readonly form: string;
}

/** The same with real words. */
interface Said {
  readonly kind: string;
  readonly reason: string;
  readonly message: string;
}

const page = readProjectFile('docs/conditions.md');
const conditionTypes = ['AbleToScale', 'ScalingActive', 'ScalingLimited', 'ScaledToZero'];
/** Names in capitals that are no reasons. */
const otherNames = [
  ...conditionTypes.filter((type) => type !== 'ScaledToZero'),
  'AverageValue',
  'ContainerResource',
  'HeadroomAutoscaler',
  'HorizontalPodAutoscaler',
];

describe('docs/conditions.md', () => {
  it('lists the conditions that are set, with their words, and no other', () => {
    const headings = conditionTypes.map((type) => {
      const heading = page.split('\n').find((line) => line.startsWith(`## ${type}:`)) ?? '';
      return { type, heading: heading.slice(3) };
    });
    const listed = headings.flatMap(({ type, heading }) => entriesOf(heading, `${type} `));
    expectEachOther(listed, conditionsOfTheCode());
  });

  it('lists the events that are written, with their words, and no other', () => {
    expectEachOther(entriesOf('Events', ''), eventsOfTheCode());
  });

  it('knows every reason that stands anywhere in the code of decisions', () => {
    const files = [...findProjectFiles('src/controller/decide/*.ts'), 'src/controller/apply.ts'];
    const names = files.flatMap((file) => readProjectFile(file).match(/(?<=')[A-Z][a-z]+(?:[A-Z][a-z]+)+(?=')/g) ?? []);
    const reasons = new Set(names.filter((name) => !otherNames.includes(name)));
    expect(reasons.size).to.be.above(20);
    expect([...reasons].filter((reason) => !page.includes(`\`${reason}\``))).to.deep.equal([]);
  });

  it('quotes errors and reasons of a rescale as the code words them', () => {
    const code = ['src/**/*.ts', 'test/controller/**/*.ts'].flatMap(findProjectFiles).map(readProjectFile).join('\n');
    const quoted = ['Reasons of a rescale', 'Errors inside the messages'].flatMap((heading) =>
      bulletsOf(sectionOf(page, heading)).flatMap((item) => /^`([^`]+)`/.exec(item)?.slice(1) ?? []),
    );
    expect(quoted).to.have.length.above(10);
    const unknown = quoted.filter((text) => text.split(/\{[^}]*\}/).some((part) => !code.includes(part)));
    expect(unknown).to.deep.equal([]);
  });
});

function entriesOf(heading: string, prefix: string): readonly Entry[] {
  return bulletsOf(sectionOf(page, heading)).map((item) => {
    const [, kind = '', reason = '', form = ''] = /^(\w+) `(\w+)`: `([^`]+)` ./.exec(item) ?? [];
    expect(form, `the words of "${item}"`).not.to.equal('');
    return { kind: `${prefix}${kind}`, reason, form };
  });
}

/** Everything said has an entry, and every entry was said. */
function expectEachOther(entries: readonly Entry[], said: readonly Said[]): void {
  const fits = (entry: Entry, { kind, reason, message }: Said): boolean =>
    entry.kind === kind && entry.reason === reason && expressionOf(entry.form).test(message);
  expect(
    said.filter((one) => !entries.some((entry) => fits(entry, one))),
    'said, but not listed',
  ).to.deep.equal([]);
  expect(
    entries.filter((entry) => !said.some((one) => fits(entry, one))),
    'listed, but never said',
  ).to.deep.equal([]);
}

/** `{…}` stands for any text. */
function expressionOf(form: string): RegExp {
  const parts = form.split(/\{[^}]*\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join('.+')}$`);
}

/** Whether a limit of that name changes the number. A new name does not compile until it stands here. */
const isLimitedBy: Readonly<Record<Parameters<typeof scalingLimited>[1], boolean>> = {
  DesiredWithinRange: false,
  TooFewReplicas: true,
  TooManyReplicas: true,
  ScaleUpLimit: true,
  ScaleDownLimit: true,
};

function conditionsOfTheCode(): readonly Said[] {
  const limits = Object.entries(isLimitedBy) as [keyof typeof isLimitedBy, boolean][];
  return [
    scaleRead,
    scaleNotRead('boom'),
    scaleWritten(4),
    scaleNotWritten('boom'),
    stabilized('ReadyForNewScale'),
    stabilized('ScaleUpStabilized'),
    stabilized('ScaleDownStabilized'),
    scalingActive('cpu resource'),
    scalingDisabled,
    ...selectorFailures().map(({ condition }) => condition),
    ...metricFailures().map(({ reason, inner }) => metricFailed(reason, inner)),
    ...limits.map(([reason, isLimited]) => scalingLimited(isLimited, reason)),
    scaledToZero(true),
    scaledToZero(false),
  ].map(({ type, status, reason, message }) => ({ kind: `${type} ${status}`, reason, message }));
}

function eventsOfTheCode(): readonly Said[] {
  const failed = observation({ target: { kind: 'failed', stage: 'get-scale', message: 'boom' } });
  const withoutMetrics = observation({ readings: [{ kind: 'failed', message: 'boom' }] });
  const rising = observation({ pods: 'R1000*2' });
  const decision = decide(rising, undefined, nowMs);
  const outcomes = [{ kind: 'succeeded' }, { kind: 'failed', message: 'boom' }] as const;
  const events = [
    ...decide(failed, undefined, nowMs).events,
    ...decide(withoutMetrics, undefined, nowMs).events,
    ...selectorFailures().map(({ event }) => event),
    ...metricFailures().map(({ reason, inner }) => ({ type: 'Warning', reason, message: inner })),
    ...outcomes.flatMap((outcome) => settle(decision, rising, outcome, nowMs).events),
    // Written by apply.ts with the API server's words.
    { type: 'Warning', reason: 'FailedUpdateStatus', message: 'boom' },
  ];
  return events.map(({ type, reason, message }) => ({ kind: type, reason, message }));
}

function selectorFailures(): readonly NonNullable<ReturnType<typeof describeSelectorFailure>>[] {
  const name = { namespace: 'ns', name: 'h' };
  const both = ['HorizontalPodAutoscaler', 'HeadroomAutoscaler'].map((kind) => ({ kind, ...name }));
  const message = describeRefusal({ kind: 'Deployment', ...name }, both);
  return [
    { kind: 'missing' } as const,
    { kind: 'invalid', message: 'boom' } as const,
    { kind: 'ambiguous', autoscalers: ['ns/a', 'ns/b'] } as const,
    { kind: 'refused', message } as const,
  ].flatMap((selector) => describeSelectorFailure(selector, 'app=x') ?? []);
}

function metricFailures(): readonly ReturnType<typeof describeFailure>[] {
  const fault = { kind: 'value', message: 'boom' } as const;
  return [
    resourceMetric('cpu', { averageUtilization: 50 }),
    containerMetric('cpu', 'app', { averageUtilization: 50 }),
    podsMetric('qps', 1n),
    objectMetric('qps', { valueMilli: 1n }),
    externalMetric('depth', { valueMilli: 1n }),
    { type: 'Unknown', name: 'Odd' } as const,
  ].map((spec) => describeFailure(spec, fault));
}
