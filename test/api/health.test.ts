import { expect } from 'chai';
import { ApiHarness, createPki } from './api-harness.ts';

describe('api: health', () => {
  let api: ApiHarness;
  before(async () => {
    api = await new ApiHarness(createPki()).start();
  });
  after(() => api.stop());

  type Probe = keyof ApiHarness['probes'];

  function check(path: string, failing: Probe | undefined, code: number, text: string, nosniff = true): void {
    it(`answers ${code} to ${path} when ${failing ?? 'nothing'} fails`, async () => {
      if (failing !== undefined) api.probes[failing] = false;
      try {
        const answer = await api.ask(path);
        expect([answer.code, answer.text]).to.deep.equal([code, text]);
        expect(answer.headers['content-type']).to.equal('text/plain; charset=utf-8');
        expect(answer.headers['x-content-type-options']).to.equal(nosniff ? 'nosniff' : undefined);
      } finally {
        if (failing !== undefined) api.probes[failing] = true;
      }
    });
  }

  describe('of an endpoint', () => {
    check('/readyz', undefined, 200, 'ok');
    check('/livez', undefined, 200, 'ok');
    check('/healthz', undefined, 200, 'ok');
    const hooks = ['poststarthook/max-in-flight-filter', 'poststarthook/storage-object-count-tracker-hook'];
    const readyz = [
      'ping',
      'log',
      ...hooks,
      'metric-storage-ready',
      'metric-informer-sync',
      'metadata-informer-sync',
      'shutdown',
    ];
    const lines = (names: string[], failed = ''): string =>
      names.map((name) => (name === failed ? `[-]${name} failed: reason withheld\n` : `[+]${name} ok\n`)).join('');
    check('/readyz?verbose', undefined, 200, `${lines(readyz)}readyz check passed\n`);
    check(
      '/livez?verbose=1',
      undefined,
      200,
      `${lines(['ping', 'log', ...hooks, 'metric-collection-timely', 'metadata-informer-sync'])}livez check passed\n`,
    );
    check(
      '/healthz?verbose',
      undefined,
      200,
      `${lines(['ping', 'log', ...hooks, 'metadata-informer-sync'])}healthz check passed\n`,
    );
    check('/readyz', 'hasUsages', 500, `${lines(readyz, 'metric-storage-ready')}readyz check failed\n`);
    check('/readyz', 'nodesSynced', 500, `${lines(readyz, 'metric-informer-sync')}readyz check failed\n`);
    check('/readyz', 'isCollectionTimely', 200, 'ok');
    check(
      '/livez',
      'isCollectionTimely',
      500,
      `${lines(['ping', 'log', ...hooks, 'metric-collection-timely', 'metadata-informer-sync'], 'metric-collection-timely')}livez check failed\n`,
    );
    check('/livez', 'hasUsages', 200, 'ok');
    check('/readyz?exclude=metric-storage-ready', 'hasUsages', 200, 'ok');
    check(
      '/readyz?exclude=metric-storage-ready&verbose&exclude=b&exclude=a',
      'hasUsages',
      200,
      `${lines(readyz.slice(0, 4))}[+]metric-storage-ready excluded: ok\n${lines(readyz.slice(5))}warn: some health checks cannot be excluded: no matches for "a","b"\nreadyz check passed\n`,
    );
  });

  describe('of one check', () => {
    check('/readyz/ping', undefined, 200, 'ok', false);
    check('/readyz/metric-storage-ready', 'hasUsages', 500, 'internal server error: no metrics to serve\n');
    check(
      '/readyz/metric-informer-sync',
      'nodesSynced',
      500,
      'internal server error: cache for node informer has not synced\n',
    );
    check(
      '/readyz/metric-informer-sync',
      'podsSynced',
      500,
      'internal server error: cache for pod informer has not synced\n',
    );
    check(
      '/livez/metric-collection-timely',
      'isCollectionTimely',
      500,
      "internal server error: metric collection didn't finish on time\n",
    );
    check('/livez/log', undefined, 200, 'ok', false);
  });
});
