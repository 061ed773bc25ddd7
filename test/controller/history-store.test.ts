import { expect } from 'chai';
import { HistoryStore, type Remembered, withChangeOfStatus } from '../../src/controller/history-store.ts';
import { emptyMemory } from '../../src/controller/memory.ts';
import { parseAutoscaler } from '../../src/crd/parse.ts';
import type { Autoscaler } from '../../src/crd/types.ts';
import { history } from '../support/observation-builders.ts';

describe('the store of histories', () => {
  it('knows an object by its uid, not by its name alone', () => {
    const store = new HistoryStore();
    store.set('a', { uid: 'one', ...emptyMemory, lastScaleAtMs: undefined });
    expect(store.get('a', 'one')).not.to.equal(undefined);
    expect(store.get('a', 'two')).to.equal(undefined);
  });

  it('keeps the newest entries when there are more than any window needs', () => {
    const store = new HistoryStore();
    const recommendations = Array.from({ length: 5000 }, (_, index) => ({ replicas: index, atMs: index }));
    const memory = { ...emptyMemory, history: { ...history(), recommendations }, between: recommendations };
    store.set('a', { uid: 'one', ...memory, lastScaleAtMs: undefined });
    const kept = store.get('a', 'one');
    for (const list of [kept?.history.recommendations ?? [], kept?.between ?? []]) {
      expect([list.length, list[0]?.replicas, list.at(-1)?.replicas]).to.deep.equal([3600, 1400, 4999]);
    }
  });
});

describe('the store of histories, asked whether replicas changed', () => {
  it('says so for each change that is remembered, however old it is, and for nothing else', () => {
    const store = new HistoryStore();
    const versions: number[] = [];
    const put = (key: string, lastScaleAtMs: number): void => {
      store.set(key, { uid: 'one', ...emptyMemory, lastScaleAtMs });
      versions.push(store.scalesVersion);
    };
    put('a', 10_000);
    put('a', 10_000);
    put('b', 9_980);
    put('b', 9_980);
    expect(versions).to.deep.equal([1, 1, 2, 2]);
  });
});

describe('a change of replicas that a status tells of', () => {
  const noonMs = 1_800_000_000_000;
  const behavior = { scaleUp: { policies: [{ type: 'Pods', value: 4, periodSeconds: 600 }] } };
  interface Told {
    readonly atMs?: number | undefined;
    readonly reason?: string;
    readonly from?: number;
    readonly to?: number;
  }
  const statusOf = ({ atMs, reason = 'SucceededRescale', from = 9, to = 10 }: Told): Autoscaler =>
    parseAutoscaler(
      {
        metadata: { namespace: 'shop', name: 'web', uid: 'u', resourceVersion: '1' },
        spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 20, behavior },
        status: {
          currentReplicas: from,
          desiredReplicas: to,
          lastScaleTime: atMs === undefined ? undefined : new Date(atMs).toISOString(),
          conditions: [{ type: 'AbleToScale', status: 'True', reason }],
        },
      },
      'HorizontalPodAutoscaler',
    );
  const known = (lastScaleAtMs: number): Remembered => ({ ...emptyMemory, uid: 'u', lastScaleAtMs });
  /** How many replicas were added, as far as it is news. */
  const learnt = (before: Remembered | undefined, told: Told, previous?: Told): readonly number[] => {
    const after = withChangeOfStatus(before, statusOf(told), previous && statusOf(previous));
    return after?.history.scaleUpEvents.map(({ replicaChange }) => replicaChange) ?? [];
  };
  const check = (title: string, actual: () => readonly number[], expected: readonly number[]): void => {
    it(title, () => expect(actual()).to.deep.equal(expected));
  };

  describe('is news', () => {
    check('to who sees it for the first time', () => learnt(undefined, { atMs: noonMs }), [1]);
    check('to who knows of an earlier one', () => learnt(known(noonMs - 60_000), { atMs: noonMs }), [1]);
    check('to a follower', () => learnt(undefined, { atMs: noonMs }, {}), [1]);
    check(
      'to a follower whose own clock was ahead when it led',
      () => learnt(known(noonMs + 600_000), { atMs: noonMs }, { atMs: noonMs + 600_000 }),
      [1],
    );
  });

  describe('is none', () => {
    check('to who knows it', () => learnt(known(noonMs + 300), { atMs: noonMs }), []);
    check('to who knows it, and has just written it', () => learnt(known(noonMs + 300), { atMs: noonMs }, {}), []);
    check('to who knows of a later one', () => learnt(known(noonMs + 5_000), { atMs: noonMs }), []);
    check('to a follower that saw it before', () => learnt(known(0), { atMs: noonMs }, { atMs: noonMs }), []);
    check('without a time', () => learnt(undefined, {}), []);
    check(
      'of replicas that differ because somebody changed them and metrics fail since',
      () => learnt(undefined, { atMs: noonMs, reason: 'SucceededGetScale', from: 3 }),
      [],
    );
  });

  it('leaves what was remembered besides', () => {
    const recommendations = [{ replicas: 3, atMs: 5 }];
    const before = { ...known(0), history: { ...history(), recommendations } };
    const after = withChangeOfStatus(before, statusOf({ atMs: noonMs }), undefined);
    expect(after).to.deep.include({ uid: 'u', lastScaleAtMs: noonMs });
    expect(after.history.recommendations).to.equal(recommendations);
  });
});
