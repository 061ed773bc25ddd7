// `npm run demo`: the main job, live. Command line -> start -> live view -> summary -> exit code.
// 0: replicas went up and down, or somebody ended it; 1: they did not, or something failed; 2: wrong flags; 130: ended before it ran.
import { dirname } from 'node:path';
import { errorMessage } from '../src/lib/errors.ts';
import { realNodeProblems } from '../test/cluster/real-node.ts';
import { runLive } from './live.ts';
import { wholeCycleMs } from './load-course.ts';
import { type DemoOptions, readDemoCommand } from './options.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { startAll } from './start.ts';
import { StartReport } from './start-report.ts';
import { summarize } from './summary.ts';
import { glyphsOf } from './terminal.ts';
import { span } from './text.ts';
import { openReport, openScreen } from './view.ts';

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
    using view = isInteractive ? openScreen(scene, glyphs, () => ending.abort()) : openReport(scene, glyphs);
    const story = await runLive({ stage, headroom, forMs: options.forMs, show: view.show, signal: ending.signal });
    summary = summarize(story, scene, Date.now());
  }
  report.say([], ...summary.lines.map((line) => [span(line)]), [span('Everything that was started has ended.')]);
  return summary.isComplete || options.forMs === undefined ? 0 : 1;
}

function sceneOf({ nodes, example, loadTexts, remarks, controlPlane }: Stage, { forMs }: DemoOptions): Scene {
  const isShort = forMs !== undefined && forMs < wholeCycleMs;
  const short = `--for ends this before replicas come down again, which takes ${wholeCycleMs / 1000} s.`;
  return {
    nodes,
    example,
    loadTexts,
    remarks: isShort ? [...remarks, short] : remarks,
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

/** The first signal, or a reader that has gone, ends the demo in order; a second signal ends it at once, and all it started with it. */
function endOnSignals(): AbortController {
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (ending.signal.aborted) process.exit(130);
      ending.abort(new Error(`ended by ${name}`));
    });
  }
  output.on('error', () => ending.abort(new Error('nobody reads the output any more')));
  return ending;
}
