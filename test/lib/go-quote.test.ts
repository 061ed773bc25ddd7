import { expect } from 'chai';
import { goQuote } from '../../src/lib/go-quote.ts';

describe('go-quote', () => {
  const check = (text: string, expected: string): void => {
    it(`writes ${expected}`, () => {
      expect(goQuote(text)).to.equal(expected);
    });
  };
  check('plain text', '"plain text"');
  check('', '""');
  check('"\\', '"\\"\\\\"');
  check('\u0007\b\f\n\r\t\v', '"\\a\\b\\f\\n\\r\\t\\v"');
  check('\u0000\u001b\u007f', '"\\x00\\x1b\\x7f"');
  check('é 日 𝄞', '"é 日 𝄞"');
  check('\u00a0\u200b\ufeff', '"\\u00a0\\u200b\\ufeff"');
  check('\u{e0001}', '"\\U000e0001"');
  check('\ud800', '"\ufffd"');
});
