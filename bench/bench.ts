// `npm run bench`: the reference metrics-server and Headroom, one after the other, on the same API server and the same simulated
// kubelets. Prints a table and writes all figures as JSON. Ctrl-C ends it and everything it started.
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LongRunTools, runLongCommand } from '../test/support/long-run.ts';
import type { ContenderFigures } from './figures.ts';
import { measureContender } from './measure.ts';
import { type BenchOptions, parseOptions, usage } from './options.ts';
import { renderText, rows } from './report.ts';
import { setStage } from './stage.ts';

/** `save` is called after each contender: what was measured of one is not lost when the other fails. */
async function measureAll(
  options: BenchOptions,
  profilePrefix: string,
  save: (figures: readonly ContenderFigures[]) => Promise<void>,
  { signal, progress }: LongRunTools,
): Promise<readonly ContenderFigures[]> {
  await using undo = new AsyncDisposableStack();
  const stage = await setStage(options, undo, signal, progress);
  const figures: ContenderFigures[] = [];
  for (const name of options.contenders) {
    figures.push(await measureContender(name, { stage, options, profilePrefix, signal, progress }));
    await save(figures);
  }
  return figures;
}

function defaultOut({ nodes, podsPerNode }: BenchOptions): string {
  return fileURLToPath(new URL(`results/${nodes}x${podsPerNode}.json`, import.meta.url));
}

/** What the figures depend on besides the two programs. Load averages are of the last 1, 5 and 15 minutes. */
function circumstances(options: BenchOptions): object {
  const processors = cpus();
  return {
    measuredAt: new Date().toISOString(),
    // Where this machine puts files says nothing about the figures.
    options: { ...options, out: undefined },
    node: process.version,
    machine: { processors: processors.length, model: processors[0]?.model ?? '' },
    loadAverages: loadavg(),
  };
}

await runLongCommand({
  name: 'npm run bench',
  usage,
  parseOptions,
  run: async (options, tools) => {
    const out = options.out ?? defaultOut(options);
    await mkdir(dirname(out), { recursive: true });
    const save = (figures: readonly ContenderFigures[]): Promise<void> =>
      writeFile(out, `${JSON.stringify({ ...circumstances(options), figures }, undefined, 1)}\n`);
    const all = await measureAll(options, out.replace(/\.json$/, ''), save, tools);
    process.stdout.write(`${renderText(rows(all))}\n`);
    tools.progress(`figures are in ${out}`);
    return true;
  },
});
