import { expect } from 'chai';
import { autoscaledApps, benchPods, namespacesOf, podCount, utilizationPercent } from '../../bench/shape.ts';
import { storedObjects } from '../../bench/stored-objects.ts';
import { storedDeployments, storedHpas } from '../../bench/stored-workloads.ts';

describe('bench/shape', () => {
  const shape = { nodes: 200, podsPerNode: 30, hpas: 120 };
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

  it('autoscaled apps are spread over all apps, and have all their pods', () => {
    const apps = [...autoscaledApps(shape)];
    expect(apps).to.have.length(120);
    expect(apps.slice(0, 3).map(({ name }) => name)).to.deep.equal(['app-0', 'app-5', 'app-10']);
    const byApp = Object.groupBy(pods, ({ namespace, app }) => `${namespace}/${app}`);
    for (const { namespace, name, pods: own } of apps) expect(own).to.deep.equal(byApp[`${namespace}/${name}`]);
  });

  it('the target of an autoscaler is within the rounding of a percent of what its pods use', () => {
    for (const app of autoscaledApps(shape)) {
      const usedMilli = app.pods.reduce((sum, { cpuMilli }) => sum + cpuMilli, 0);
      expect(Math.abs(usedMilli / 20 - utilizationPercent(app))).to.be.at.most(0.5);
    }
  });

  it('each of them has one Deployment and one HPA in etcd', () => {
    const names = [...autoscaledApps(shape)].map(({ namespace, name }) => `${namespace}/${name}`);
    const keys = (objects: Iterable<{ key: string }>): readonly string[] => [...objects].map(({ key }) => key);
    expect(keys(storedDeployments(shape, 0))).to.deep.equal(names.map((name) => `/registry/deployments/${name}`));
    expect(keys(storedHpas(shape, 0))).to.deep.equal(names.map((name) => `/registry/horizontalpodautoscalers/${name}`));
    const uids = [...storedDeployments(shape, 0), ...storedHpas(shape, 0)].map(
      ({ value }) => JSON.parse(value).metadata.uid,
    );
    expect(new Set(uids).size).to.equal(240);
  });
});
