import { expect } from 'chai';
import { type DemoOptions, helpText, readDemoCommand } from '../../demo/options.ts';

describe("the demo's command line", () => {
  describe('accepts', () => {
    const check = (args: string, expected: Partial<DemoOptions>): void => {
      it(`"${args}"`, () => {
        const options = { forMs: undefined, nodes: 3, realNode: false, ...expected };
        expect(readDemoCommand(words(args))).to.deep.equal({ kind: 'run', options });
      });
    };
    check('', {});
    check('--for 3m', { forMs: 180_000 });
    check('--for=1m30s', { forMs: 90_000 });
    check('--nodes 100', { nodes: 100 });
    check('--nodes=1', { nodes: 1 });
    check('--real-node', { realNode: true });
    check('--real-node --for 3m', { realNode: true, forMs: 180_000 });
  });

  describe('refuses, naming every mistake', () => {
    const check = (args: string, ...mistakes: readonly string[]): void => {
      it(`"${args}"`, () => {
        expect(readDemoCommand(words(args))).to.deep.equal({ kind: 'refuse', mistakes });
      });
    };
    check('--fro 3m', 'unknown flag --fro', 'unexpected argument "3m"');
    check('-x', 'unknown flag -x');
    check('up', 'unexpected argument "up"');
    check('--for', '--for needs a value');
    check('--for 3', '--for: time: missing unit in duration "3"');
    check('--for 0s', '--for must be greater than 0, but got 0s');
    check('--for -3m', '--for must be greater than 0, but got -3m');
    check('--nodes 0', '--nodes must be a whole number from 1 to 1000, but got "0"');
    check('--nodes 1.5', '--nodes must be a whole number from 1 to 1000, but got "1.5"');
    check('--nodes 1001', '--nodes must be a whole number from 1 to 1000, but got "1001"');
    check('--real-node=yes', '--real-node takes no value');
    check('--real-node --nodes 2', '--nodes and --real-node exclude each other');
    check(
      '--nodes x --for y',
      '--for: time: invalid duration "y"',
      '--nodes must be a whole number from 1 to 1000, but got "x"',
    );
  });

  it('prints its help', () => {
    expect(readDemoCommand(['--help'])).to.deep.equal({ kind: 'print', text: helpText });
  });
});

function words(args: string): readonly string[] {
  return args.split(' ').filter((word) => word !== '');
}
