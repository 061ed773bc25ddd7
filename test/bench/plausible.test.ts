import { expect } from 'chai';
import type { ServedPod } from '../../bench/metrics-api.ts';
import { checkServed } from '../../bench/plausible.ts';
import { benchPods } from '../../bench/shape.ts';

const shape = { nodes: 2, podsPerNode: 3, hpas: 0 };

/** Exactly what is simulated. */
function servedPods(): ServedPod[] {
  return benchPods(shape)
    .map(({ namespace, name, cpuMilli, memoryMebibytes }) => ({
      metadata: { namespace, name },
      timestamp: '2026-01-01T00:00:00Z',
      window: '15s',
      containers: [{ name: 'app', usage: { cpu: `${cpuMilli * 1e6}n`, memory: `${memoryMebibytes * 1024}Ki` } }],
    }))
    .toArray();
}

describe('bench/plausible', () => {
  it('what is simulated is plausible', () => {
    expect(checkServed(shape, servedPods())).to.deep.equal({ pods: 6, cpuRatio: 1, memoryRatio: 1 });
  });

  const refuse = (what: string, spoil: (pods: ServedPod[]) => ServedPod[], message: RegExp): void => {
    it(`${what} is refused`, () => {
      expect(() => checkServed(shape, spoil(servedPods()))).to.throw(message);
    });
  };
  const withContainer =
    (change: object) =>
    ([first, ...others]: ServedPod[]): ServedPod[] => [
      { ...first!, containers: [{ ...first!.containers[0]!, ...change }] },
      ...others,
    ];

  refuse('an empty list', () => [], /is not served; 0 others/);
  refuse('a list that lacks a pod', (pods) => pods.slice(1), /is not served/);
  refuse('a list with a pod twice', (pods) => [...pods, pods[0]!], /served twice/);
  refuse(
    'a list with a pod that does not exist',
    (pods) => [...pods, { ...pods[0]!, metadata: { namespace: 'x', name: 'y' } }],
    /do not exist/,
  );
  refuse(
    'a pod without usage of CPU',
    withContainer({ usage: { cpu: '0', memory: '20480Ki' } }),
    /cpu of .* 0\.00 times/,
  );
  refuse('a pod with twice its memory', withContainer({ usage: { cpu: '5m', memory: '40Mi' } }), /2\.00 times/);
  refuse('a container by another name', withContainer({ name: 'other' }), /wrong containers/);
  refuse('a quantity that is none', withContainer({ usage: { cpu: 'much', memory: '20Mi' } }), /wrong quantities/);
});
