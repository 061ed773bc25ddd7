// YAML as the API machinery writes it. What is expected was written by go-yaml v2.4.4.
import { expect } from 'chai';
import { jsonToYaml } from '../../src/api/yaml.ts';

describe('api: YAML', () => {
  function check(value: string, expected: string): void {
    it(`writes ${JSON.stringify(value)} as ${JSON.stringify(expected)}`, () => {
      expect(jsonToYaml(JSON.stringify({ v: value }))).to.equal(`v: ${expected}\n`);
    });
  }

  describe('bare, where the text means itself', () => {
    check('web-1', 'web-1');
    check('a:b', 'a:b');
    check('a#b', 'a#b');
    check('-a', '-a');
    check('1-2', '1-2');
    check('v1.5', 'v1.5');
    check('15s', '15s');
    check('2026-02-30', '2026-02-30');
    check('0xFFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFFF');
    check('1e400', '1e400');
    check('é', 'é');
  });

  describe('in double quotes, where it would be read as something else', () => {
    for (const text of ['', '~', 'null', 'true', 'No', 'y', 'OFF', '.inf', '-.INF']) check(text, `"${text}"`);
    for (const text of ['1', '-1', '+1', '0x1F', '0777', '0o17', '0b1', '1_000', '1.5', '.5', '.5_0', '1e3', '018']) {
      check(text, `"${text}"`);
    }
    for (const text of ['18446744073709551615', '99999999999999999999', '12:30', '2026-11-21', '2024-02-29']) {
      check(text, `"${text}"`);
    }
    for (const text of ['2026-11-21T11:29:44Z', '2026-1-2 3:4:5', '2026-11-21t11:29:44.5+01:00']) {
      check(text, `"${text}"`);
    }
  });

  describe('in quotes, where characters would mean something', () => {
    check('a: b', "'a: b'");
    check('a #b', "'a #b'");
    check('- a', "'- a'");
    check("'a'", "'''a'''");
    check('@a', "'@a'");
    check(' a', "' a'");
    check('---', "'---'");
    check('a\tb', '"a\\tb"');
    check('\u0001\u0085😀', '"\\x01\\N\\U0001F600"');
    check('a \nb', '"a \\nb"');
  });

  describe('as a block, where there are several lines', () => {
    check('a\nb', '|-\n  a\n  b');
    check('a\n', '|\n  a');
    check('a\n\n', '|+\n  a\n');
    check('\na', '|2-\n\n  a');
  });

  describe('over several lines, where it is long', () => {
    const words = 'word '.repeat(30).trim();
    check(words, `${'word '.repeat(16).trim()}\n  ${words.slice(80)}`);
    check(`: ${words}`, `': ${'word '.repeat(15)}word\n  ${words.slice(80)}'`);
    check(`\t${words}`, `"\\t${'word '.repeat(15)}word\n  ${words.slice(80)}"`);
    check('w'.repeat(200), 'w'.repeat(200));
  });

  it('sorts keys like people, with signs before letters', () => {
    const keys = ['b', 'a10', 'a2', 'A', 'a-b', 'ab', 'a', 'x/y', 'x.y', 'n'];
    const json = JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1])));
    const written = jsonToYaml(json)
      .split('\n')
      .map((line) => line.replace(/: 1$/, ''));
    expect(written).to.deep.equal(['A', 'a', 'a-b', 'a2', 'a10', 'ab', 'b', '"n"', 'x.y', 'x/y', '']);
  });

  it('puts the dashes of a list below its key, and keeps what is empty on its line', () => {
    const value = { list: [{ a: 1, b: ['x', { c: null }] }, []], map: { none: {}, no: false } };
    expect(jsonToYaml(JSON.stringify(value))).to.equal(
      'list:\n- a: 1\n  b:\n  - x\n  - c: null\n- []\nmap:\n  "no": false\n  none: {}\n',
    );
  });

  it('asks a question of a key that is too long', () => {
    const key = 'k'.repeat(129);
    expect(jsonToYaml(JSON.stringify({ [key]: 'v' }))).to.equal(`? ${key}\n: v\n`);
  });
});
