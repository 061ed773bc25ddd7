import { expect } from 'chai';
import { timeProblem } from '../../src/check/go-time.ts';

function check(text: string, problem: string | undefined): void {
  it(`${JSON.stringify(text)}: ${problem ?? 'a time'}`, () => {
    const expected = problem === undefined ? undefined : `parsing time ${problem}`;
    expect(timeProblem(text)).to.equal(expected);
  });
}

/** With the messages of Go 1.26. */
describe('an RFC 3339 time, as Go reads it', () => {
  const layout = '"2006-01-02T15:04:05Z07:00"';
  check('2026-11-21T00:00:00Z', undefined);
  check('2026-11-21T00:00:00.5Z', undefined);
  check('2026-11-21T00:00:00,5Z', undefined);
  check('2026-11-21T0:00:00Z', undefined);
  check('2024-02-29T00:00:00+24:00', undefined);
  check('2026-11-21T00:00:00+05:60', undefined);
  check('2026-11-21T00:00:00+25:00', '"2026-11-21T00:00:00+25:00": time zone offset hour out of range');
  check('2026-11-21T00:00:00-05:61', '"2026-11-21T00:00:00-05:61": time zone offset minute out of range');
  check('2026-11-21T00:00:00+25:61', '"2026-11-21T00:00:00+25:61": time zone offset minute out of range');
  check('2026-02-29T00:00:00Z', '"2026-02-29T00:00:00Z": day out of range');
  check('2026-11-21T24:00:00Z', '"2026-11-21T24:00:00Z": hour out of range');
  check('2026-11-21T00:00:00', `"2026-11-21T00:00:00" as ${layout}: cannot parse "" as "Z07:00"`);
  check('ä"\n', `"\\xc3\\xa4\\"\\x0a" as ${layout}: cannot parse "\\xc3\\xa4\\"\\x0a" as "2006"`);
});
