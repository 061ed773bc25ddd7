import { expect } from 'chai';
import { HistoryStore } from '../../src/controller/history-store.ts';
import { emptyMemory } from '../../src/controller/memory.ts';
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
