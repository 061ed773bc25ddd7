import { expect } from 'chai';
import { SelectorRegistry } from '../../src/controller/selector-registry.ts';
import { TargetPods } from '../../src/controller/target-pods.ts';
import { PodRecord } from '../../src/kube/pod-record.ts';
import { PodStore } from '../../src/kube/pod-store.ts';
import { parseLabelSelector } from '../../src/lib/label-selector.ts';
import type { ScaleView } from '../../src/lib/views.ts';
import { podView } from '../support/metrics-reader-fake.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

describe('the pods of a target', () => {
  const one = 'HorizontalPodAutoscaler/default/one';
  const two = 'HeadroomAutoscaler/default/two';
  const scaleOf = (selector: string): ScaleView => ({
    uid: 'u',
    resourceVersion: '1',
    specReplicas: 2,
    statusReplicas: 2,
    selector,
  });

  let lists: number;
  let pods: PodStore;
  let selectors: SelectorRegistry;
  let targetPods: TargetPods;
  let web: ScaleView;

  const put = (name: string, app: string, namespace = 'default'): void => {
    pods.upsert(`${namespace}/${name}`, new PodRecord(podView({ namespace, name, labels: { app } })));
  };
  const found = (scale = web, key = one): string[] => {
    const { selector, pods: selected } = targetPods.of(key, 'default', scale);
    const trouble = selector.kind === 'ambiguous' ? [selector.autoscalers.join(' and ')] : [];
    return [
      ...selected.map(({ name }) => name).toSorted(),
      ...(selector.kind === 'ok' ? [] : [selector.kind]),
      ...trouble,
    ];
  };

  beforeEach(() => {
    lists = 0;
    pods = new PodStore(new RecordingLogger());
    selectors = new SelectorRegistry();
    const list: PodStore['list'] = (namespace, selector) => {
      lists += 1;
      return pods.list(namespace, selector);
    };
    targetPods = new TargetPods({ pods: { list, version: (namespace) => pods.version(namespace) }, selectors });
    web = scaleOf('app=web');
    put('a', 'web');
    put('b', 'db');
    put('c', 'web');
  });

  it('are those that its selector selects, and whose autoscaler asks is registered', () => {
    expect(found()).to.deep.equal(['a', 'c']);
    expect(selectors.matching('default', { app: 'web' })).to.deep.equal([one]);
  });

  it('are listed once while nothing changes in their namespace', () => {
    found();
    put('a', 'web', 'elsewhere');
    expect(found()).to.deep.equal(['a', 'c']);
    expect(lists).to.equal(1);
  });

  describe('are found anew when', () => {
    const check = (title: string, change: () => void, expected: readonly string[]): void => {
      it(title, () => {
        found();
        change();
        expect(found()).to.deep.equal(expected);
        expect(lists).to.equal(2);
      });
    };
    check('a pod comes', () => put('d', 'web'), ['a', 'c', 'd']);
    check('a pod goes', () => pods.remove('default/a'), ['c']);
    check('a pod changes', () => put('b', 'web'), ['a', 'b', 'c']);
    check('all pods go', () => ['a', 'b', 'c'].forEach((name) => pods.remove(`default/${name}`)), []);
    check('the scale has another selector', () => (web = scaleOf('app=db')), ['b']);
    check(
      'another autoscaler selects some of them',
      () => selectors.set(two, 'default', parseLabelSelector('app in (web,db)')),
      ['a', 'c', 'ambiguous', 'HeadroomAutoscaler:default/two and default/one'],
    );
    check('its autoscaler was forgotten meanwhile', () => selectors.delete(one), ['a', 'c']);
  });

  it('are the new ones when all went and as many came', () => {
    found();
    for (const name of ['a', 'b', 'c']) pods.remove(`default/${name}`);
    put('x', 'web');
    put('y', 'db');
    put('z', 'web');
    expect(found()).to.deep.equal(['x', 'z']);
  });

  it('are ambiguous to both autoscalers of one scale', () => {
    found(web, one);
    const both = ['a', 'c', 'ambiguous', 'HeadroomAutoscaler:default/two and default/one'];
    expect(found(web, two)).to.deep.equal(both);
    expect(found(web, one)).to.deep.equal(both);
  });

  it('are none without a selector, or with one that cannot be read', () => {
    expect(found(scaleOf(''))).to.deep.equal(['missing']);
    expect(found(scaleOf('app in'))).to.deep.equal(['invalid']);
    expect(selectors.hasAny('default')).to.equal(false);
  });
});
