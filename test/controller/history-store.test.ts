import { expect } from 'chai';
import { HistoryStore } from '../../src/controller/history-store.ts';
import { history } from '../support/observation-builders.ts';

describe('the store of histories', () => {
  it('knows an object by its uid, not by its name alone', () => {
    const store = new HistoryStore();
    store.set('a', { uid: 'one', history: history(), lastScaleAtMs: undefined });
    expect(store.get('a', 'one')).not.to.equal(undefined);
    expect(store.get('a', 'two')).to.equal(undefined);
  });

  it('keeps the newest entries when there are more than any window needs', () => {
    const store = new HistoryStore();
    const recommendations = Array.from({ length: 5000 }, (_, index) => ({ replicas: index, atMs: index }));
    store.set('a', { uid: 'one', history: { ...history(), recommendations }, lastScaleAtMs: undefined });
    const kept = store.get('a', 'one')?.history.recommendations ?? [];
    expect([kept.length, kept[0]?.replicas, kept.at(-1)?.replicas]).to.deep.equal([3600, 1400, 4999]);
  });
});
