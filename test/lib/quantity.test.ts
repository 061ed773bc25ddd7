import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  formatBinaryMilli,
  formatBytes,
  formatDecimalMilli,
  formatNanoCores,
  parseQuantityMilli,
  parseQuantityNumber,
  QuantityError,
} from '../../src/lib/quantity.ts';
import { outcome, readVectors } from './vectors.ts';

interface ParseVector {
  readonly text: string;
  readonly milli?: string;
  readonly number?: string;
  readonly error?: string;
}

interface FormatVector {
  readonly milli: string;
  readonly decimal: string;
  readonly binary: string;
}

interface UsageVector {
  readonly value: number;
  readonly nanoCores: string;
  readonly bytes: string;
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
// What still has an exact milli-value after parsing: 10^18 milli is 18 digits.
const modestMilli = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });

describe('quantity', () => {
  describe('parsing', () => {
    const vectors = readVectors<ParseVector>('quantity-parse-vectors');

    it('gives the milli-value, or the error, that apimachinery gives', () => {
      for (const { text, milli, error } of vectors) {
        const expected = error === undefined ? { value: BigInt(milli ?? '') } : { error };
        expect(
          outcome(() => parseQuantityMilli(text)),
          text,
        ).to.deep.equal(expected);
      }
    });

    it('gives the float64, or the error, that apimachinery gives', () => {
      for (const { text, number, error } of vectors) {
        const value = Number(number?.replace('Inf', 'Infinity'));
        const expected = error === undefined ? { value } : { error };
        expect(
          outcome(() => parseQuantityNumber(text)),
          text,
        ).to.deep.equal(expected);
      }
    });

    describe('takes milli-units away from zero, and wraps or gives 0 beyond int64 (H-58)', () => {
      const check = (text: string, expected: bigint): void => {
        it(`${text} is ${expected}m`, () => {
          expect(parseQuantityMilli(text)).to.equal(expected);
        });
      };
      check('250m', 250n);
      check('128Mi', 134_217_728_000n);
      check('2', 2000n);
      check('1u', 1n);
      check('1500u', 2n);
      check('-1500u', -2n);
      check('0.1Ki', 102_400n);
      check('10Pi', -7_187_745_005_283_311_616n);
      check('1E', 0n);
    });

    describe('reads a tolerance as a number', () => {
      const check = (text: string, expected: number): void => {
        it(`${text} is ${expected}`, () => {
          expect(parseQuantityNumber(text)).to.equal(expected);
        });
      };
      check('50m', 0.05);
      check('0', 0);
      check('0.1', 0.1);
      check('1', 1);
    });

    it('throws a QuantityError', () => {
      expect(() => parseQuantityMilli('1 Gi')).to.throw(QuantityError, /must match the regular expression/);
    });

    it('answers quickly whatever the exponent', () => {
      expect(parseQuantityMilli('1234567890123456789e1000000000')).to.equal(0n);
      expect(parseQuantityMilli('1e-1000000000')).to.equal(1n);
      expect(parseQuantityNumber('1234567890123456789e1000000000')).to.equal(Number.POSITIVE_INFINITY);
    });

    it('throws nothing but QuantityError on any text', () => {
      const quantityLike = fc.string({ unit: fc.constantFrom(...Array.from('0123456789.+-eEinumkKMGTP')) });
      fc.assert(
        fc.property(fc.oneof(fc.string(), quantityLike), (text) => {
          try {
            expect(parseQuantityMilli(text)).to.be.a('bigint');
          } catch (error) {
            expect(error).to.be.instanceOf(QuantityError);
          }
        }),
      );
    });
  });

  describe('formatting milli-units', () => {
    it('gives the canonical strings of apimachinery', () => {
      for (const { milli, decimal, binary } of readVectors<FormatVector>('quantity-format-vectors')) {
        expect(formatDecimalMilli(BigInt(milli)), milli).to.equal(decimal);
        expect(formatBinaryMilli(BigInt(milli)), milli).to.equal(binary);
      }
    });

    describe('writes status quantities (H-86)', () => {
      const check = (format: (milli: bigint) => string, milli: bigint, expected: string): void => {
        it(`${format.name} of ${milli} is ${expected}`, () => {
          expect(format(milli)).to.equal(expected);
        });
      };
      check(formatDecimalMilli, 90n, '90m');
      check(formatDecimalMilli, 1500n, '1500m');
      check(formatDecimalMilli, 2000n, '2');
      check(formatDecimalMilli, 0n, '0');
      check(formatBinaryMilli, 104_857_600_000n, '100Mi');
      check(formatBinaryMilli, 104_857_600_500n, '104857600500m');
      check(formatBinaryMilli, 1_023_000n, '1023');
      check(formatBinaryMilli, 104_857_601_000n, '104857601');
      check(formatBinaryMilli, 0n, '0');
    });

    it('reads back what it wrote', () => {
      fc.assert(
        fc.property(modestMilli, (milli) => {
          expect(parseQuantityMilli(formatDecimalMilli(milli))).to.equal(milli);
          expect(parseQuantityMilli(formatBinaryMilli(milli))).to.equal(milli);
        }),
      );
    });

    it('never writes a fraction or an exponent', () => {
      fc.assert(
        fc.property(int64, (milli) => {
          expect(formatDecimalMilli(milli)).to.match(/^-?\d+[mkMGTP]?$/);
          expect(formatBinaryMilli(milli)).to.match(/^-?\d+([mkMGTP]|[KMGTPE]i)?$/);
        }),
      );
    });
  });

  describe('formatting usage', () => {
    it('gives the strings that metrics-server serves', () => {
      for (const { value, nanoCores, bytes } of readVectors<UsageVector>('usage-format-vectors')) {
        expect(formatNanoCores(value), String(value)).to.equal(nanoCores);
        expect(formatBytes(value), String(value)).to.equal(bytes);
      }
    });

    describe('writes nano-cores with the largest exact suffix (M-74, M-169)', () => {
      const check = (nanoCores: number, expected: string): void => {
        it(`${nanoCores} is ${expected}`, () => {
          expect(formatNanoCores(nanoCores)).to.equal(expected);
        });
      };
      check(0, '0');
      check(1, '1n');
      check(999, '999n');
      check(1000, '1u');
      check(1001, '1001n');
      check(1500, '1500n');
      check(1_000_000, '1m');
      check(1_000_001, '1000001n');
      check(123_456_000, '123456u');
      check(250_000_000, '250m');
      check(1e9, '1');
      check(1.5e9, '1500m');
      check(2e9, '2');
      check(64e9, '64');
      check(1_234_567_890, '1234567890n');
      check(1e12, '1k');
      check(2_001_500, '2001500n');
    });

    describe('writes bytes with the largest exact suffix (M-75, M-169)', () => {
      const check = (bytes: number, expected: string): void => {
        it(`${bytes} is ${expected}`, () => {
          expect(formatBytes(bytes)).to.equal(expected);
        });
      };
      check(0, '0');
      check(1, '1');
      check(1000, '1k');
      check(1023, '1023');
      check(1024, '1Ki');
      check(1025, '1025');
      check(1536, '1536');
      check(4096, '4Ki');
      check(1_000_000, '1000000');
      check(1_024_000, '1000Ki');
      check(1_048_576, '1Mi');
      check(1_048_577, '1048577');
      check(1_049_576, '1049576');
      check(1_572_864, '1536Ki');
      check(2 ** 30, '1Gi');
      check(2 ** 40, '1Ti');
      check(2 ** 50, '1Pi');
      check(2 ** 60, '1Ei');
    });

    it('agrees with the formatter of milli-units', () => {
      fc.assert(
        fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => {
          expect(formatBytes(value)).to.equal(formatBinaryMilli(BigInt(value) * 1000n));
        }),
      );
      fc.assert(
        fc.property(fc.nat({ max: 1e9 }), (milliCores) => {
          expect(formatNanoCores(milliCores * 1e6)).to.equal(formatDecimalMilli(BigInt(milliCores)));
        }),
      );
    });
  });
});
