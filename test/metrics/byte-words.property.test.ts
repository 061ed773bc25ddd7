// Property: bytes four at a time say the same as bytes one by one.

import { expect } from 'chai';
import * as fc from 'fast-check';
import { ByteWords, nearLineFeed, standsAt } from '../../src/metrics/byte-words.ts';

/** Few values, so that much is alike; those next to a line feed, and with the highest bit, are where borrows could go wrong. */
const someBytes = fc
  .uint8Array({ maxLength: 24 })
  .map((bytes) => bytes.map((byte) => [10, 11, 9, 138, 0, 65][byte % 6] ?? 0));

describe('standsAt', () => {
  it('tells whether all bytes are there, wherever both stand', () => {
    const cases = fc.tuple(someBytes, someBytes, fc.nat(24), fc.nat(24), fc.boolean());
    const property = fc.property(cases, ([body, other, at, from, isCopied]) => {
      const start = Math.min(from, other.length);
      const length = other.length - start;
      if (isCopied && at + length <= body.length) body.set(other.subarray(start), at);
      const isThere = at + length <= body.length && other.subarray(start).every((byte, i) => body[at + i] === byte);
      expect(standsAt(new ByteWords(body), at, new ByteWords(other), start, length)).to.equal(isThere);
    });
    fc.assert(property);
  });
});

describe('nearLineFeed', () => {
  it('passes over no line feed, and stops less than four bytes before it', () => {
    const property = fc.property(someBytes, fc.nat(24), (bytes, at) => {
      const body = Uint8Array.from([...bytes, 10]);
      const start = Math.min(at, body.length - 1);
      const distance = body.indexOf(10, start) - nearLineFeed(new ByteWords(body), start);
      expect(distance).to.be.within(0, 3);
    });
    fc.assert(property);
  });
});
