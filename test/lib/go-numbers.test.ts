import { expect } from 'chai';
import * as fc from 'fast-check';
import { toInt32, toInt64, wrapInt32, wrapInt64 } from '../../src/lib/go-numbers.ts';
import { readVectors } from './vectors.ts';

interface NumberVector {
  readonly f64: string;
  readonly int32: string;
  readonly int64: string;
}

describe('go-numbers', () => {
  it('converts every float64 as Go does on amd64', () => {
    for (const { f64, int32, int64 } of readVectors<NumberVector>('go-number-vectors')) {
      const value = Number(f64.replace('Inf', 'Infinity'));
      expect(`${toInt32(value)} ${toInt64(value)}`, f64).to.equal(`${int32} ${int64}`);
    }
  });

  it('gives no negative zero', () => {
    expect(Object.is(toInt32(-0.5), 0)).to.equal(true);
  });

  it('keeps the low 32 bits of an integer', () => {
    expect(wrapInt32(2_147_483_647n)).to.equal(2_147_483_647);
    expect(wrapInt32(2_147_483_648n)).to.equal(-2_147_483_648);
    expect(wrapInt32(-2_147_483_649n)).to.equal(2_147_483_647);
    expect(wrapInt32(4_294_967_297n)).to.equal(1);
  });

  it('keeps the low 64 bits of an integer', () => {
    expect(wrapInt64(2n ** 63n)).to.equal(-(2n ** 63n));
    expect(wrapInt64(-(2n ** 63n) - 1n)).to.equal(2n ** 63n - 1n);
  });

  it('leaves every int32 as it is', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(toInt32(value)).to.equal(value);
        expect(wrapInt32(BigInt(value))).to.equal(value);
        expect(toInt64(value)).to.equal(BigInt(value));
      }),
    );
  });
});
