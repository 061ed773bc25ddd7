// Pure: the story as lines that are appended, for pipes and files: one for each thing that changed since the last look.
import { formatElapsed } from './elapsed.ts';
import { describeScaling } from './scaling-text.ts';
import type { Scene } from './scene.ts';
import type { StoryView } from './story.ts';

/** What has been told already. */
export interface Told {
  readonly steps: number;
  readonly scalings: number;
  readonly row: string;
}

export const nothingTold: Told = { steps: 0, scalings: 0, row: '' };

export interface Report {
  readonly lines: readonly string[];
  readonly told: Told;
}

export function reportNews(story: StoryView, scene: Scene, told: Told): Report {
  const line = (atMs: number, what: string, text: string) => ({
    atMs,
    text: `${formatElapsed(atMs - story.startedAtMs).padStart(7)}  ${what.padEnd(6)}  ${text}`,
  });
  const row = autoscalerText(story);
  const news = [
    ...story.steps
      .slice(told.steps)
      .map(({ atMs, level }) => line(atMs, 'load', `${level}: ${scene.loadTexts[level]}`)),
    ...story.scalings.slice(told.scalings).map((scaling) => {
      const { what, why } = describeScaling(scaling, story, scene);
      return line(scaling.decision.atMs, 'scaled', `${what}: ${why}`);
    }),
    ...(row === told.row ? [] : [line(story.seenAtMs, 'hpa', row)]),
  ];
  return {
    lines: news.toSorted((a, b) => a.atMs - b.atMs).map(({ text }) => text),
    told: { steps: story.steps.length, scalings: story.scalings.length, row },
  };
}

/** The cells of `kubectl get hpa` that change. */
function autoscalerText({ cluster }: StoryView): string {
  const cell = (name: string): string => cluster?.cells[cluster.columns.indexOf(name)] ?? '';
  return cluster === undefined ? '' : `${cell('TARGETS')}, replicas ${cell('REPLICAS')}`;
}
