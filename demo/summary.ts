// Pure: what the demo says at its end.
import { formatElapsed, formatSeconds } from './elapsed.ts';
import { describeScaling } from './scaling-text.ts';
import type { Scene } from './scene.ts';
import type { Scaling, StoryView } from './story.ts';

export interface Summary {
  readonly lines: readonly string[];
  /** Replicas went up and came down at least once. */
  readonly isComplete: boolean;
}

export function summarize(story: StoryView, scene: Scene, nowMs: number): Summary {
  const { scalings, replicaRange } = story;
  const ups = scalings.filter(({ decision }) => decision.to > decision.from);
  const downs = scalings.filter(({ decision }) => decision.to < decision.from);
  const range =
    replicaRange === undefined ? '' : `; lowest ${replicaRange.lowest}, highest ${replicaRange.highest} replicas`;
  const stabilized = ` (scale-down is stabilized for ${scene.example.stabilizationSeconds} s)`;
  const lines = [
    `${formatElapsed(nowMs - story.startedAtMs)} of load on ${scene.nodes}: ` +
      `${count(ups.length, 'scale-up')}, ${count(downs.length, 'scale-down')}${range}`,
    ...scalings.map((scaling) => scalingLine(scaling, story, scene)),
    ...delays('the load rose', ups),
    ...delays('the load fell', downs).map((text) => text + stabilized),
    ...(ups.length === 0 ? ['no scale-up happened'] : []),
    ...(downs.length === 0 ? ['no scale-down happened'] : []),
  ];
  return { lines, isComplete: ups.length > 0 && downs.length > 0 };
}

function scalingLine(scaling: Scaling, story: StoryView, scene: Scene): string {
  const { when, what, why } = describeScaling({ ...scaling, afterStepMs: undefined }, story, scene);
  return `  ${when.padStart(5)}  ${what.padEnd(7)}  ${why}`;
}

function delays(what: string, scalings: readonly Scaling[]): readonly string[] {
  const times = scalings.flatMap(({ afterStepMs }) => (afterStepMs === undefined ? [] : [formatSeconds(afterStepMs)]));
  return times.length === 0 ? [] : [`replicas patched ${times.join(', ')} after ${what}`];
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
