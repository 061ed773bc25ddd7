import { expect } from 'chai';
import { NativeOwnership } from '../../src/controller/native-ownership.ts';

const periodMs = 15_000;

/** Minutes and seconds of a story -> milliseconds. */
const at = (minutes: number, seconds = 0): number => (minutes * 60 + seconds) * 1000;

/** One thing that happens, at a time. */
type Step = (ownership: NativeOwnership) => void;

/** The canary is read unwritten every five seconds, both ends included. */
function silence(fromMs: number, toMs: number, { uid = 'a', hpas = 1 } = {}): Step {
  return (ownership) => {
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 5_000) ownership.canaryRead(uid, nowMs, hpas);
  };
}

const seen =
  (atMs: number): Step =>
  (ownership) =>
    ownership.othersSeen(atMs);

const notHeard: Step = (ownership) => ownership.notHeard();

const noCanary =
  (atMs: number): Step =>
  (ownership) =>
    ownership.canaryRead(undefined, atMs, 1);

function after(...steps: readonly Step[]): NativeOwnership {
  const ownership = new NativeOwnership({ syncPeriodMs: periodMs, random: () => 0 });
  for (const step of steps) step(ownership);
  return ownership;
}

describe('whose native HPAs are', () => {
  const check = (title: string, owner: string, ...steps: readonly Step[]): void => {
    it(title, () => {
      expect(after(...steps).owner).to.equal(owner);
    });
  };

  describe('when nobody was ever seen', () => {
    check('is not known at first', 'unknown');
    check('is not known before the canary was left alone for three periods', 'unknown', silence(0, at(0, 40)));
    check('ours when it was, and every HPA had its turn', 'ours', silence(0, at(0, 50)));
    check(
      'not known while the canary of a thousand HPAs may still be waiting for its turn',
      'unknown',
      silence(0, at(2, 20), { hpas: 1000 }),
    );
    check('ours when that is over too', 'ours', silence(0, at(2, 30), { hpas: 1000 }));
    check('theirs by one write', 'theirs', silence(0, at(0, 20)), seen(at(0, 21)));
  });

  describe('counts only silence that was heard', () => {
    check(
      'not time in which the API server did not answer',
      'unknown',
      silence(0, at(0, 40)),
      silence(at(10), at(10, 40)),
    );
    check('but all of the time after that', 'ours', silence(0, at(0, 40)), silence(at(10), at(10, 50)));
    check('one answer that was late is no gap', 'ours', silence(0, at(0, 20)), silence(at(0, 35), at(0, 55)));
    check('one that did not come is', 'unknown', silence(0, at(0, 20)), notHeard, silence(at(0, 25), at(1, 5)));
    check('not of another canary', 'unknown', silence(0, at(0, 40)), silence(at(0, 45), at(1, 25), { uid: 'b' }));
    check(
      'not of a canary that was away',
      'unknown',
      silence(0, at(0, 40)),
      noCanary(at(0, 42)),
      silence(at(0, 45), at(1, 25)),
    );
  });

  describe('once somebody was seen', () => {
    check('theirs for eight periods of silence', 'theirs', seen(0), silence(at(5), at(6, 55), { uid: 'b' }));
    check('then ours', 'ours', seen(0), silence(at(5), at(7, 5), { uid: 'b' }));
    check(
      'theirs when another HPA is written while the canary waits',
      'theirs',
      seen(0),
      silence(at(5), at(6, 55)),
      seen(at(6, 58)),
      silence(at(7), at(8, 55)),
    );
    check(
      'ours when that was the last of it',
      'ours',
      seen(0),
      silence(at(5), at(6, 55)),
      seen(at(6, 58)),
      silence(at(7), at(9, 5)),
    );
    check('theirs as soon as they are back', 'theirs', silence(0, at(1)), seen(at(30)));
    check(
      'with more patience after silence has misled us: not ours after eight periods',
      'theirs',
      silence(0, at(1)),
      seen(at(2)),
      silence(at(6), at(9, 55), { uid: 'b' }),
    );
    check('but after sixteen', 'ours', silence(0, at(1)), seen(at(2)), silence(at(6), at(10, 5), { uid: 'b' }));
  });

  it('is asked again twelve periods after the last sign of somebody else', () => {
    const ownership = after(seen(0), seen(at(1)));
    expect([at(3, 55), at(4)].map((nowMs) => ownership.isTimeToAsk(nowMs))).to.deep.equal([false, true]);
    expect(after().isTimeToAsk(at(100)), 'nobody was ever seen').to.equal(false);
    expect(after(silence(0, at(1))).isTimeToAsk(at(100)), 'ours').to.equal(false);
  });

  it('is asked up to a quarter later by chance, so that two installations do not ask in step', () => {
    const ownership = new NativeOwnership({ syncPeriodMs: periodMs, random: () => 0.999 });
    ownership.othersSeen(0);
    expect([at(3, 40), at(3, 45)].map((nowMs) => ownership.isTimeToAsk(nowMs))).to.deep.equal([false, true]);
  });

  it('never takes longer than eight times the patience, however often silence misled us', () => {
    const ownership = after();
    for (let day = 0; day < 10; day++) {
      silence(at(day * 1440), at(day * 1440 + 60))(ownership);
      expect(ownership.owner, `day ${day}`).to.equal('ours');
      seen(at(day * 1440 + 70))(ownership);
    }
    expect(ownership.patienceMs(0)).to.equal(8 * 8 * periodMs);
  });
});
