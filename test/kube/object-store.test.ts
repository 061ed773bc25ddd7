import { expect } from 'chai';
import * as fc from 'fast-check';
import { NodeStore, ObjectStore } from '../../src/kube/object-store.ts';
import { projectNode } from '../../src/kube/project-node.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

describe('ObjectStore', () => {
  it('equals a naive model after any sequence of events', () => {
    const event = fc.record({ key: fc.constantFrom('a/x', 'a/y', 'b/x', 'z'), value: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const store = new ObjectStore<number>(silentLogger);
        const told = new Map<string, number>();
        const model = new Map<string, number>();
        for (const { key, value } of events) {
          if (value === null) {
            store.remove(key);
            model.delete(key);
          } else {
            store.upsert(key, value);
            model.set(key, value);
            told.set(key, value);
          }
        }
        expect([...store.keys()].toSorted()).to.deep.equal([...model.keys()].toSorted());
        expect([...store.list()]).to.have.members([...model.values()]);
        expect([...store.list('a')]).to.have.length([...model.keys()].filter((key) => key.startsWith('a/')).length);
        expect(store.size).to.equal(model.size);
        for (const key of told.keys()) expect(store.get(key)).to.equal(model.get(key));
      }),
    );
  });

  it('logs a listener that throws, and tells the others', () => {
    const logger = new RecordingLogger();
    const store = new ObjectStore<string>(logger);
    const seen: string[] = [];
    store.onChange(() => {
      throw new Error('a fault');
    });
    store.onChange((kind, object) => seen.push(`${kind} ${object}`));
    store.upsert('a', 'one');
    expect(seen).to.deep.equal(['added one']);
    expect(logger.lines.map(({ level }) => level)).to.deep.equal(['error']);
  });
});

describe('NodeStore', () => {
  it('lists the nodes that were projected into it', () => {
    const store = new NodeStore(silentLogger);
    store.upsert(
      'n1',
      projectNode({
        metadata: {
          name: 'n1',
          uid: 'u1',
          labels: { zone: 'a' },
          annotations: { 'metrics.k8s.io/resource-metrics-path': '/m' },
        },
        status: {
          addresses: [{ type: 'InternalIP', address: '127.1.2.3' }],
          daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
          conditions: [{ type: 'Ready', status: 'True' }],
        },
      }),
    );
    store.upsert('n2', projectNode({ metadata: { name: 'n2' } }));
    expect(store.list()).to.deep.equal([
      {
        name: 'n1',
        uid: 'u1',
        labels: { zone: 'a' },
        addresses: [{ type: 'InternalIP', address: '127.1.2.3' }],
        kubeletPort: 10250,
        resourceMetricsPath: '/m',
        ready: true,
      },
      { name: 'n2', uid: '', labels: {}, addresses: [], kubeletPort: 0, resourceMetricsPath: undefined, ready: false },
    ]);
    expect(store.get('n2')?.name).to.equal('n2');
  });
});
