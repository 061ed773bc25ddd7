import { expect } from 'chai';
import type { DecisionRecord } from '../../demo/decision-record.ts';
import { Story } from '../../demo/story.ts';
import { summarize } from '../../demo/summary.ts';
import { atSeconds, clusterView, decisionRecord, loadBeganAtMs, sceneOf } from '../support/demo-builders.ts';

const up: Partial<DecisionRecord> = { atMs: atSeconds(41), from: 1, to: 5 };
const down: Partial<DecisionRecord> = { atMs: atSeconds(130), from: 5, to: 1 };

function summaryOf(...decisions: readonly Partial<DecisionRecord>[]) {
  const story = new Story(loadBeganAtMs);
  story.loadChanged('idle', atSeconds(0));
  story.clusterSeen(clusterView({ replicas: 1 }), atSeconds(1));
  story.loadChanged('busy', atSeconds(30));
  story.clusterSeen(clusterView({ replicas: 5 }), atSeconds(42));
  story.loadChanged('idle', atSeconds(105));
  for (const decision of decisions) story.decided(decisionRecord(decision));
  return summarize(story, sceneOf(), atSeconds(180));
}

describe('the summary', () => {
  it('counts, and tells how long it took', () => {
    const { lines, isComplete } = summaryOf(up, down);
    expect(isComplete).to.equal(true);
    expect(lines).to.deep.equal([
      '3:00 of load on 3 simulated nodes: 1 scale-up, 1 scale-down; lowest 1, highest 5 replicas',
      '   0:41  1 → 5    cpu 250 % of request, target 50 %: 1 pod × 5.00 → 5',
      '   2:10  5 → 1    cpu 250 % of request, target 50 %: 1 pod × 5.00 → 1; nothing higher in the last 15 s',
      'replicas patched 11.0 s after the load rose',
      'replicas patched 25.0 s after the load fell (scale-down is stabilized for 15 s)',
    ]);
  });

  describe('is complete only when replicas went up and came down', () => {
    const check = (
      title: string,
      decisions: readonly Partial<DecisionRecord>[],
      ...missing: readonly string[]
    ): void => {
      it(title, () => {
        const { lines, isComplete } = summaryOf(...decisions);
        expect(isComplete).to.equal(false);
        expect(lines.filter((line) => line.startsWith('no '))).to.deep.equal(missing);
      });
    };
    check('not without any change', [], 'no scale-up happened', 'no scale-down happened');
    check('not after going up', [up], 'no scale-down happened');
    check('not after coming down', [down], 'no scale-up happened');
  });
});
