import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import type { ContenderFigures } from '../../bench/figures.ts';
import { renderMarkdown, rows } from '../../bench/report.ts';

const directory = 'docs/performance-data';

describe('docs/performance.md', () => {
  const page = readFileSync('docs/performance.md', 'utf8');
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'));

  it('tells about at least one measurement', () => {
    expect(files).to.not.be.empty;
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
