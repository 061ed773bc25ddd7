import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { renderChart } from '../../bench/chart.ts';
import type { ContenderFigures } from '../../bench/figures.ts';
import { chartRuns } from '../../bench/render.ts';
import { renderMarkdown, rows } from '../../bench/report.ts';

const directory = 'docs/performance-data';
const chart = `${directory}/ratios.svg`;

describe('docs/performance.md', () => {
  const page = readFileSync('docs/performance.md', 'utf8');
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));

  it('tells about at least one measurement', () => {
    expect(files).to.not.be.empty;
  });

  it(`shows the chart of all of them (mend with node bench/render.ts --chart ${directory}/*.json > ${chart})`, async () => {
    const runs = await chartRuns(files.map((file) => `${directory}/${file}`));
    expect(readFileSync(chart, 'utf8')).to.equal(renderChart(runs));
    expect(page).to.include(`](${chart.slice('docs/'.length)})`);
  });

  for (const file of files) {
    it(`holds the table of ${file} (mend with node bench/render.ts ${directory}/${file})`, () => {
      const { figures } = JSON.parse(readFileSync(`${directory}/${file}`, 'utf8')) as {
        figures: readonly ContenderFigures[];
      };
      expect(page).to.include(renderMarkdown(rows(figures)));
    });
  }
});
