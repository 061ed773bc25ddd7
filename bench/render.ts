// `node bench/render.ts FILE.json`: the table of earlier figures as Markdown, as docs/performance.md holds it.
// `node bench/render.ts --chart FILE.json …`: a chart of all of them, as docs/performance-data/ratios.svg holds it.
import { readFile } from 'node:fs/promises';
import { type ChartRun, renderChart } from './chart.ts';
import type { ContenderFigures } from './figures.ts';
import { renderMarkdown, rows } from './report.ts';

interface Saved {
  readonly options: { readonly nodes: number };
  readonly figures: readonly ContenderFigures[];
}

/** What a chart says of the runs in these files, the smallest cluster first. */
export async function chartRuns(paths: readonly string[]): Promise<readonly ChartRun[]> {
  const saved = await Promise.all(paths.map(readSaved));
  return saved
    .toSorted((a, b) => a.options.nodes - b.options.nodes)
    .map(({ options, figures }) => ({
      name: `${options.nodes.toLocaleString('en-US')} nodes`,
      rows: rows(figures),
    }));
}

async function readSaved(path: string): Promise<Saved> {
  return JSON.parse(await readFile(path, 'utf8')) as Saved;
}

if (import.meta.main) {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--chart') process.stdout.write(renderChart(await chartRuns(rest)));
  else {
    for (const path of process.argv.slice(2)) {
      process.stdout.write(`${renderMarkdown(rows((await readSaved(path)).figures))}\n`);
    }
  }
}
