import { expect } from 'chai';
import { readPlainScalar } from '../../src/check/plain-scalar.ts';

function check(text: string, value: string | boolean | null | { readonly number: string }): void {
  it(`${JSON.stringify(text)} is ${JSON.stringify(value)}`, () => {
    const read = readPlainScalar(text);
    if (value === null) expect(read).to.deep.equal({ kind: 'null' });
    else if (typeof value === 'boolean') expect(read).to.deep.equal({ kind: 'boolean', value });
    else if (typeof value === 'string') expect(read).to.deep.equal({ kind: 'string', value });
    else expect(read).to.deep.equal({ kind: 'number', text: value.number });
  });
}

describe('an unquoted YAML scalar, as the API server reads it', () => {
  // nothing
  for (const text of ['', '~', 'null', 'Null', 'NULL']) check(text, null);
  // switches
  for (const text of ['yes', 'Yes', 'on', 'ON', 'true', 'y']) check(text, true);
  for (const text of ['no', 'off', 'False', 'N']) check(text, false);
  check('yEs', 'yEs');
  // integers
  check('5', { number: '5' });
  check('-5', { number: '-5' });
  check('+5', { number: '5' });
  check('010', { number: '8' });
  check('0o10', { number: '8' });
  check('0x1F', { number: '31' });
  check('0b101', { number: '5' });
  check('-0b101', { number: '-5' });
  check('1_000', { number: '1000' });
  check('18446744073709551615', { number: '18446744073709551615' });
  // fractions
  check('1.50', { number: '1.5' });
  check('5.0', { number: '5' });
  check('.5', { number: '0.5' });
  check('1e3', { number: '1000' });
  check('08', { number: '8' });
  check('18446744073709551616', { number: '18446744073709552000' });
  // texts
  check('1.2.3', '1.2.3');
  check('500m', '500m');
  check('2026-11-21', '2026-11-21');
  check('12:30', '12:30');
  check('-', '-');
  check('.', '.');
  check('1e999', '1e999');
  check('_5', '_5');
});
