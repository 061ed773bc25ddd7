// `node bench/render.ts FILE.json …`: the table of earlier figures as Markdown, as docs/performance.md holds it.
import { readFile } from 'node:fs/promises';
import type { ContenderFigures } from './figures.ts';
import { renderMarkdown, rows } from './report.ts';

for (const path of process.argv.slice(2)) {
  const { figures } = JSON.parse(await readFile(path, 'utf8')) as { figures: readonly ContenderFigures[] };
  process.stdout.write(`${renderMarkdown(rows(figures))}\n`);
}
