import { expect } from 'chai';
import { type Change, Population } from '../../bench/soak-population.ts';

const options = { nodes: 10, podsPerNode: 30, hpas: 5, seed: 1 };

/** A good deal of everything. */
function churn(population: Population): readonly Change[] {
  const [app] = population.apps;
  if (app === undefined) throw new Error('no app');
  const changes: Change[] = [];
  for (let turn = 0; turn < 100; turn++) {
    changes.push(population.replacePods(3), population.replaceNode(), population.scale(app, 2 + (turn % 9)));
  }
  return changes;
}

describe('bench/soak-population', () => {
  it('begins with as many pods as asked for, evenly over the nodes', () => {
    const population = new Population(options);
    const perNode = Map.groupBy(population.pods, ({ nodeName }) => nodeName);
    expect([...perNode.values()].map((pods) => pods.length)).to.deep.equal(Array.from({ length: 10 }, () => 30));
    expect(population.apps.filter(({ isAutoscaled }) => isAutoscaled)).to.have.length(5);
  });

  it('the same seed gives the same changes, another seed others', () => {
    const names = (seed: number): string =>
      JSON.stringify(churn(new Population({ ...options, seed })).map(({ stopped }) => stopped.map(({ name }) => name)));
    expect(names(1)).to.equal(names(1));
    expect(names(1)).not.to.equal(names(2));
  });

  it('knows at any time what the changes leave', () => {
    const population = new Population(options);
    const names = new Set(population.pods.map(({ name }) => name));
    for (const { stopped, started } of churn(population)) {
      for (const { name } of stopped) expect(names.delete(name)).to.equal(true);
      for (const { name } of started) names.add(name);
    }
    expect(new Set(population.pods.map(({ name }) => name))).to.deep.equal(names);
    expect(population.apps.flatMap(({ pods }) => [...pods])).to.have.members(population.pods);
  });

  it('no name, UID or node comes twice', () => {
    const population = new Population(options);
    const first = [...population.pods];
    const changes = churn(population);
    const pods = [...first, ...changes.flatMap(({ started }) => started)];
    expect(new Set(pods.map(({ uid }) => uid)).size).to.equal(pods.length);
    expect(new Set(pods.map(({ name }) => name)).size).to.equal(pods.length);
    const joined = changes.flatMap((change) => change.joined ?? []);
    expect(joined).to.deep.equal(Array.from({ length: 100 }, (_, index) => 10 + index));
  });

  it('a pod is replaced by one of the same app; a node goes with all its pods, which begin again on the new one', () => {
    const population = new Population(options);
    const { stopped, started } = population.replacePods(3);
    expect(started.map(({ app }) => app)).to.deep.equal(stopped.map(({ app }) => app));
    const change = population.replaceNode();
    expect(population.pods.some(({ nodeIndex }) => nodeIndex === change.left)).to.equal(false);
    expect(new Set(change.started.map(({ nodeIndex }) => nodeIndex))).to.deep.equal(new Set([10]));
    expect(population.nodes).to.include(10).and.not.to.include(change.left);
  });
});
