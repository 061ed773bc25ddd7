import { expect } from 'chai';
import { benchPods, namespacesOf, podCount } from '../../bench/shape.ts';
import { storedObjects } from '../../bench/stored-objects.ts';

describe('bench/shape', () => {
  const shape = { nodes: 200, podsPerNode: 30 };
  const pods = [...benchPods(shape)];
  const countBy = (key: (pod: (typeof pods)[number]) => string): number[] =>
    Object.values(Object.groupBy(pods, key)).map((group) => group?.length ?? 0);

  it('every pod has a name and a uid of its own', () => {
    expect(pods).to.have.length(podCount(shape));
    expect(new Set(pods.map(({ namespace, name }) => `${namespace}/${name}`)).size).to.equal(6000);
    expect(new Set(pods.map(({ uid }) => uid)).size).to.equal(6000);
  });

  it('every node runs the same number of pods', () => {
    expect(new Set(countBy(({ nodeName }) => nodeName))).to.deep.equal(new Set([30]));
  });

  it('namespaces hold 5,000 pods; the last one the rest', () => {
    expect(namespacesOf(shape)).to.deep.equal(['team-0', 'team-1']);
    expect(countBy(({ namespace }) => namespace)).to.deep.equal([5000, 1000]);
  });

  it('ten pods share an app, all in one namespace and on different nodes', () => {
    expect(new Set(countBy(({ namespace, app }) => `${namespace}/${app}`))).to.deep.equal(new Set([10]));
    expect(new Set(pods.slice(0, 10).map(({ nodeName }) => nodeName)).size).to.equal(10);
  });

  it('etcd holds every object once, as JSON that says what it is', () => {
    const objects = [...storedObjects(shape, { kubeletPort: 10_250, createdAtMs: 0 })];
    expect(objects).to.have.length(2 + 200 + 6000);
    expect(new Set(objects.map(({ key }) => key)).size).to.equal(objects.length);
    const odd = objects.filter(({ key, value }) => {
      const { apiVersion, kind, metadata } = JSON.parse(value);
      return apiVersion !== 'v1' || !/^(Namespace|Node|Pod)$/.test(kind) || !key.endsWith(`/${metadata.name}`);
    });
    expect(odd).to.deep.equal([]);
  });
});
