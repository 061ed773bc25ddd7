import { expect } from 'chai';
import { type LoadLevel, loadPhaseAt, wholeCycleMs } from '../../demo/load-course.ts';

describe("the demo's load", () => {
  const check = (seconds: number, level: LoadLevel, fromSeconds: number, toSeconds: number): void => {
    it(`is ${level} from ${fromSeconds} s to ${toSeconds} s, seen at ${seconds} s`, () => {
      const expected = { level, startsAtMs: fromSeconds * 1000, endsAtMs: toSeconds * 1000 };
      expect(loadPhaseAt(seconds * 1000)).to.deep.equal(expected);
    });
  };
  check(0, 'idle', 0, 30);
  check(29.999, 'idle', 0, 30);
  check(30, 'busy', 30, 105);
  check(104.999, 'busy', 30, 105);
  check(105, 'idle', 105, 180);
  check(180, 'busy', 180, 255);
  check(254, 'busy', 180, 255);
  check(255, 'idle', 255, 330);

  it('rises and falls within --for 3m', () => {
    expect(wholeCycleMs).to.be.at.most(180_000);
  });
});
