// docs/parity.md: each difference names a test that exists, or says that there is none.
import { expect } from 'chai';
import { findProjectFiles, readProjectFile, tableRowsOf } from '../support/markdown.ts';

const differences = tableRowsOf(readProjectFile('docs/parity.md')).filter(([number]) => number !== '');

describe('docs/parity.md', () => {
  it('numbers the differences of each kind without a gap', () => {
    for (const letter of ['K', 'S']) {
      const numbers = differences.flatMap(([number = '']) => (number.startsWith(letter) ? [number] : []));
      expect(numbers).to.have.length.above(30);
      expect(numbers).to.deep.equal(numbers.map((_, index) => `${letter}${index + 1}`));
    }
  });

  for (const [number = '', theirs, ours, why, shown = ''] of differences) {
    it(`${number} says what they do, what we do, why, and how it is shown`, () => {
      for (const cell of [theirs, ours, why]) expect(cell).to.be.a('string').that.is.not.empty;
      if (/^not tested yet(;|$)/.test(shown)) return;
      const tests = shown.split(/; (?=`)/).map(readReference);
      for (const { path, titles } of tests) {
        expect(findProjectFiles(path), path).to.have.lengthOf(1);
        const code = readProjectFile(path);
        expect(titles.filter((title) => !code.includes(title))).to.deep.equal([]);
      }
    });
  }
});

/** `path` "title", "title" */
function readReference(text: string): { readonly path: string; readonly titles: readonly string[] } {
  const [, path = '', quoted = ''] = /^`(test\/[^`]+\.ts)` ((?:"[^"]+"(?:, )?)+)$/.exec(text) ?? [];
  expect(path, `a reference to a test: ${text}`).not.to.equal('');
  return { path, titles: [...quoted.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title) };
}
