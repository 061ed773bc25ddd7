// Pure: decisions as the screen, the report and the summary tell them.
import type { DecisionRecord } from './decision-record.ts';
import { formatElapsed, formatSeconds } from './elapsed.ts';
import { type ExplainContext, explainDecision } from './explain.ts';
import type { Scene } from './scene.ts';
import type { Scaling, StoryView } from './story.ts';

export interface ScalingText {
  /** Since the load began: `0:41`. */
  readonly when: string;
  /** `1 → 5`. */
  readonly what: string;
  readonly why: string;
}

export function describeScaling({ decision, afterStepMs }: Scaling, story: StoryView, scene: Scene): ScalingText {
  const { atMs, from, to } = decision;
  const turn = to > from ? 'rose' : 'fell';
  const delay = afterStepMs === undefined ? '' : ` (${formatSeconds(afterStepMs)} after the load ${turn})`;
  return {
    when: formatElapsed(atMs - story.startedAtMs),
    what: `${from} → ${to}`,
    why: explainDecision(decision, contextOf(story, scene)) + delay,
  };
}

/** Why the last look changed nothing. */
export function describeLastLook(decision: DecisionRecord, story: StoryView, scene: Scene): ScalingText {
  const why = decision.hasChanged ? 'just decided' : explainDecision(decision, contextOf(story, scene));
  return { when: 'now', what: `keep ${decision.to}`, why };
}

function contextOf(story: StoryView, { example }: Scene): ExplainContext {
  return {
    targetPercent: example.targetPercent,
    stabilizationSeconds: example.stabilizationSeconds,
    formatTime: (atMs) => formatElapsed(atMs - story.startedAtMs),
  };
}
