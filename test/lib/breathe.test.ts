import { expect } from 'chai';
import { nextTurn } from '../../src/lib/breathe.ts';

describe('lib: turns', () => {
  it('are given one in each round of the event loop, to those who came first', async () => {
    let round = 0;
    const given: { readonly caller: number; readonly inRound: number }[] = [];
    const countRounds = (): void => {
      round += 1;
      if (given.length < 3) setImmediate(countRounds);
    };
    setImmediate(countRounds);
    const callers = [0, 1, 2].map(async (caller) => {
      await nextTurn();
      given.push({ caller, inRound: round });
    });
    await Promise.all(callers);
    expect(given).to.deep.equal([
      { caller: 0, inRound: 1 },
      { caller: 1, inRound: 2 },
      { caller: 2, inRound: 3 },
    ]);
  });

  it('go on after a time without any', async () => {
    await nextTurn();
    await nextTurn();
    let isGiven = false;
    const take = async (): Promise<void> => {
      await nextTurn();
      isGiven = true;
    };
    const turn = take();
    await Promise.resolve();
    expect(isGiven, 'before the event loop went round').to.equal(false);
    await turn;
    expect(isGiven).to.equal(true);
  });
});
