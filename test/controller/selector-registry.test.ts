import { expect } from 'chai';
import * as fc from 'fast-check';
import { SelectorRegistry } from '../../src/controller/selector-registry.ts';
import { parseLabelSelector } from '../../src/lib/label-selector.ts';

const matching = (registry: SelectorRegistry, labels: Record<string, string>, namespace = 'shop'): string[] =>
  [...registry.matching(namespace, labels)].toSorted();

describe('the registry of selectors', () => {
  it('finds what selects a pod, in its namespace only', () => {
    const registry = new SelectorRegistry();
    registry.set('a', 'shop', parseLabelSelector('app=web'));
    registry.set('b', 'shop', parseLabelSelector('app=web,tier in (front,back)'));
    registry.set('c', 'shop', parseLabelSelector('app!=web'));
    registry.set('d', 'bank', parseLabelSelector('app=web'));
    expect(matching(registry, { app: 'web', tier: 'back' })).to.deep.equal(['a', 'b']);
    expect(matching(registry, { app: 'web' })).to.deep.equal(['a']);
    expect(matching(registry, { app: 'api' })).to.deep.equal(['c']);
    expect(matching(registry, { app: 'web' }, 'none')).to.deep.equal([]);
  });

  it('replaces the selector of an autoscaler', () => {
    const registry = new SelectorRegistry();
    registry.set('a', 'shop', parseLabelSelector('app=web'));
    registry.set('a', 'shop', parseLabelSelector('app=api'));
    expect(matching(registry, { app: 'web' })).to.deep.equal([]);
    expect(matching(registry, { app: 'api' })).to.deep.equal(['a']);
    registry.delete('a');
    registry.delete('a');
    expect(matching(registry, { app: 'api' })).to.deep.equal([]);
  });

  it('is indexed by what tells selectors apart, not by labels that all of them ask for', () => {
    const registry = new SelectorRegistry();
    let asked = 0;
    for (let index = 0; index < 1000; index++) {
      const selector = parseLabelSelector(`all=yes,one=${index}`);
      const matches = (labels: Readonly<Record<string, string>>): boolean => {
        asked += 1;
        return selector.matches(labels);
      };
      registry.set(`key-${index}`, 'shop', { ...selector, matches, toString: () => selector.toString() });
    }
    expect(matching(registry, { all: 'yes', one: '77' })).to.deep.equal(['key-77']);
    expect(asked).to.be.lessThan(10);
  });

  it('answers as asking every selector would', () => {
    const text = fc
      .array(fc.constantFrom('a=1', 'a=2', 'b=1', 'b in (1,2)', 'c', '!c', 'a notin (1)', 'b!=2'), { maxLength: 3 })
      .map((requirements) => requirements.join(','));
    const change = fc.record({ key: fc.constantFrom('x', 'y', 'z'), selector: fc.option(text) });
    const labels = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), labels, (changes, pod) => {
        const registry = new SelectorRegistry();
        const model = new Map<string, string>();
        for (const { key, selector } of changes) {
          if (selector === null) {
            registry.delete(key);
            model.delete(key);
          } else {
            registry.set(key, 'shop', parseLabelSelector(selector));
            model.set(key, selector);
          }
        }
        const expected = [...model]
          .filter(([, selector]) => parseLabelSelector(selector).matches(pod))
          .map(([key]) => key);
        expect(matching(registry, pod)).to.deep.equal(expected.toSorted());
        expect(registry.hasAny('shop')).to.equal(model.size > 0);
      }),
    );
  });
});
