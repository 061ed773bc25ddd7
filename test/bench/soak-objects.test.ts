import { expect } from 'chai';
import { simulatedPod, storedNode, storedPod, workloadOf } from '../../bench/soak-objects.ts';
import { Population } from '../../bench/soak-population.ts';
import { parseDemand } from '../cluster/sim/demand.ts';

const population = new Population({ nodes: 2, podsPerNode: 20, hpas: 3, seed: 1 });

describe('bench/soak-objects', () => {
  it('a pod is stored under its own names, on its node, and begins when it begins', () => {
    const pod = population.pods[7];
    if (pod === undefined) throw new Error('no pod');
    const { key, value } = storedPod(pod, Date.parse('2026-11-21T12:00:00Z'));
    expect(key).to.equal(`/registry/pods/${pod.namespace}/${pod.name}`);
    expect(JSON.parse(value)).to.nested.include({
      'metadata.name': pod.name,
      'metadata.uid': pod.uid,
      'metadata.creationTimestamp': '2026-11-21T12:00:00Z',
      'metadata.labels.app': pod.app,
      'spec.nodeName': pod.nodeName,
      'status.startTime': '2026-11-21T12:00:00Z',
      'status.containerStatuses[0].state.running.startedAt': '2026-11-21T12:00:00Z',
    });
  });

  it('the kubelet knows the pod by the same names, and its app by its label', () => {
    const pod = population.pods[7];
    if (pod === undefined) throw new Error('no pod');
    const { namespace, name, uid, nodeName, labels } = simulatedPod(pod);
    expect({ namespace, name, uid, nodeName }).to.deep.include({
      namespace: pod.namespace,
      name: pod.name,
      uid: pod.uid,
    });
    expect(labels).to.deep.equal({ app: pod.app });
  });

  it('a node tells where its kubelet listens', () => {
    const node = JSON.parse(storedNode(1, 1234, 0).value) as object;
    expect(node).to.nested.include({
      'metadata.name': 'sim-1',
      'status.daemonEndpoints.kubeletEndpoint.Port': 1234,
    });
  });

  it('every load is one that kubelets understand, between two and ten pods at the target', () => {
    const values = population.apps.slice(0, 3).flatMap((app, index) => {
      const { cores } = workloadOf(app, index);
      expect(parseDemand(cores)).to.deep.equal(cores);
      return typeof cores === 'object' && cores.kind === 'trace' ? cores.rows.map(({ value }) => value) : [];
    });
    expect(Math.min(...values)).to.be.within(0.19, 0.25);
    expect(Math.max(...values)).to.be.within(0.95, 1.01);
  });
});
