import { expect } from 'chai';
import {
  encodeBitString,
  encodeBoolean,
  encodeContext,
  encodeInteger,
  encodeObjectIdentifier,
  encodeOctetString,
  encodeTime,
  encodeUtf8String,
} from '../cluster/der.ts';

describe('DER encoding', () => {
  const check = (title: string, encoded: Buffer, hex: string): void => {
    it(`writes ${title}`, () => {
      expect(encoded.toString('hex')).to.equal(hex.replaceAll(' ', ''));
    });
  };

  // Expected bytes after ITU-T X.690, section 8 and its examples.
  check('zero as one byte', encodeInteger(Buffer.from([0, 0])), '02 01 00');
  check('an integer in its fewest bytes', encodeInteger(Buffer.from([0, 0, 1, 2])), '02 02 01 02');
  check('a zero byte before a leading bit, to stay positive', encodeInteger(Buffer.from([0x80])), '02 02 00 80');
  check('true as all ones', encodeBoolean(true), '01 01 ff');
  check('the number of unused bits before a bit string', encodeBitString(Buffer.from([0b0000_0110]), 1), '03 02 01 06');
  check('the first two arcs of an object identifier as one', encodeObjectIdentifier('2.5.4.3'), '06 03 55 04 03');
  check('arcs from 128 upwards in base 128', encodeObjectIdentifier('1.2.840.113549'), '06 06 2a 86 48 86 f7 0d');
  check('UTF-8 text with its length in bytes', encodeUtf8String('é'), '0c 02 c3 a9');
  check(
    'seconds without fractions',
    encodeTime(new Date('2026-01-02T03:04:05.678Z')),
    `17 0d ${hexOf('260102030405Z')}`,
  );
  check('an implicit member under its number', encodeContext(2, Buffer.from('a'), 'primitive'), '82 01 61');
  check('an explicit member under its number', encodeContext(0, Buffer.from([5, 0]), 'constructed'), 'a0 02 05 00');
  check('lengths up to 127 in one byte', encodeOctetString(Buffer.alloc(127)).subarray(0, 2), '04 7f');
  check('lengths from 128 with a count of bytes', encodeOctetString(Buffer.alloc(128)).subarray(0, 3), '04 81 80');
  check('lengths from 256 in two bytes', encodeOctetString(Buffer.alloc(300)).subarray(0, 4), '04 82 01 2c');
});

function hexOf(text: string): string {
  return Buffer.from(text).toString('hex');
}
