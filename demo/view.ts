// Edge: the two ways to show the story: in place on a terminal, as appended lines everywhere else.
import { nothingTold, reportNews } from './report.ts';
import type { Scene } from './scene.ts';
import { renderScreen } from './screen.ts';
import type { StoryView } from './story.ts';
import { type Glyphs, printable, Terminal } from './terminal.ts';
import { span } from './text.ts';

interface View extends Disposable {
  readonly show: (story: StoryView) => void;
}

export function openScreen(scene: Scene, glyphs: Glyphs, onEnd: () => void): View {
  const terminal = new Terminal(process.stdout, process.stdin, glyphs);
  let last: StoryView | undefined;
  const draw = (): void => {
    if (last !== undefined) terminal.draw(renderScreen({ scene, story: last, nowMs: Date.now() }, terminal.size));
  };
  terminal.open(onEnd, draw);
  return {
    show: (story) => {
      last = story;
      draw();
    },
    [Symbol.dispose]: () => terminal.close(),
  };
}

export function openReport(scene: Scene, glyphs: Glyphs): View {
  const write = (...lines: readonly string[]): void => {
    for (const line of lines) process.stdout.write(`${printable([span(line)], glyphs)}\n`);
  };
  write(...scene.remarks.map((remark) => `  ${remark}`), '');
  write('  In another terminal:', ...scene.commands.map((line) => `    ${line}`), '');
  let told = nothingTold;
  return {
    show: (story) => {
      const report = reportNews(story, scene, told);
      told = report.told;
      write(...report.lines);
    },
    [Symbol.dispose]: () => undefined,
  };
}
