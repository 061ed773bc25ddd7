// `npm run demo`: the main job, live. Command line -> start -> live view -> summary -> exit code.
// 0: replicas went up and down, or somebody ended it; 1: they did not, or something failed; 2: wrong flags; 130: ended before it ran.
import { dirname } from 'node:path';
import { errorMessage } from '../src/lib/errors.ts';
import { realNodeProblems } from '../test/cluster/real-node.ts';
import { runLive } from './live.ts';
import { wholeCycleMs } from './load-course.ts';
import { type DemoOptions, readDemoCommand } from './options.ts';
import { nothingTold, reportNews } from './report.ts';
import type { Scene } from './scene.ts';
import { renderScreen } from './screen.ts';
import type { Stage } from './stage.ts';
import { startAll } from './start.ts';
import { StartReport } from './start-report.ts';
import type { StoryView } from './story.ts';
import { summarize } from './summary.ts';
import { glyphsOf, Terminal, toAscii } from './terminal.ts';
import { span } from './text.ts';

const output = process.stdout;
const isInteractive = output.isTTY && process.env['TERM'] !== 'dumb';
const shown = glyphsOf(process.env);
const glyphs = { ...shown, hasColour: shown.hasColour && isInteractive };

const command = readDemoCommand(process.argv.slice(2));
switch (command.kind) {
  case 'print':
    output.write(command.text);
    break;
  case 'refuse':
    for (const mistake of command.mistakes) process.stderr.write(`demo: ${mistake}\n`);
    process.exitCode = 2;
    break;
  case 'run':
    // Whatever an abandoned build still holds open must not keep us.
    process.exit(await runDemo(command.options));
}

async function runDemo(options: DemoOptions): Promise<number> {
  const problems = options.realNode ? realNodeProblems() : [];
  if (problems.length > 0) {
    process.stderr.write(
      `demo: this machine cannot run a real node:\n${problems.map((text) => `  ${text}\n`).join('')}`,
    );
    return 1;
  }
  const ending = endOnSignals();
  const { signal } = ending;
  try {
    return await perform(options, ending);
  } catch (error) {
    if (signal.aborted) {
      output.write('\nEnded before it ran; nothing is left of it.\n');
      return 130;
    }
    process.stderr.write(`\ndemo: ${errorMessage(error)}\n`);
    return 1;
  }
}

async function perform(options: DemoOptions, ending: AbortController): Promise<number> {
  const report = new StartReport(output, glyphs);
  report.say([], [span('Headroom demo', 'bold')]);
  const startedAtMs = performance.now();
  let summary: ReturnType<typeof summarize>;
  {
    await using started = await startAll(options, report, ending.signal);
    const { stage, headroom } = started;
    const scene = sceneOf(stage, options);
    report.say([span(`  Ready after ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s.`)], []);
    if (options.forMs !== undefined && options.forMs < wholeCycleMs) {
      report.say(
        [
          span(
            `  --for is too short to see replicas come down again: that takes ${Math.ceil(wholeCycleMs / 1000)} s.`,
            'warn',
          ),
        ],
        [],
      );
    }
    using view = isInteractive ? openScreen(scene, ending) : openReport(scene);
    const story = await runLive({ stage, headroom, forMs: options.forMs, show: view.show, signal: ending.signal });
    summary = summarize(story, scene, Date.now());
  }
  for (const line of summary.lines) output.write(`${printableText(line)}\n`);
  output.write('Everything that was started has ended.\n');
  return summary.isComplete || options.forMs === undefined ? 0 : 1;
}

function sceneOf({ nodes, example, loadTexts, remarks, controlPlane }: Stage, { forMs }: DemoOptions): Scene {
  return {
    nodes,
    example,
    loadTexts,
    remarks,
    forMs,
    commands: [
      `export KUBECONFIG=${controlPlane.kubeconfigPath}`,
      `export PATH=${dirname(controlPlane.binaries.kubectl)}:$PATH`,
      'kubectl top pods',
      'kubectl get hpa -w',
      `kubectl describe hpa ${example.name}`,
      'kubectl get --raw /apis/metrics.k8s.io/v1beta1/pods',
    ],
  };
}

interface View extends Disposable {
  readonly show: (story: StoryView) => void;
}

function openScreen(scene: Scene, ending: AbortController): View {
  const terminal = new Terminal(output, process.stdin, glyphs);
  let last: StoryView | undefined;
  const draw = (): void => {
    if (last !== undefined) terminal.draw(renderScreen({ scene, story: last, nowMs: Date.now() }, terminal.size));
  };
  terminal.open(() => ending.abort(), draw);
  return {
    show: (story) => {
      last = story;
      draw();
    },
    [Symbol.dispose]: () => terminal.close(),
  };
}

function openReport(scene: Scene): View {
  output.write(`  ${scene.remarks.join('\n  ')}\n\n`);
  output.write(`In another terminal:\n  ${scene.commands.join('\n  ')}\n\n`);
  let told = nothingTold;
  return {
    show: (story) => {
      const report = reportNews(story, scene, told);
      told = report.told;
      for (const line of report.lines) output.write(`${printableText(line)}\n`);
    },
    [Symbol.dispose]: () => undefined,
  };
}

function printableText(text: string): string {
  return glyphs.isAscii ? toAscii(text) : text;
}

/** The first signal ends the demo in order; the second at once, which ends what it started all the same. */
function endOnSignals(): AbortController {
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (ending.signal.aborted) process.exit(130);
      ending.abort(new Error(`ended by ${name}`));
    });
  }
  return ending;
}
