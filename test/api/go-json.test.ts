import { expect } from 'chai';
import { assert, integer, jsonValue, property, string } from 'fast-check';
import { indentJson, JsonIndenter, jsonString, jsonStringMap } from '../../src/api/go-json.ts';

describe('api: JSON as Go writes it', () => {
  function check(text: string, expected: string): void {
    it(`writes ${JSON.stringify(text)}`, () => expect(jsonString(text)).to.equal(expected));
  }
  check('plain', '"plain"');
  check('<a>&', '"\\u003ca\\u003e\\u0026"');
  check('"\\/', '"\\"\\\\/"');
  check('\b\f\n\r\t', '"\\b\\f\\n\\r\\t"');
  check('\u0001\u001f', '"\\u0001\\u001f"');
  check('\u2028\u2029', '"\\u2028\\u2029"');
  check('é😀\u007f', '"é😀\u007f"');
  check('\ud800', '"\ufffd"');

  it('sorts maps by key, also keys that look like numbers', () => {
    expect(jsonStringMap({ b: '1', '10': 'x', '9': 'y', a: '<' })).to.equal('{"10":"x","9":"y","a":"\\u003c","b":"1"}');
  });

  it('writes text that JSON readers read back', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        expect(JSON.parse(jsonString(text))).to.equal(text.toWellFormed());
      }),
    );
  });

  it('indents any JSON as JSON.stringify does, wherever its bytes are cut', () => {
    assert(
      property(jsonValue(), integer({ min: 1, max: 7 }), (value, size) => {
        const compact = Buffer.from(JSON.stringify(value));
        const indenter = new JsonIndenter();
        const parts: Buffer[] = [];
        for (let at = 0; at < compact.length; at += size) parts.push(indenter.indent(compact.subarray(at, at + size)));
        const text = Buffer.concat(parts).toString('utf8');
        expect(text).to.equal(JSON.stringify(value, null, 2));
        expect(indentJson(JSON.stringify(value))).to.equal(text);
      }),
    );
  });
});
