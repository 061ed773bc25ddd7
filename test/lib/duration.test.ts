import { expect } from 'chai';
import * as fc from 'fast-check';
import { DurationError, formatDuration, parseDurationMs, parseDurationNs } from '../../src/lib/duration.ts';
import { outcome, readVectors } from './vectors.ts';

interface ParseVector {
  readonly text: string;
  readonly ns?: string;
  readonly error?: string;
}

interface FormatVector {
  readonly ns: string;
  readonly text: string;
}

describe('duration', () => {
  it('parses, and refuses, what time.ParseDuration does, in its words', () => {
    for (const { text, ns, error } of readVectors<ParseVector>('duration-parse-vectors')) {
      const expected = error === undefined ? { value: Number(ns) } : { error };
      expect(
        outcome(() => parseDurationNs(text)),
        text,
      ).to.deep.equal(expected);
    }
  });

  it('formats as time.Duration.String does', () => {
    for (const { ns, text } of readVectors<FormatVector>('duration-format-vectors')) {
      expect(formatDuration(BigInt(ns)), ns).to.equal(text);
      if (Number.isSafeInteger(Number(ns))) expect(formatDuration(Number(ns)), ns).to.equal(text);
    }
  });

  describe('formats a sample window (M-73, M-170)', () => {
    const check = (ns: number | bigint, expected: string): void => {
      it(`${ns} ns is ${expected}`, () => {
        expect(formatDuration(ns)).to.equal(expected);
      });
    };
    check(0, '0s');
    check(1, '1ns');
    check(1500, '1.5µs');
    check(1_500_000, '1.5ms');
    check(999_000_000, '999ms');
    check(15_004_000_000, '15.004s');
    check(60e9, '1m0s');
    check(60_005_000_000, '1m0.005s');
    check(3600e9, '1h0m0s');
    check(2n ** 63n - 1n, '2562047h47m16.854775807s');
  });

  it('gives milliseconds, with a fraction when there is one', () => {
    expect(parseDurationMs('1m0.5s')).to.equal(60_500);
    expect(parseDurationMs('1500us')).to.equal(1.5);
  });

  it('throws a DurationError', () => {
    expect(() => parseDurationMs('abc')).to.throw(DurationError, 'time: invalid duration "abc"');
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (ns) => {
        expect(parseDurationNs(formatDuration(ns))).to.equal(ns);
      }),
    );
  });

  it('throws nothing but DurationError on any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const result = outcome(() => parseDurationNs(text));
        if ('error' in result) expect(result.error).to.match(/^time: /);
        else expect(result.value).to.be.a('number');
      }),
    );
  });
});
