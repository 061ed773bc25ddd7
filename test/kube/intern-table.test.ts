import { expect } from 'chai';
import { InternTable } from '../../src/kube/intern-table.ts';
import { LruMap } from '../../src/kube/lru-map.ts';

describe('InternTable', () => {
  it('makes a value once and shares it', () => {
    const table = new InternTable<object>(10);
    const value = table.get('a', () => ({}));
    expect(table.get('a', () => ({}))).to.equal(value);
  });

  it('stays bounded, and keeps sharing what is in use', () => {
    const table = new InternTable<object>(10);
    const used = table.get('used', () => ({}));
    for (let index = 0; index < 1000; index++) {
      table.get(`once-${index}`, () => ({}));
      expect(table.get('used', () => ({}))).to.equal(used);
      expect(table.size).to.be.at.most(20);
    }
  });
});

describe('LruMap', () => {
  it('forgets what was used longest ago', () => {
    const map = new LruMap<number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).to.deep.equal([1, undefined, 3, 2]);
  });
});
