import { expect } from 'chai';
import { EditLedger, nextEdit } from '../../bench/soak-edits.ts';

describe('bench/soak-edits', () => {
  const check = (round: number, replicas: number, bounds: readonly [number, number]): void => {
    it(`edit ${round} of an autoscaler with ${replicas} replicas allows ${bounds.join(' to ')}`, () => {
      const { min, max, spec } = nextEdit(round, replicas);
      expect([min, max]).to.deep.equal(bounds);
      expect(spec).to.include({ minReplicas: min, maxReplicas: max });
    });
  };

  check(0, 6, [8, 20]);
  check(0, 20, [20, 20]);
  check(1, 8, [2, 20]);
  check(2, 8, [2, 7]);
  check(2, 2, [2, 2]);
  check(3, 7, [2, 20]);

  const follow = (replicas: number, askedAtMs: number): ReturnType<EditLedger['see']> => {
    const ledger = new EditLedger(35_000);
    ledger.edited('shop/web', { spec: {}, min: 8, max: 20 }, 6, 1000);
    return ledger.see(new Map([['shop/web', replicas]]), askedAtMs);
  };

  it('an edit that forced replicas is obeyed when they are seen within its bounds', () => {
    expect(follow(8, 3000)).to.deep.equal({ obeyedAfterMs: [2000], ignored: [] });
  });

  it('an edit is waited for', () => {
    expect(follow(6, 36_000)).to.deep.equal({ obeyedAfterMs: [], ignored: [] });
  });

  it('an edit without effect for too long is ignored', () => {
    expect(follow(6, 36_001).ignored).to.have.length(1);
  });

  it('a list from before the edit says nothing about it', () => {
    expect(follow(8, 999)).to.deep.equal({ obeyedAfterMs: [], ignored: [] });
  });

  it('an edit that is ignored is told once, and is pending until it is obeyed', () => {
    const ledger = new EditLedger(10);
    ledger.edited('shop/web', { spec: {}, min: 8, max: 20 }, 6, 0);
    expect(ledger.see(new Map([['shop/web', 6]]), 11).ignored).to.have.length(1);
    expect(ledger.see(new Map([['shop/web', 6]]), 12).ignored).to.have.length(0);
    expect(ledger.isPending('shop/web')).to.equal(true);
    expect(ledger.see(new Map([['shop/web', 9]]), 13).obeyedAfterMs).to.deep.equal([13]);
    expect(ledger.isPending('shop/web')).to.equal(false);
  });

  it('an edit that allows what there is forces nothing', () => {
    const ledger = new EditLedger(10);
    ledger.edited('shop/web', { spec: {}, min: 2, max: 20 }, 6, 0);
    expect(ledger.see(new Map([['shop/web', 6]]), 5)).to.deep.equal({ obeyedAfterMs: [], ignored: [] });
    expect(ledger.isPending('shop/web')).to.equal(false);
  });
});
