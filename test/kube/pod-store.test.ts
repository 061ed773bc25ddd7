import { expect } from 'chai';
import * as fc from 'fast-check';
import { PodStore } from '../../src/kube/pod-store.ts';
import { createPodProjection } from '../../src/kube/project-pod.ts';
import { everything, parseLabelSelector } from '../../src/lib/label-selector.ts';
import { silentLogger } from '../../src/lib/logger.ts';
import { objectKey } from '../../src/lib/object-key.ts';
import type { PodView } from '../../src/lib/views.ts';
import { type PodOptions, rawPod } from './objects.ts';

const keysOf = (pods: readonly PodView[]): string[] => pods.map((pod) => objectKey(pod.namespace, pod.name));
const namesOf = (pods: readonly PodView[]): string[] => keysOf(pods).toSorted();

describe('PodStore', () => {
  const project = createPodProjection();
  let store: PodStore;

  beforeEach(() => {
    store = new PodStore(silentLogger);
  });

  const put = (options: PodOptions): void => {
    const pod = project(rawPod(options));
    store.upsert(objectKey(pod.namespace, pod.name), pod);
  };

  it('finds pods by namespace and selector, and in all namespaces', () => {
    put({ name: 'a', namespace: 'one', labels: { app: 'web', tier: 'front' } });
    put({ name: 'b', namespace: 'one', labels: { app: 'web', tier: 'back' } });
    put({ name: 'c', namespace: 'two', labels: { app: 'web' } });
    put({ name: 'd', namespace: 'one', labels: {} });
    const check = (namespace: string, selector: string, expected: string[]): void => {
      expect(namesOf(store.list(namespace, parseLabelSelector(selector))), selector).to.deep.equal(expected);
    };
    check('one', 'app=web', ['one/a', 'one/b']);
    check('one', 'app=web,tier=back', ['one/b']);
    check('one', 'tier in (front,back)', ['one/a', 'one/b']);
    check('one', 'tier', ['one/a', 'one/b']);
    check('one', '!app', ['one/d']);
    check('one', '', ['one/a', 'one/b', 'one/d']);
    check('', 'app=web', ['one/a', 'one/b', 'two/c']);
    check('', '', ['one/a', 'one/b', 'one/d', 'two/c']);
    check('three', 'app=web', []);
    check('one', 'app=nobody', []);
  });

  it('moves a pod whose labels change', () => {
    put({ name: 'a', labels: { app: 'old' } });
    put({ name: 'a', labels: { app: 'new' } });
    expect(namesOf(store.list('default', parseLabelSelector('app=old')))).to.deep.equal([]);
    expect(namesOf(store.list('default', parseLabelSelector('app=new')))).to.deep.equal(['default/a']);
    expect(store.size).to.equal(1);
  });

  it('matches a selector once for pods with equal labels', () => {
    for (let index = 0; index < 100; index++) put({ name: `p${index}` });
    let asked = 0;
    const selector = parseLabelSelector('app=web');
    const counting = {
      equalities: selector.equalities,
      matches: (labels: Readonly<Record<string, string>>) => {
        asked += 1;
        return selector.matches(labels);
      },
    };
    expect(store.list('default', counting)).to.have.length(100);
    expect(asked).to.equal(1);
  });

  it('tells listeners what changed, and goes on when one throws', () => {
    const seen: string[] = [];
    store.onChange(() => {
      throw new Error('a fault');
    });
    const end = store.onChange((kind, pod, previous) => seen.push(`${kind} ${pod.phase} ${previous?.phase}`));
    put({ name: 'a', phase: 'Pending' });
    put({ name: 'a', phase: 'Running' });
    store.remove('default/a');
    store.remove('default/a');
    end();
    put({ name: 'b' });
    expect(seen).to.deep.equal(['added Pending undefined', 'updated Running Pending', 'deleted Running Running']);
  });

  it('lists in order the newest of what it was told of a pod, after it was listed before', () => {
    const listed = (): string[] =>
      [...store.listSorted('one', everything)].flat().map((pod) => `${pod.name} ${pod.nodeName}`);
    for (const name of ['a', 'b', 'c']) put({ name, namespace: 'one', nodeName: 'old' });
    expect(listed()).to.deep.equal(['a old', 'b old', 'c old']);
    put({ name: 'b', namespace: 'one', nodeName: 'new' });
    put({ name: 'c', namespace: 'one', nodeName: 'new', labels: { app: 'other' } });
    expect(listed()).to.deep.equal(['a old', 'b new', 'c new']);
    store.remove(objectKey('one', 'b'));
    put({ name: 'b', namespace: 'one', nodeName: 'newest' });
    store.remove(objectKey('one', 'a'));
    expect(listed()).to.deep.equal(['b newest', 'c new']);
  });

  it('keeps the order of a namespace that is listed while hundreds of pods come and go', () => {
    for (let pod = 0; pod < 300; pod++) put({ name: `pod-${pod}`, namespace: 'one' });
    expect(keysOf([...store.listSorted('one', everything)].flat())).to.have.lengthOf(300);
    for (let pod = 0; pod < 290; pod++) store.remove(`one/pod-${pod}`);
    for (let turn = 0; turn < 300; turn++) {
      put({ name: `new-${turn}`, namespace: 'one' });
      store.remove(`one/new-${turn}`);
    }
    put({ name: 'pod-0', namespace: 'one' });
    const left = ['pod-0', ...Array.from({ length: 10 }, (_, index) => `pod-${290 + index}`)].map(
      (name) => `one/${name}`,
    );
    expect(keysOf([...store.listSorted('one', everything)].flat())).to.deep.equal(left);
  });

  it('gives each pod an ordinal of its own, the same for as long as the pod is there', () => {
    const ordinals = (): number[] => [...store.listSorted('', everything)].flat().map((pod) => pod.ordinal);
    for (const name of ['a', 'b', 'c']) put({ name });
    expect(ordinals()).to.deep.equal([0, 1, 2]);
    store.remove('default/b');
    put({ name: 'c', phase: 'Failed' });
    put({ name: 'd' });
    put({ name: 'e' });
    expect(ordinals()).to.deep.equal([0, 2, 1, 3]);
  });

  it('equals a naive model after any sequence of events', () => {
    const label = fc.constantFrom('x', 'y', 'z');
    const event = fc.record({
      remove: fc.boolean(),
      // Listing in order keeps what it sorted for the next time.
      listed: fc.boolean(),
      name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      namespace: fc.constantFrom('one', 'two'),
      labels: fc.dictionary(fc.constantFrom('app', 'tier', 'zone'), label),
    });
    const selector = fc.constantFrom(
      '',
      'app=x',
      'app=x,tier=y',
      'app in (x,y)',
      'app in (x,x),zone',
      '!tier',
      'zone!=z',
      'tier=y,!app',
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), selector, (events, text) => {
        store = new PodStore(silentLogger);
        const model = new Map<string, PodView>();
        for (const { remove, listed, name, namespace, labels } of events) {
          if (listed) Array.from(store.listSorted('', everything));
          const key = objectKey(namespace, name);
          const pod = project(rawPod({ name, namespace, labels }));
          if (remove) {
            store.remove(key);
            model.delete(key);
          } else {
            store.upsert(key, pod);
            model.set(key, pod);
          }
        }
        const matcher = parseLabelSelector(text);
        for (const namespace of ['one', 'two', '']) {
          const expected = [...model.values()].filter(
            (pod) => (namespace === '' || pod.namespace === namespace) && matcher.matches(pod.labels),
          );
          expect(namesOf(store.list(namespace, matcher))).to.deep.equal(namesOf(expected));
          expect(keysOf([...store.listSorted(namespace, matcher)].flat())).to.deep.equal(namesOf(expected));
        }
        expect([...store.keys()].toSorted()).to.deep.equal([...model.keys()].toSorted());
        expect(store.size).to.equal(model.size);
        const ordinals = [...store.listSorted('', everything)].flat().map((pod) => pod.ordinal);
        expect(new Set(ordinals).size).to.equal(model.size);
        for (const [key, pod] of model) {
          const [namespace = '', name = ''] = key.split('/');
          expect(store.get(namespace, name)).to.equal(pod);
        }
      }),
    );
  });
});
