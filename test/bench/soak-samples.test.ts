import { expect } from 'chai';
import { SampleLedger, type ServedThing } from '../../bench/soak-samples.ts';

const startMs = Date.parse('2026-11-21T12:00:00Z');
const limits = { serveWithinMs: 70_000, sampleAgeMs: 40_000, forgetWithinMs: 5_000 };

/** Times are seconds after the start. */
function served(name: string, sampledAt: number): ServedThing {
  return { metadata: { namespace: 'shop', name }, timestamp: new Date(startMs + sampledAt * 1000).toISOString() };
}

function at(seconds: number): number {
  return startMs + seconds * 1000;
}

describe('bench/soak-samples', () => {
  const check = (
    title: string,
    prepare: (ledger: SampleLedger) => void,
    items: readonly ServedThing[],
    expected: readonly string[],
  ): void => {
    it(title, () => {
      const ledger = new SampleLedger(limits);
      prepare(ledger);
      const found = ledger.check(items, at(100)).findings.map(({ kind, key }) => `${kind} ${key}`);
      expect(found).to.deep.equal(expected);
    });
  };

  const isThere = (ledger: SampleLedger): void => ledger.isThere('shop/a');

  check('a pod that is there with a fresh sample is as it should be', isThere, [served('a', 80)], []);
  check('a pod that was served and is not any more is lost', isThere, [], ['lost shop/a']);
  check('a sample may be so old, and a second for its timestamp', isThere, [served('a', 59)], []);
  check('a sample that is older is stale', isThere, [served('a', 58.9)], ['stale shop/a']);
  check('a young pod need not be served', (ledger) => ledger.began('shop/a', at(30)), [], []);
  check('a pod that is older must be', (ledger) => ledger.began('shop/a', at(29.9)), [], ['never-served shop/a']);
  check(
    'a young pod that was served once must be served from then on',
    (ledger) => {
      ledger.began('shop/a', at(60));
      ledger.check([served('a', 80)], at(90));
    },
    [],
    ['lost shop/a'],
  );
  check('what nobody made is a stranger', () => undefined, [served('a', 90)], ['stranger shop/a']);

  const ended =
    (endedAt: number) =>
    (ledger: SampleLedger): void => {
      isThere(ledger);
      ledger.ending('shop/a');
      ledger.ended('shop/a', at(endedAt));
    };
  check('a pod that is gone need not be served', ended(99), [], []);
  check('a pod that has just gone may still be served', ended(95), [served('a', 90)], []);
  check('a pod that is gone for longer is a ghost', ended(94.9), [served('a', 90)], ['ghost shop/a']);
  for (const [title, items] of [
    ['not served', []],
    ['served', [served('a', 90)]],
  ] as const) {
    check(
      `a pod that is being deleted may be ${title}`,
      (ledger) => {
        isThere(ledger);
        ledger.ending('shop/a');
      },
      items,
      [],
    );
  }

  it('tells how long it took until a new pod was served, once', () => {
    const ledger = new SampleLedger(limits);
    ledger.began('shop/a', at(60));
    expect(ledger.check([served('a', 70)], at(90)).firstServedAfterMs).to.deep.equal([30_000]);
    expect(ledger.check([served('a', 70)], at(91)).firstServedAfterMs).to.deep.equal([]);
  });
});
