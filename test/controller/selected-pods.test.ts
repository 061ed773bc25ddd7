import { expect } from 'chai';
import { SelectedPods } from '../../src/controller/selected-pods.ts';
import { SelectorRegistry } from '../../src/controller/selector-registry.ts';
import { PodRecord } from '../../src/kube/pod-record.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { parseLabelSelector } from '../../src/lib/label-selector.ts';
import type { PodName } from '../../src/metrics/types.ts';
import { podView } from '../support/metrics-reader-fake.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

describe('pods of a node that autoscalers select', () => {
  let lookups: string[];
  let pods: PodStore;
  let selectors: SelectorRegistry;
  let selected: SelectedPods;
  /** As the store of samples has them: one object for each pod that the node reports. */
  let names: readonly PodName[];

  const put = (name: string, app: string): void => {
    pods.upsert(`default/${name}`, new PodRecord(podView({ name, labels: { app } })));
  };
  const select = (key: string, app: string): void => {
    selectors.set(key, 'default', parseLabelSelector(`app=${app}`));
  };
  const among = (sampled = names, nowMs = 0, node = 'node-a'): string[] =>
    selected.among(node, sampled, nowMs).map(({ pod, keys }) => `${pod.name}: ${keys.join(' ')}`);

  beforeEach(() => {
    lookups = [];
    pods = new PodStore(new RecordingLogger());
    selectors = new SelectorRegistry();
    const get: PodStore['get'] = (namespace, name) => {
      lookups.push(name);
      return pods.get(namespace, name);
    };
    selected = new SelectedPods({ pods: { get }, selectors });
    names = ['a', 'b', 'c'].map((name) => ({ namespace: 'default', name }));
    put('a', 'web');
    put('b', 'db');
    put('c', 'web');
    select('one', 'web');
  });

  it('are found, with their autoscalers', () => {
    select('two', 'web');
    expect(among()).to.deep.equal(['a: one two', 'c: one two']);
  });

  it('are looked up once, in whatever order and number they come', () => {
    among();
    expect(among()).to.deep.equal(['a: one', 'c: one']);
    expect(among(names.toReversed())).to.deep.equal(['c: one', 'a: one']);
    expect(among(names.slice(1))).to.deep.equal(['c: one']);
    expect(lookups).to.deep.equal(['a', 'b', 'c']);
  });

  describe('are looked up again', () => {
    const check = (title: string, change: () => void, expected: readonly string[]): void => {
      it(`when ${title}`, () => {
        among();
        change();
        expect(among()).to.deep.equal(expected);
        expect(among()).to.deep.equal(expected);
      });
    };
    check('another autoscaler selects them', () => select('two', 'db'), ['a: one', 'b: two', 'c: one']);
    check('their autoscaler selects others', () => select('one', 'db'), ['b: one']);
    check('their autoscaler is gone', () => selectors.delete('one'), []);
    check('a pod has other labels', () => put('b', 'web'), ['a: one', 'b: one', 'c: one']);
    check('a pod is gone', () => pods.remove('default/a'), ['c: one']);
    check('a pod is gone and another of its name came', () => {
      pods.remove('default/a');
      put('a', 'db');
    }, ['c: one']);
  });

  it('are found as soon as they are known, when they were sampled before', () => {
    pods.remove('default/a');
    expect(among()).to.deep.equal(['c: one']);
    put('a', 'web');
    expect(among()).to.deep.equal(['a: one', 'c: one']);
  });

  it('are of the record that the cache has', () => {
    among();
    put('a', 'web');
    expect(selected.among('node-a', names, 0)[0]?.pod).to.equal(pods.get('default', 'a'));
  });

  it('are looked for in no namespace without autoscalers', () => {
    const elsewhere = [{ namespace: 'other', name: 'a' }];
    expect(among(elsewhere)).to.deep.equal([]);
    expect(lookups).to.deep.equal([]);
    selectors.set('two', 'other', parseLabelSelector('app=web'));
    pods.upsert('other/a', new PodRecord(podView({ namespace: 'other', name: 'a', labels: { app: 'web' } })));
    expect(among(elsewhere)).to.deep.equal(['a: two']);
  });

  it('are forgotten when the node was not scraped for five minutes', () => {
    among(names, 0, 'gone');
    among(names, 200_000, 'node-a');
    among(names, 299_999, 'node-b');
    expect(selected.size).to.equal(3);
    among(names, 300_000, 'node-b');
    expect(selected.size).to.equal(2);
  });

  it('do not pile up where pods come and go', () => {
    for (let round = 0; round < 1_000; round++) {
      const name = `job-${round}`;
      put(name, 'web');
      expect(among([...names, { namespace: 'default', name }])).to.include(`${name}: one`);
      pods.remove(`default/${name}`);
    }
    // Beginning anew costs a look-up of each pod; that it happened is how much was held.
    const anew = lookups.filter((name) => name === 'a').length;
    expect(anew).to.be.within(10, 20);
  });
});
