import { expect } from 'chai';
import { dnsLabelProblems } from '../../src/check/name-rules.ts';

function check(name: string, ...expected: readonly RegExp[]): void {
  it(`${JSON.stringify(name.slice(0, 20))}: ${expected.map(String).join(', ') || 'taken'}`, () => {
    const problems = dnsLabelProblems(name);
    expect(problems).to.have.length(expected.length);
    for (const [index, pattern] of expected.entries()) expect(problems[index]).to.match(pattern);
  });
}

describe('a lowercase RFC 1123 label', () => {
  const shape = /^a lowercase RFC 1123 label must consist of /;
  const tooLong = /^must be no more than 63 characters$/;
  check('app');
  check('9-a');
  check('a'.repeat(63));
  check('', shape);
  check('App', shape);
  check('-a', shape);
  check('a'.repeat(64), tooLong);
  check('app.v1', /^must not contain dots$/);
  check('app.', shape);
  check(`${'a'.repeat(64)}.b`, tooLong, /^must not contain dots$/);
});
