import { expect } from 'chai';
import { type ApiMetricSpec, createCustomMetrics } from '../../src/controller/custom-metrics.ts';
import type { LabelSelectorSpec } from '../../src/crd/types.ts';
import { ApiStatusError } from '../../src/kube/api-status-error.ts';
import type { RestMapper } from '../../src/kube/rest-mapper.ts';
import type { ApiClient } from '../../src/kube/types.ts';
import { HeadroomError } from '../../src/lib/errors.ts';
import { parseLabelSelector } from '../../src/lib/label-selector.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { target } from '../support/observation-builders.ts';

const group = (versions: readonly string[], preferred = versions[0]): unknown => ({
  name: 'custom.metrics.k8s.io',
  versions: versions.map((version) => ({ version })),
  preferredVersion: { version: preferred },
});
const service = { apiVersion: 'v1', kind: 'Service', name: 'front' };
const podsSpec = (name = 'rps', selector?: LabelSelectorSpec): ApiMetricSpec => ({
  type: 'Pods',
  metric: { name, selector },
  target: target({ averageValueMilli: 1n }),
});
const objectSpec = (describedObject = service, selector?: LabelSelectorSpec): ApiMetricSpec => ({
  type: 'Object',
  metric: { name: 'hits', selector },
  describedObject,
  target: target({ valueMilli: 1n }),
});
const externalSpec = (selector?: LabelSelectorSpec): ApiMetricSpec => ({
  type: 'External',
  metric: { name: 'queue', selector },
  target: target({ valueMilli: 1n }),
});
const item = (name: string, value: string, more: object = {}): object => ({
  describedObject: { kind: 'Pod', namespace: 'shop', name, apiVersion: '/v1' },
  timestamp: '2026-11-21T11:11:44Z',
  value,
  ...more,
});

/** A world whose discovery and metrics answers are given; `asked` are the requests for metrics. */
function world(
  items: readonly object[],
  groups: readonly unknown[] = [group(['v1beta1', 'v1beta2'], 'v1beta2')],
  document: object = { groups },
) {
  const asked: string[] = [];
  const state = { discoveries: 0, longestMs: 0, failure: undefined as Error | undefined };
  const api: ApiClient = {
    request: <T>({ path, query, deadlineMs }: Parameters<ApiClient['request']>[0]) => {
      state.longestMs = Math.max(state.longestMs, deadlineMs ?? 0);
      if (path === '/apis') {
        state.discoveries += 1;
        return Promise.resolve(document as T);
      }
      asked.push(`${path} ${JSON.stringify(query)}`);
      return state.failure === undefined ? Promise.resolve({ items } as T) : Promise.reject(state.failure);
    },
    stream: () => Promise.reject(new Error('not served')),
  };
  const mapper: RestMapper = {
    resourceFor: (kind, name) =>
      kind === 'Service' || kind === 'Ingress'
        ? Promise.resolve({
            group: name,
            version: 'v1',
            resource: kind === 'Service' ? 'services' : 'ingresses',
            kind,
            namespaced: true,
            scaleApiVersion: undefined,
          })
        : Promise.reject(new HeadroomError('KIND_UNKNOWN', `no matches for kind "${kind}" in group "${name}"`)),
  };
  const clock = new FakeClock();
  const metrics = createCustomMetrics({ api, mapper, clock, discoveryMaxAgeMs: 15_000 });
  const read = (spec: ApiMetricSpec) => metrics.read('shop', spec, parseLabelSelector('tier=front,app=web'));
  return { read, asked, state, clock };
}

describe('metrics from the custom and external metrics APIs', () => {
  describe('are asked for at', () => {
    const check = (title: string, spec: ApiMetricSpec, expected: string): void => {
      it(title, async () => {
        const { read, asked } = world([item('web-1', '1')]);
        await read(spec);
        expect(asked).to.deep.equal([expected]);
      });
    };
    const custom = '/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop';
    const external = '/apis/external.metrics.k8s.io/v1beta1/namespaces/shop';
    const selector = { matchLabels: { verb: 'GET' } };
    check('pods', podsSpec(), `${custom}/pods/%2A/rps {"labelSelector":"app=web,tier=front"}`);
    check(
      'pods, narrowed down',
      podsSpec('rps', selector),
      `${custom}/pods/%2A/rps {"labelSelector":"app=web,tier=front","metricLabelSelector":"verb=GET"}`,
    );
    check(
      'a metric with an odd name',
      podsSpec('a b?c'),
      `${custom}/pods/%2A/a%20b%3Fc {"labelSelector":"app=web,tier=front"}`,
    );
    check('an object', objectSpec(), `${custom}/services/front/hits {}`);
    check(
      'an object of a group',
      objectSpec({ apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'i' }, selector),
      `${custom}/ingresses.networking.k8s.io/i/hits {"metricLabelSelector":"verb=GET"}`,
    );
    check(
      'a namespace, which is always its own',
      objectSpec({ apiVersion: 'v1', kind: 'Namespace', name: 'other' }),
      `${custom}/metrics/hits {}`,
    );
    check('an external metric', externalSpec(), `${external}/queue {}`);
    check(
      'an external metric, narrowed down',
      externalSpec(selector),
      `${external}/queue {"labelSelector":"verb=GET"}`,
    );
  });

  it('are waited for longer than the minute after which an API server gives up, and says so', async () => {
    const { read, state } = world([item('front', '1')]);
    await read(objectSpec());
    expect(state.longestMs).to.be.greaterThan(60_000);
  });

  describe('are read', () => {
    it('of pods by name, with the window of either version or a minute', async () => {
      const { read } = world([
        item('a', '300m'),
        item('b', '5', { window: 30 }),
        item('c', '1500u', { windowSeconds: 90 }),
      ]);
      const reading = await read(podsSpec());
      const timestampMs = Date.parse('2026-11-21T11:11:44Z');
      expect(reading.kind === 'pods' && [...reading.metrics]).to.deep.equal([
        ['a', { valueMilli: 300n, timestampMs, windowMs: 60_000 }],
        ['b', { valueMilli: 5000n, timestampMs, windowMs: 30_000 }],
        ['c', { valueMilli: 2n, timestampMs, windowMs: 90_000 }],
      ]);
    });

    it('of an object', async () => {
      expect(await world([item('front', '42')]).read(objectSpec())).to.deep.equal({
        kind: 'object',
        valueMilli: 42_000n,
      });
    });

    it('of an external metric, all values', async () => {
      const items = [
        { metricName: 'queue', value: '1' },
        { metricName: 'queue', value: '-2' },
      ];
      expect(await world(items).read(externalSpec())).to.deep.equal({ kind: 'external', valuesMilli: [1000n, -2000n] });
    });
  });

  describe("fail in upstream's words", () => {
    const check = (
      title: string,
      { read }: ReturnType<typeof world>,
      spec: ApiMetricSpec,
      message: string,
      stage = 'fetch',
    ): void => {
      it(title, async () => {
        expect(await read(spec)).to.deep.equal({ kind: 'failed', stage, message });
      });
    };
    const away = 'the server is currently unable to handle the request (get queue.external.metrics.k8s.io)';
    const failing = world([]);
    failing.state.failure = new ApiStatusError({ code: 503, reason: 'ServiceUnavailable', message: away });
    const selector = { matchExpressions: [{ key: 'k', operator: 'Maybe' }] };
    const debug = '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}';

    check(
      'no pod has the metric',
      world([]),
      podsSpec(),
      'unable to get metric rps: no metrics returned from custom metrics API',
    );
    check(
      'nobody serves custom metrics',
      world([], []),
      podsSpec(),
      'unable to get metric rps: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
    );
    check(
      'only an unknown version is served',
      world([], [group(['v2'])]),
      podsSpec(),
      'unable to get metric rps: unable to fetch metrics from custom metrics API: no known available metric versions found',
    );
    check(
      'an object has no value',
      world([]),
      objectSpec(),
      'unable to get metric hits: Service on shop front/unable to fetch metrics from custom metrics API: the custom metrics API server returned 0 results when we asked for exactly one',
    );
    check(
      'the kind of an object is unknown',
      world([]),
      objectSpec({ apiVersion: 'example.com/v1', kind: 'Crew', name: 'c' }),
      'unable to get metric hits: Crew on shop c/unable to fetch metrics from custom metrics API: unable to map kind Crew.example.com to resource: no matches for kind "Crew" in group "example.com"',
    );
    check(
      'an external metric has no value',
      world([]),
      externalSpec({ matchLabels: { a: 'b' } }),
      `unable to get external metric shop/queue/${debug}: no metrics returned from external metrics API`,
    );
    check(
      'the external metrics API is away',
      failing,
      externalSpec(),
      `unable to get external metric shop/queue/nil: unable to fetch metrics from external metrics API: ${away}`,
    );
    check(
      'a selector is invalid',
      world([]),
      externalSpec(selector),
      '"Maybe" is not a valid label selector operator',
      'selector',
    );

    it('also for an answer that is none', async () => {
      const reading = await world([{ describedObject: 'web-1', value: {} }]).read(podsSpec());
      expect(reading.kind).to.equal('failed');
    });
  });

  describe('are asked of the version', () => {
    const check = (title: string, versions: readonly string[], preferred: string, expected: string): void => {
      it(title, async () => {
        const { read, asked } = world([item('a', '1')], [group(versions, preferred)]);
        await read(podsSpec());
        expect(asked[0]).to.contain(`/apis/custom.metrics.k8s.io/${expected}/`);
      });
    };
    check('that is preferred', ['v1beta1', 'v1beta2'], 'v1beta1', 'v1beta1');
    check('that is known when the preferred one is not', ['v2', 'v1beta1'], 'v2', 'v1beta1');

    const checkAggregated = (title: string, versions: readonly object[], expected: string): void => {
      it(title, async () => {
        const items = [{ metadata: { name: 'apps' } }, { metadata: { name: 'custom.metrics.k8s.io' }, versions }];
        const { read, asked } = world([item('a', '1')], [], { kind: 'APIGroupDiscoveryList', items });
        const reading = await read(podsSpec());
        expect(reading.kind === 'failed' ? reading.message : asked[0]).to.contain(expected);
      });
    };
    checkAggregated(
      'that stands first in aggregated discovery',
      [{ version: 'v1beta1' }, { version: 'v1beta2' }],
      'v1beta1/',
    );
    checkAggregated(
      'that is not stale',
      [
        { version: 'v1beta2', freshness: 'Stale' },
        { version: 'v1beta1', freshness: 'Current' },
      ],
      'v1beta1/',
    );
    checkAggregated(
      'of none when all are stale',
      [{ version: 'v1beta2', freshness: 'Stale' }],
      'custom metrics API: no known available metric versions found',
    );

    it('that one request found for all who asked at the same time', async () => {
      const { read, state } = world([item('a', '1')]);
      await Promise.all([read(podsSpec()), read(podsSpec('hits')), read(objectSpec())]);
      expect(state.discoveries).to.equal(1);
    });

    it('that is found again after a failure', async () => {
      const groups: unknown[] = [];
      const { read } = world([item('a', '1')], groups);
      expect((await read(podsSpec())).kind).to.equal('failed');
      groups.push(group(['v1beta2']));
      expect((await read(podsSpec())).kind).to.equal('pods');
    });

    it('that was discovered, until a sync period has passed', async () => {
      const { read, state, clock } = world([item('a', '1')]);
      await read(podsSpec());
      await read(podsSpec());
      expect(state.discoveries).to.equal(1);
      await clock.advance(15_000);
      await read(podsSpec());
      expect(state.discoveries).to.equal(2);
    });
  });
});
