import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  everything,
  type LabelSelectorSpec,
  labelSelectorFromSpec,
  nothing,
  parseLabelSelector,
  SelectorError,
} from '../../src/lib/label-selector.ts';
import type { LabelMatcher } from '../../src/lib/views.ts';
import { outcome, readVectors } from './vectors.ts';

interface Vector {
  readonly canonical: string;
  /** One digit for each of `labelSets`: 1 where the selector matches. */
  readonly matches?: string;
  readonly error?: string;
}

// The sets that the vectors' `matches` speak of, in order.
const labelSets: readonly Readonly<Record<string, string>>[] = [
  {},
  { a: '1' },
  { a: 'b' },
  { app: 'web', tier: 'a' },
  { a: '12', app: '' },
  { in: 'in', notin: 'x' },
  { 'example.com/a': 'b', a: '-5' },
  { a: '9223372036854775808' },
];

function describeMatcher(matcher: LabelMatcher): { canonical: string; matches: string } {
  return {
    canonical: matcher.toString(),
    matches: labelSets.map((labels) => (matcher.matches(labels) ? '1' : '0')).join(''),
  };
}

function expectVector(call: () => LabelMatcher, { canonical, matches, error }: Vector, title: string): void {
  const expected = error === undefined ? { value: { canonical, matches } } : { error };
  expect(
    outcome(() => describeMatcher(call())),
    title,
  ).to.deep.equal(expected);
}

describe('label-selector', () => {
  it('parses text as apimachinery does: canonical form, matches, and the words of every refusal', () => {
    for (const vector of readVectors<Vector & { text: string }>('label-selector-vectors')) {
      expectVector(() => parseLabelSelector(vector.text), vector, vector.text);
    }
  });

  it('reads metav1.LabelSelector as apimachinery does', () => {
    for (const vector of readVectors<Vector & { spec: LabelSelectorSpec | null }>('label-selector-spec-vectors')) {
      expectVector(() => labelSelectorFromSpec(vector.spec), vector, JSON.stringify(vector.spec));
    }
  });

  it('takes no selector for nothing and an empty one for everything', () => {
    expect(labelSelectorFromSpec(undefined)).to.equal(nothing);
    expect(nothing.matches({ app: 'web' })).to.equal(false);
    expect(labelSelectorFromSpec({}).matches({ app: 'web' })).to.equal(true);
    expect(everything.matches({})).to.equal(true);
    expect(parseLabelSelector('').matches({})).to.equal(true);
  });

  it('does not take inherited properties for labels', () => {
    expect(parseLabelSelector('constructor').matches({})).to.equal(false);
    expect(parseLabelSelector('!constructor').matches({})).to.equal(true);
  });

  it('offers an index what must be equal', () => {
    expect(parseLabelSelector('b in (y,x),a=1,c==2,d!=3,e,!f,g>1').equalities).to.deep.equal([
      { key: 'a', values: ['1'] },
      { key: 'b', values: ['x', 'y'] },
      { key: 'c', values: ['2'] },
    ]);
    expect(everything.equalities).to.deep.equal([]);
  });

  it('says which operator it does not know', () => {
    expect(() => labelSelectorFromSpec({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).to.throw(
      SelectorError,
      '"Like" is not a valid label selector operator',
    );
  });

  describe('properties', () => {
    const word = fc.stringMatching(/^[a-z0-9]([a-z0-9._-]{0,8}[a-z0-9])?$/);
    const values = fc.uniqueArray(word, { minLength: 1, maxLength: 3 });
    const expression = fc.oneof(
      fc.record({ key: word, operator: fc.constantFrom('In', 'NotIn'), values }),
      fc.record({ key: word, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    );
    const spec = fc.record({
      matchLabels: fc.dictionary(word, word, { maxKeys: 3 }),
      matchExpressions: fc.array(expression, { maxLength: 3 }),
    });
    const labels = fc.dictionary(word, word, { maxKeys: 4 });

    it('canonical text means the same selector', () => {
      fc.assert(
        fc.property(spec, labels, (spec, labels) => {
          const matcher = labelSelectorFromSpec(spec);
          const reread = parseLabelSelector(matcher.toString());
          expect(reread.toString()).to.equal(matcher.toString());
          expect(reread.matches(labels)).to.equal(matcher.matches(labels));
        }),
      );
    });

    it('matchLabels match an object that carries them, whatever else it carries', () => {
      fc.assert(
        fc.property(labels, labels, (wanted, others) => {
          expect(labelSelectorFromSpec({ matchLabels: wanted }).matches({ ...others, ...wanted })).to.equal(true);
        }),
      );
    });

    it('whatever matches meets every equality', () => {
      fc.assert(
        fc.property(spec, labels, (spec, others) => {
          const matcher = labelSelectorFromSpec(spec);
          const candidate = { ...others, ...spec.matchLabels };
          if (!matcher.matches(candidate)) return;
          for (const { key, values } of matcher.equalities) expect(values).to.include(candidate[key]);
        }),
      );
    });

    it('throws nothing but SelectorError on any text', () => {
      const tokens = fc
        .array(fc.constantFrom('a', 'b', 'in', 'notin', '=', '!', '(', ')', ',', '<', '>', ' ', '\0'))
        .map((parts) => parts.join(''));
      fc.assert(
        fc.property(fc.oneof(fc.string(), tokens), (text) => {
          try {
            expect(parseLabelSelector(text).toString()).to.be.a('string');
          } catch (error) {
            expect(error).to.be.instanceOf(SelectorError);
          }
        }),
      );
    });
  });
});
