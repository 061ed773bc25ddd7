import { expect } from 'chai';
import { parseFieldSelector } from '../../src/api/field-selector.ts';

describe('api: field selectors', () => {
  function check(text: string, ...expected: (readonly [string, '=' | '!=', string])[]): void {
    it(`reads ${JSON.stringify(text)}`, () => {
      const { requirements = [] } = parseFieldSelector(text);
      expect(requirements.map(({ field, equal, value }) => [field, equal ? '=' : '!=', value])).to.deep.equal(expected);
    });
  }
  function checkRefused(text: string, error: string): void {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(parseFieldSelector(text)).to.deep.equal({ error });
    });
  }

  check('');
  check('a=b', ['a', '=', 'b']);
  check('a==b', ['a', '=', 'b']);
  check('a!=b', ['a', '!=', 'b']);
  check('a=', ['a', '=', '']);
  check('=b', ['', '=', 'b']);
  check('a=b,c!=d', ['a', '=', 'b'], ['c', '!=', 'd']);
  check(',a=b,', ['a', '=', 'b']);
  check('a=b!', ['a', '=', 'b!']);
  check('a=x\\,y\\=z\\\\', ['a', '=', 'x,y=z\\']);

  checkRefused('a', "invalid selector: 'a'; can't understand 'a'");
  checkRefused('a=b,c', "invalid selector: 'a=b,c'; can't understand 'c'");
  checkRefused('a=b=c', 'invalid field selector: unescaped character in value: 61');
  checkRefused('a=\\b', 'invalid field selector: invalid escape sequence: \\b');
  checkRefused('a=b\\', 'invalid field selector: invalid escape sequence: \\');
});
