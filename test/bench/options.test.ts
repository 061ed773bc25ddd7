import { expect } from 'chai';
import { parseOptions } from '../../bench/options.ts';

describe('bench/options', () => {
  it('without flags both contenders run on 100 nodes, faults included', () => {
    expect(parseOptions([])).to.deep.equal({
      nodes: 100,
      podsPerNode: 30,
      hpas: 60,
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

  it('there is an autoscaler for every fifth app of ten pods', () => {
    expect(parseOptions(['--nodes', '5000'])).to.include({ hpas: 3000 });
  });

  it('--hpas 0 leaves autoscaling out', () => {
    expect(parseOptions(['--hpas', '0'])).to.include({ hpas: 0 });
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
  refuse('--hpas', '301');
  refuse('--only', 'both');
  refuse('--fast');
  refuse('stray');
});
