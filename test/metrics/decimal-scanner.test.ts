// A number of an exposition is read as the double that Go's ParseFloat makes of it (docs/metrics-math.md 1.4).
import { expect } from 'chai';
import * as fc from 'fast-check';
import { DecimalScanner } from '../../src/metrics/decimal-scanner.ts';
import { bytes, goFloat } from '../support/exposition-text.ts';

function scan(text: string, at = 0): { value: number; end: number } {
  const scanner = new DecimalScanner();
  const value = scanner.scan(bytes(`${text}\n`), at);
  return { value, end: scanner.end };
}

describe('DecimalScanner', () => {
  describe('reads a number and where it ends', () => {
    const check = (text: string, value: number, length = text.length): void => {
      it(`${JSON.stringify(text)} is ${value}`, () => expect(scan(text)).to.deep.equal({ value, end: length }));
    };
    // Plain
    check('0', 0);
    check('7', 7);
    check('-7', -7);
    check('+7', 7);
    check('-0', 0);
    check('007', 7);
    check('4.710169', 4.710169);
    check('.5', 0.5);
    check('5.', 5);
    // Exponents
    check('1.25e+07', 12_500_000);
    check('1E3', 1000);
    check('1e-10', 1e-10);
    check('1e22', 1e22);
    // Beyond the fast path: many digits, large exponents
    check('1.7000000001234567e+09', 1.7000000001234567e9);
    check('9007199254740993', 9007199254740992);
    check('9007199254740992', 9007199254740992);
    check('123456789.123456789', 123456789.12345679);
    check('1e23', 1e23);
    check('4.9e-324', 5e-324);
    check('0.000000000000000000000001', 1e-24);
    // Something after it
    check('12 1700', 12, 2);
    check('12\r', 12, 2);
    check('12x', 12, 2);
    check('1_0', 1, 1);
    check('0x1p3', 0, 1);
  });

  describe('answers NaN for what is no finite decimal number', () => {
    const check = (text: string): void => {
      it(JSON.stringify(text.slice(0, 40)), () => expect(scan(text).value).to.be.NaN);
    };
    check('');
    check('.');
    check('-');
    check('+');
    check('e5');
    check('1e');
    check('1e+');
    check('NaN');
    check('+Inf');
    check('inf');
    check('1e400');
    check('x');
    check('1'.repeat(64));
    check(`1.${'0'.repeat(70)}`);
    check(`1e${'0'.repeat(70)}`);
  });

  it('begins where it is told', () => {
    expect(scan('ab 12.5 99', 3)).to.deep.equal({ value: 12.5, end: 7 });
  });

  it('agrees with Number() for every double, however it is written', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(double, (value) => {
        for (const text of [String(value), value.toExponential(), goFloat(value)]) {
          expect(scan(text).value, text).to.equal(Number(text) + 0);
        }
      }),
    );
  });

  it('agrees with Number() for every row of digits', () => {
    const digits = fc.string({
      unit: fc.constantFrom(...Array.from({ length: 10 }, (_, digit) => String(digit))),
      minLength: 1,
      maxLength: 25,
    });
    const exponent = fc.integer({ min: -30, max: 30 });
    fc.assert(
      fc.property(digits, digits, exponent, (whole, fraction, power) => {
        for (const text of [whole, `${whole}.${fraction}`, `${whole}.${fraction}e${power}`]) {
          expect(scan(text).value, text).to.equal(Number(text));
        }
      }),
    );
  });
});
