import { expect } from 'chai';
import { decide } from '../../src/controller/decide/decide.ts';
import type { Observation } from '../../src/controller/decide/types.ts';
import { HotNodes } from '../../src/controller/hot-nodes.ts';
import type { PodView } from '../../src/lib/views.ts';
import { nowMs, observation, pod, podMetric } from '../support/observation-builders.ts';

/** These pods of one core, which use so many milli-cores each; their target is 500. */
function using(milli: number, pods: readonly PodView[]): Observation {
  const metrics = new Map(pods.map(({ name }) => [name, podMetric(BigInt(milli))]));
  return observation({ replicas: pods.length, pods: { pods, metrics } });
}

const on = (nodeName: string, name: string, parts: Partial<PodView> = {}): PodView => pod(name, { nodeName, ...parts });

describe('HotNodes', () => {
  let hot: HotNodes;
  const decided = (key: string, seen: Observation, isSync = false): void =>
    hot.decided(key, seen, decide(seen, undefined, nowMs), isSync);
  const shown = (): Record<string, string[]> =>
    Object.fromEntries([...hot.names()].map((name) => [name, [...hot.podsOn(name)].map((entry) => entry.name)]));
  beforeEach(() => {
    hot = new HotNodes();
  });

  it('are those with pods of a hot autoscaler, and the pods are named', () => {
    decided('a', using(500, [on('n1', 'a1'), on('n1', 'a2'), on('n2', 'a3')]));
    decided('b', using(100, [on('n3', 'b1')]));
    expect(shown()).to.deep.equal({ n1: ['a1', 'a2'], n2: ['a3'] });
    expect([hot.size, hot.has('n1'), hot.has('n3')]).to.deep.equal([2, true, false]);
    expect([...hot.podsOn('n3')]).to.deep.equal([]);
  });

  it('stay hot while any autoscaler says so', () => {
    decided('a', using(500, [on('n1', 'a1')]));
    decided('b', using(500, [on('n1', 'b1')]));
    decided('a', using(100, [on('n1', 'a1')]));
    expect(shown()).to.deep.equal({ n1: ['b1'] });
    hot.delete('b');
    expect(shown()).to.deep.equal({});
  });

  it('follow the pods', () => {
    decided('a', using(500, [on('n1', 'a1'), on('n2', 'a2')]));
    decided('a', using(500, [on('n1', 'a1'), on('n3', 'a2')]));
    expect(shown()).to.deep.equal({ n1: ['a1'], n3: ['a2'] });
    decided('a', using(500, [on('n1', 'a1')]));
    expect(shown()).to.deep.equal({ n1: ['a1'] });
  });

  it('are not those of pods that are not bound or do not run', () => {
    decided('a', using(500, [on('n1', 'a1'), on('n2', 'a2', { phase: 'Succeeded' }), on('', 'a3')]));
    expect(shown()).to.deep.equal({ n1: ['a1'] });
  });

  it('have a new version when one becomes hot, and only then', () => {
    const pods = [on('n1', 'a1'), on('n2', 'a2')];
    decided('a', using(500, pods));
    const { version } = hot;
    decided('a', using(520, pods));
    decided('b', using(500, [on('n1', 'b1')]));
    expect(hot.version).to.equal(version);
    decided('c', using(500, [on('n3', 'c1')]));
    expect(hot.version).to.be.above(version);
  });

  it('become hot when usage rises from one sync to the next look, and no longer once a sync knows it', () => {
    const pods = [on('n1', 'a1')];
    decided('a', using(200, pods), true);
    decided('a', using(230, pods));
    expect(hot.size).to.equal(0);
    decided('a', using(300, pods));
    expect(hot.size).to.equal(1);
    decided('a', using(300, pods), true);
    expect(hot.size).to.equal(1);
    decided('a', using(300, pods), true);
    expect(hot.size).to.equal(0);
  });

  it('forget what usage was with the autoscaler', () => {
    decided('a', using(200, [on('n1', 'a1')]), true);
    hot.delete('a');
    decided('a', using(300, [on('n1', 'a1')]));
    expect(hot.size).to.equal(0);
  });
});
