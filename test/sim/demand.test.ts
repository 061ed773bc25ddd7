import { expect } from 'chai';
import { parseDemand, parseTrace } from '../cluster/sim/demand.ts';

describe('a demand from JSON', () => {
  const accepts = (value: unknown): void => {
    it(`may be ${JSON.stringify(value)}`, () => {
      expect(parseDemand(value)).to.deep.equal(value);
    });
  };
  const refuses = (value: unknown, message: string): void => {
    it(`may not be ${JSON.stringify(value)}`, () => {
      expect(() => parseDemand(value)).to.throw(RangeError, message);
    });
  };

  accepts(0);
  accepts(2.5);
  accepts({ kind: 'constant', value: 1 });
  accepts({ kind: 'step', from: 1, to: 2, atSeconds: 30 });
  accepts({ kind: 'ramp', from: 1, to: 2, atSeconds: 30, durationSeconds: 60 });
  accepts({ kind: 'sine', mean: 2, amplitude: 1, periodSeconds: 600 });
  accepts({ kind: 'trace', rows: [{ atSeconds: 0, value: 1 }] });
  accepts({ kind: 'trace', rows: [{ atSeconds: 0, value: 1 }], repeatSeconds: 60 });

  refuses(-1, 'a demand needs a non-negative value');
  refuses('2', 'a demand is a number or has a kind, one of constant, step, ramp, sine, trace');
  refuses({ kind: 'toString' }, 'has a kind, one of');
  refuses({ kind: 'step', from: 1, to: 2 }, 'demand step needs a non-negative atSeconds');
  refuses({ kind: 'sine', mean: 1, amplitude: 1, periodSeconds: 0 }, 'demand sine needs a positive periodSeconds');
  refuses({ kind: 'trace', rows: [] }, 'demand trace needs rows');
  refuses({ kind: 'trace', rows: [{ atSeconds: 9, value: 1 }], repeatSeconds: 5 }, 'rows after its repeatSeconds');
});

describe('a trace from CSV', () => {
  it('has a row per line and may have a heading, comments and blank lines', () => {
    expect(parseTrace('seconds,cores\n# morning\n0,1.5\n\n 60 , 2e0 \r\n')).to.deep.equal([
      { atSeconds: 0, value: 1.5 },
      { atSeconds: 60, value: 2 },
    ]);
  });

  it('is refused with the number of the line that is wrong', () => {
    expect(() => parseTrace('0,1\n5;2\n')).to.throw(RangeError, 'line 2 is not "seconds,value": 5;2');
  });

  it('is refused when it has no rows', () => {
    expect(() => parseTrace('seconds,cores\n')).to.throw(RangeError, 'at least one line');
  });
});
