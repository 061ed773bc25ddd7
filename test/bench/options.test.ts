import { expect } from 'chai';
import { parseOptions } from '../../bench/options.ts';

describe('bench/options', () => {
  it('without flags both contenders run on 100 nodes, faults included', () => {
    expect(parseOptions([])).to.deep.equal({
      nodes: 100,
      podsPerNode: 30,
      contenders: ['reference', 'headroom'],
      quick: false,
      faults: true,
      profile: false,
      out: undefined,
    });
  });

  it('--only runs one contender', () => {
    expect(parseOptions(['--only', 'headroom'])).to.have.deep.property('contenders', ['headroom']);
  });

  it('--quick leaves the faults out', () => {
    expect(parseOptions(['--quick'])).to.include({ quick: true, faults: false });
  });

  const refuse = (...argv: readonly string[]): void => {
    it(`${argv.join(' ')} is refused`, () => {
      expect(() => parseOptions(argv)).to.throw();
    });
  };

  refuse('--nodes', '0');
  refuse('--nodes', '1e9');
  refuse('--nodes', 'many');
  refuse('--pods-per-node', '2.5');
  refuse('--only', 'both');
  refuse('--fast');
  refuse('stray');
});
