// At most so many at a time, in order.
import { expect } from 'chai';
import { Limiter } from '../../src/metrics/limiter.ts';

describe('Limiter', () => {
  it('runs at most so many tasks at a time, the waiting ones in order, and goes on after failures', async () => {
    const limiter = new Limiter(2);
    const log: string[] = [];
    const gates = new Map<string, PromiseWithResolvers<void>>();
    const task = (name: string): Promise<string> =>
      limiter.run(async () => {
        log.push(name);
        const gate = Promise.withResolvers<void>();
        gates.set(name, gate);
        await gate.promise;
        return name;
      });
    const tasks = ['a', 'b', 'c', 'd'].map(task);
    await Promise.resolve();
    expect(log).to.deep.equal(['a', 'b']);
    gates.get('b')?.reject(new Error('b failed'));
    expect((await Promise.allSettled([tasks[1]]))[0]?.status).to.equal('rejected');
    await Promise.resolve();
    expect(log).to.deep.equal(['a', 'b', 'c']);
    gates.get('a')?.resolve();
    expect(await tasks[0]).to.equal('a');
    await Promise.resolve();
    expect(log).to.deep.equal(['a', 'b', 'c', 'd']);
    for (const name of ['c', 'd']) gates.get(name)?.resolve();
    expect(await Promise.all([tasks[2], tasks[3]])).to.deep.equal(['c', 'd']);
    // All places are free again.
    const later = [task('e'), task('f')];
    await Promise.resolve();
    expect(log.slice(4)).to.deep.equal(['e', 'f']);
    for (const name of ['e', 'f']) gates.get(name)?.resolve();
    await Promise.all(later);
  });
});
