import { expect } from 'chai';
import type { DecisionRecord } from '../../demo/decision-record.ts';
import { Story } from '../../demo/story.ts';
import { atSeconds, clusterView, decisionRecord, loadBeganAtMs } from '../support/demo-builders.ts';

/** Idle from 0 s, busy from 30 s, idle from 105 s. */
function storyOf(...decisions: readonly Partial<DecisionRecord>[]): Story {
  const story = new Story(loadBeganAtMs);
  story.loadChanged('idle', atSeconds(0));
  story.loadChanged('busy', atSeconds(30));
  story.loadChanged('idle', atSeconds(105));
  for (const decision of decisions) story.decided(decisionRecord(decision));
  return story;
}

describe('the story', () => {
  describe('times the first change of replicas after each step of the load', () => {
    const check = (
      title: string,
      decisions: readonly Partial<DecisionRecord>[],
      expected: readonly unknown[],
    ): void => {
      it(title, () => {
        const delays = storyOf(...decisions).scalings.map(({ afterStepMs }) => afterStepMs);
        expect(delays).to.deep.equal(expected);
      });
    };
    check('up', [{ atMs: atSeconds(41) }], [11_000]);
    check('up, once', [{ atMs: atSeconds(41) }, { atMs: atSeconds(46), from: 5, to: 8 }], [11_000, undefined]);
    check('down', [{ atMs: atSeconds(130), from: 8, to: 1 }], [25_000]);
    check('but not one against the step', [{ atMs: atSeconds(41), from: 5, to: 4 }], [undefined]);
    check('and nothing before the load ever changed', [{ atMs: atSeconds(10), from: 2, to: 1 }], [undefined]);
  });

  it('leaves out what was decided before the load began', () => {
    expect(storyOf({ atMs: atSeconds(-1) }).scalings).to.deep.equal([]);
  });

  it('remembers the last look even when it kept the replicas', () => {
    const story = storyOf({ from: 3, to: 3 });
    expect(story.scalings).to.deep.equal([]);
    expect(story.lastDecision).to.include({ from: 3, to: 3 });
  });

  it('keeps a sample of each look at the cluster, with the load at that time', () => {
    const story = storyOf();
    story.loadChanged('busy', atSeconds(180));
    story.clusterSeen(clusterView({ replicas: 4, utilization: 1.5 }), atSeconds(181));
    expect(story.samples).to.deep.equal([{ atMs: atSeconds(181), load: 1, utilization: 1.5, replicas: 4 }]);
  });
});
