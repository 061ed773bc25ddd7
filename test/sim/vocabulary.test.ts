// The small pure parts of the simulation: addresses, quantities, faults, randomness.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseFault } from '../cluster/sim/fault.ts';
import { nodeAddress, nodeName, podAddress } from '../cluster/sim/node-identity.ts';
import { parseQuantity } from '../cluster/sim/quantity.ts';
import { seededRandom, seedFor } from '../cluster/sim/random.ts';

describe('the address of a simulated node', () => {
  const check = (index: number, expected: string): void => {
    it(`${index} is ${expected}`, () => {
      expect(nodeAddress(index)).to.equal(expected);
    });
  };

  check(0, '127.16.1.1');
  check(249, '127.16.1.250');
  check(250, '127.16.2.1');
  check(62_499, '127.16.250.250');
  check(62_500, '127.17.1.1');

  it('begins where it is told to', () => {
    expect(nodeAddress(0, 99)).to.equal('127.99.1.1');
  });

  it('is unlike every other node’s', () => {
    const addresses = new Set(Array.from({ length: 70_000 }, (_, index) => nodeAddress(index)));
    expect(addresses.size).to.equal(70_000);
  });

  it('does not exist for a node beyond the range', () => {
    expect(() => nodeAddress(-1)).to.throw(RangeError);
    expect(() => nodeAddress(250 * 250 * 100)).to.throw(RangeError);
  });

  it('goes with a name and with pods of the node’s own network', () => {
    expect(nodeName('sim-', 7)).to.equal('sim-7');
    expect(podAddress(300, 0)).to.equal('10.1.44.2');
  });
});

describe('a quantity', () => {
  const check = (text: string, expected: number | undefined): void => {
    it(`${text} is ${expected}`, () => {
      expect(parseQuantity(text)).to.equal(expected);
    });
  };

  check('2', 2);
  check('250m', 0.25);
  check('1.5', 1.5);
  check('1e3', 1000);
  check('64Mi', 67_108_864);
  check('1k', 1000);
  check('', undefined);
  check('five', undefined);
  check('5KB', undefined);
  check('5i', undefined);
});

describe('a fault from JSON', () => {
  const accepts = (fault: object): void => {
    it(`may be ${JSON.stringify(fault)}`, () => {
      expect(parseFault(fault)).to.deep.equal(fault);
    });
  };
  const refuses = (fault: unknown, message: string): void => {
    it(`may not be ${JSON.stringify(fault)}`, () => {
      expect(() => parseFault(fault)).to.throw(RangeError, message);
    });
  };

  accepts({ kind: 'hang' });
  accepts({ kind: 'status', code: 500 });
  accepts({ kind: 'drip', bytesPerSecond: 10 });

  refuses({ kind: 'status' }, 'fault status needs a positive code');
  refuses({ kind: 'huge', bytes: 0 }, 'fault huge needs a positive bytes');
  refuses({ kind: 'tired' }, 'a fault needs a kind, one of reset, hang,');
  refuses(null, 'a fault needs a kind');
});

describe('seeded randomness', () => {
  it('repeats itself for the same seed and stays within [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [one, other] = [seededRandom(seed), seededRandom(seed)];
        for (let draw = 0; draw < 20; draw++) {
          const value = one();
          expect(value).to.equal(other());
          expect(value).to.be.within(0, 1 - Number.EPSILON / 2);
        }
      }),
    );
  });

  it('is evenly spread', () => {
    const random = seededRandom(1);
    const sum = Array.from({ length: 10_000 }, random).reduce((total, value) => total + value, 0);
    expect(sum / 10_000).to.be.closeTo(0.5, 0.02);
  });

  it('differs between names under one seed', () => {
    expect(seedFor(1, 'sim-0')).to.not.equal(seedFor(1, 'sim-1'));
    expect(seedFor(1, 'sim-0')).to.not.equal(seedFor(2, 'sim-0'));
  });
});
