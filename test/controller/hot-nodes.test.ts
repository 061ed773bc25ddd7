import { expect } from 'chai';
import { decide } from '../../src/controller/decide/decide.ts';
import type { Observation } from '../../src/controller/decide/types.ts';
import { HotNodes } from '../../src/controller/hot-nodes.ts';
import type { PodView } from '../../src/lib/views.ts';
import { nowMs, observation, pod, podMetric } from '../support/observation-builders.ts';

/** These pods of one core, which use so many milli-cores each; their target is 500, so that 900 is too much. */
function using(milli: number, pods: readonly PodView[]): Observation {
  const metrics = new Map(pods.map(({ name }) => [name, podMetric(BigInt(milli))]));
  return observation({ replicas: pods.length, pods: { pods, metrics } });
}

const on = (nodeName: string, name: string, parts: Partial<PodView> = {}): PodView => pod(name, { nodeName, ...parts });

describe('HotNodes', () => {
  let hot: HotNodes;
  const decided = (key: string, seen: Observation, hasRisen = false): void =>
    hot.decided(key, seen, decide(seen, undefined, nowMs), hasRisen);
  const shown = (): Record<string, string[]> =>
    Object.fromEntries(
      [...hot.rising.names()].map((name) => [name, [...hot.rising.podsOn(name)].map((entry) => entry.name)]),
    );
  beforeEach(() => {
    hot = new HotNodes();
  });

  it('are those with pods of a hot autoscaler, and the pods are named', () => {
    decided('a', using(900, [on('n1', 'a1'), on('n1', 'a2'), on('n2', 'a3')]));
    decided('b', using(100, [on('n3', 'b1')]));
    expect(shown()).to.deep.equal({ n1: ['a1', 'a2'], n2: ['a3'] });
    expect([hot.rising.size, hot.rising.has('n1'), hot.rising.has('n3')]).to.deep.equal([2, true, false]);
    expect([...hot.rising.podsOn('n3')]).to.deep.equal([]);
  });

  it('stay hot while any autoscaler says so', () => {
    decided('a', using(900, [on('n1', 'a1')]));
    decided('b', using(900, [on('n1', 'b1')]));
    decided('a', using(100, [on('n1', 'a1')]));
    expect(shown()).to.deep.equal({ n1: ['b1'] });
    hot.delete('b');
    expect(shown()).to.deep.equal({});
  });

  it('follow the pods', () => {
    decided('a', using(900, [on('n1', 'a1'), on('n2', 'a2')]));
    decided('a', using(900, [on('n1', 'a1'), on('n3', 'a2')]));
    expect(shown()).to.deep.equal({ n1: ['a1'], n3: ['a2'] });
    decided('a', using(900, [on('n1', 'a1')]));
    expect(shown()).to.deep.equal({ n1: ['a1'] });
  });

  it('are not those of pods that are not bound or do not run', () => {
    decided('a', using(900, [on('n1', 'a1'), on('n2', 'a2', { phase: 'Succeeded' }), on('', 'a3')]));
    expect(shown()).to.deep.equal({ n1: ['a1'] });
  });

  it('have a new version when one becomes hot, and only then', () => {
    const pods = [on('n1', 'a1'), on('n2', 'a2')];
    decided('a', using(900, pods));
    const { version } = hot.rising;
    decided('a', using(920, pods));
    decided('b', using(900, [on('n1', 'b1')]));
    expect(hot.rising.version).to.equal(version);
    decided('c', using(900, [on('n3', 'c1')]));
    expect(hot.rising.version).to.be.above(version);
  });

  it('are near ones as long as nothing changes, rising ones when a pod has risen, and never both for one autoscaler', () => {
    const pods = [on('n1', 'a1')];
    const names = (): readonly (readonly string[])[] => [[...hot.near.names()], [...hot.rising.names()]];
    decided('a', using(500, pods));
    expect(names()).to.deep.equal([['n1'], []]);
    decided('a', using(520, pods), true);
    expect(names()).to.deep.equal([[], ['n1']]);
    decided('a', using(520, pods));
    expect(names()).to.deep.equal([['n1'], []]);
    decided('b', using(900, [on('n1', 'b1')]));
    expect(names()).to.deep.equal([['n1'], ['n1']]);
    hot.delete('a');
    hot.delete('b');
    expect(names()).to.deep.equal([[], []]);
  });
});
