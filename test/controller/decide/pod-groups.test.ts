import { expect } from 'chai';
import { type GroupingQuestion, groupPods } from '../../../src/controller/decide/pod-groups.ts';
import { createRequestReader } from '../../../src/controller/decide/requests.ts';
import type { PodMetric } from '../../../src/controller/decide/types.ts';
import type { PodView } from '../../../src/lib/views.ts';
import { nowMs, pod, podMetric, podsOf, settings, template } from '../../support/observation-builders.ts';

const question = { readiness: { settings: settings(), nowMs } };

/** `unready by pending`. */
function classify(parts: Partial<PodView>, metric: PodMetric | undefined, asked: GroupingQuestion = question): string {
  const metrics = new Map(metric === undefined ? [] : [['p', metric]]);
  const [working] = groupPods([pod('p', parts)], metrics, asked).workings;
  return `${working?.group} by ${working?.rule}`;
}

describe('what a pod counts as (4.2)', () => {
  const sample = podMetric(100n);
  const ago = (seconds: number): number => nowMs - seconds * 1000;
  const ready = (lastTransitionAtMs: number) => ({ status: 'True', lastTransitionAtMs }) as const;
  const unready = (lastTransitionAtMs: number) => ({ status: 'False', lastTransitionAtMs }) as const;
  const unknown = (lastTransitionAtMs: number) => ({ status: 'Unknown', lastTransitionAtMs }) as const;

  function check(title: string, parts: Partial<PodView>, expected: string, metric: PodMetric | undefined = sample) {
    it(`${title} -> ${expected}`, () => expect(classify(parts, metric)).to.equal(expected));
  }
  function checkMissing(title: string, parts: Partial<PodView>, expected: string) {
    it(`${title} -> ${expected}`, () => expect(classify(parts, undefined)).to.equal(expected));
  }
  check('being deleted', { deleting: true }, 'ignored by deleting');
  check('failed', { phase: 'Failed' }, 'ignored by failed');
  check('failed and being deleted', { phase: 'Failed', deleting: true }, 'ignored by deleting');
  check('pending, even with a metric', { phase: 'Pending' }, 'unready by pending');
  for (const phase of ['Running', 'Succeeded', 'Unknown', '']) {
    checkMissing(`no metric in phase "${phase}"`, { phase }, 'missing by no-metric');
    check(`a metric in phase "${phase}"`, { phase }, 'ready by ready');
  }
  checkMissing('failed without metric', { phase: 'Failed' }, 'ignored by failed');

  // Readiness
  check('no Ready condition', { ready: undefined }, 'unready by no-ready-condition');
  check('not started', { startedAtMs: undefined }, 'unready by no-ready-condition');

  // Within the initialization period of five minutes
  const young = { startedAtMs: ago(299) };
  check('young and not ready', { ...young, ready: unready(ago(100)) }, 'unready by initializing');
  check('young, ready for a window', { ...young, ready: ready(ago(60)) }, 'ready by ready');
  check('young, ready for less', { ...young, ready: ready(ago(59)) }, 'unready by initializing');
  const early = podMetric(100n, { timestampMs: ago(10) });
  check('young, sampled before a window passed', { ...young, ready: ready(ago(69)) }, 'unready by initializing', early);
  check('young, Ready unknown', { ...young, ready: unknown(ago(100)) }, 'ready by ready');
  check('five minutes old, not ready for long', { startedAtMs: ago(300), ready: unready(ago(100)) }, 'ready by ready');

  // After it: only a pod that never was ready is unready
  const old = { startedAtMs: ago(600) };
  check('not ready within 30 s of its start', { ...old, ready: unready(ago(571)) }, 'unready by never-ready');
  check('not ready since 30 s after its start', { ...old, ready: unready(ago(570)) }, 'ready by ready');
  check('unknown within 30 s of its start', { ...old, ready: unknown(ago(599)) }, 'ready by ready');
  check('ready since its start, whatever the sample', { ...old, ready: ready(ago(600)) }, 'ready by ready', early);
  check('no transition time', { ...old, ready: unready(0) }, 'unready by never-ready');

  it('does not look at readiness where that plays no part', () => {
    expect(classify({ ready: undefined }, sample, {})).to.equal('ready by ready');
    expect(classify({ phase: 'Pending' }, sample, {})).to.equal('unready by pending');
  });
});

describe('groups added up', () => {
  const requestOf = createRequestReader({ resource: 'cpu', container: '', podLevelResources: true });

  it('count pods, usage and requests, and metrics without pod', () => {
    const { pods, metrics } = podsOf('R100 R250 U30 P=- R=- R=- F1 x7 x8');
    const grouped = groupPods(pods, metrics, { ...question, requestOf });
    expect(grouped.ready).to.deep.equal({ count: 2, usageMilli: 350n, requestMilli: 2000n });
    expect(grouped.unready).to.deep.include({ count: 2, requestMilli: 2000n });
    expect(grouped.missing).to.deep.equal({ count: 2, usageMilli: 0n, requestMilli: 2000n });
    expect(grouped.strays).to.deep.equal({ count: 2, usageMilli: 15n });
    expect(grouped.requestFailure).to.equal(undefined);
  });

  it('keep the working of every pod, in the order given', () => {
    const { pods, metrics } = podsOf('R100 P=- D5');
    const { workings } = groupPods(pods, metrics, { ...question, requestOf });
    expect(workings).to.deep.equal([
      { pod: 'r-0', group: 'ready', rule: 'ready', usageMilli: 100n, requestMilli: 1000n },
      { pod: 'p-2', group: 'unready', rule: 'pending', usageMilli: undefined, requestMilli: 1000n },
      { pod: 'd-3', group: 'ignored', rule: 'deleting', usageMilli: 5n, requestMilli: 1000n },
    ]);
  });

  it('fail by the first pod by name of those without request, in whatever order they come', () => {
    const bare = template({ containers: [{ name: 'app', requestsMilli: {} }] });
    const pods = ['c', 'a', 'b'].map((name) => pod(name, { template: name === 'c' ? template() : bare }));
    for (const order of [pods, pods.toReversed()]) {
      const { requestFailure } = groupPods(order, new Map(), { ...question, requestOf });
      expect(requestFailure).to.equal('missing request for cpu in container app of Pod a');
    }
  });

  it('of requests fail on pods that take no part', () => {
    const bare = template({ containers: [], podRequestsMilli: { memory: 1n } });
    const pods = [pod('a'), pod('b', { phase: 'Failed', template: bare })];
    const { requestFailure } = groupPods(pods, new Map(), { ...question, requestOf });
    expect(requestFailure).to.equal('missing pod-level request for cpu in Pod b');
  });
});
