import { expect } from 'chai';
import * as fc from 'fast-check';
import { formatTimeMicros, formatTimeMillis, formatTimeSeconds, parseTimeMs } from '../../src/lib/time.ts';

const noonMs = Date.UTC(2026, 10, 21, 11, 0, 56);

describe('time', () => {
  describe('parses RFC 3339', () => {
    const check = (text: string | null | undefined, expected: number | undefined): void => {
      it(`${text} is ${expected}`, () => {
        expect(parseTimeMs(text)).to.equal(expected);
      });
    };
    check('2026-11-21T11:00:56Z', noonMs);
    check('2026-11-21T11:00:56.000000Z', noonMs);
    check('2026-11-21T11:00:56.123456Z', noonMs + 123);
    check('2026-11-21T11:00:56.123999999Z', noonMs + 123);
    check('2026-11-21T11:00:56.5Z', noonMs + 500);
    check('2026-11-21T13:00:56+02:00', noonMs);
    check('2026-11-21T05:30:56-05:30', noonMs);
    check('1970-01-01T00:00:00Z', 0);
    check('0001-01-01T00:00:00Z', -62_135_596_800_000);
    check('2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29));
    check('2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29));
  });

  describe('takes what is no timestamp for a missing one', () => {
    const check = (text: string | null | undefined): void => {
      it(JSON.stringify(text) ?? 'undefined', () => {
        expect(parseTimeMs(text)).to.equal(undefined);
      });
    };
    check(undefined);
    check(null);
    check('');
    check('now');
    check('2026-11-21');
    check('2026-11-21T11:00:56');
    check('2026-11-21 11:00:56Z');
    check('2026-13-01T00:00:00Z');
    check('2026-02-29T00:00:00Z');
    check('1900-02-29T00:00:00Z');
    check('2026-04-31T00:00:00Z');
    check('2026-01-32T00:00:00Z');
    check('2026-01-00T00:00:00Z');
    check('2026-11-21T24:00:00Z');
    check('2026-11-21T11:60:00Z');
    check('2026-11-21T11:00:60Z');
    check('2026-11-21T11:00:56.Z');
  });

  it('formats whole seconds, cutting the rest off', () => {
    expect(formatTimeSeconds(noonMs)).to.equal('2026-11-21T11:00:56Z');
    expect(formatTimeSeconds(noonMs + 999.9)).to.equal('2026-11-21T11:00:56Z');
  });

  it('formats microseconds, cutting the rest off', () => {
    expect(formatTimeMillis(noonMs + 7.9)).to.equal('2026-11-21T11:00:56.007Z');
    expect(formatTimeMicros(noonMs)).to.equal('2026-11-21T11:00:56.000000Z');
    expect(formatTimeMicros(noonMs + 7)).to.equal('2026-11-21T11:00:56.007000Z');
    expect(formatTimeMicros(noonMs + 0.5)).to.equal('2026-11-21T11:00:56.000500Z');
  });

  it('reads back what it wrote', () => {
    const upTo9999 = fc.integer({ min: 0, max: 253_402_300_799_999 });
    fc.assert(
      fc.property(upTo9999, (ms) => {
        expect(parseTimeMs(formatTimeMicros(ms))).to.equal(ms);
        expect(parseTimeMs(formatTimeSeconds(ms))).to.equal(ms - (ms % 1000));
      }),
    );
  });

  it('never throws on text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseTimeMs(text)).to.be.oneOf([undefined, Date.parse(text)]);
      }),
    );
  });
});
