import { expect } from 'chai';
import { extraValues, firstHeaderValue } from '../../src/api/header-values.ts';

describe('api: values of headers', () => {
  function extrasOf(headers: Record<string, readonly string[]>): Record<string, readonly string[]> {
    const extras = new Map<string, string[]>();
    extraValues(headers, 'x-extra-', extras);
    return Object.fromEntries(extras);
  }

  it('gives extras under their decoded keys, all values of one key together, in order of arrival', () => {
    const headers = { 'x-extra-scope': ['a', 'b'], 'x-other': ['n'], 'x-extra-%73cope': ['c'], 'x-extra-%': ['d'] };
    expect(extrasOf(headers)).to.deep.equal({ scope: ['a', 'b', 'c'], '%': ['d'] });
  });

  it('takes a header that is not there for an empty one', () => {
    expect(firstHeaderValue({ 'x-other': ['n'] }, 'X-Remote-User')).to.equal('');
  });

  it('copes with a key that is %-encoded in each of its ways', function () {
    this.timeout(4_000);
    const ways = Array.from({ length: 2 ** 15 }, (_none, number) => {
      const letters = Array.from(number.toString(2).padStart(15, '0'), (bit) => (bit === '1' ? '%61' : 'a'));
      return [`x-extra-${letters.join('')}`, [String(number)]] as const;
    });
    expect(extrasOf(Object.fromEntries(ways))['a'.repeat(15)]).to.have.length(ways.length);
  });
});
