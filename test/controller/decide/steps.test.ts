// The page of the decision math and the code that cites it say the same steps.
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';

const page = readFileSync(new URL('../../../docs/decision-math.md', import.meta.url), 'utf8');
const folder = new URL('../../../src/controller/decide/', import.meta.url);

/** `4`, `4.6`, `4.6.2`: headings, their lists, and the lists in these. */
function stepsOf(text: string): ReadonlySet<string> {
  const steps = new Set<string>();
  let section = '';
  let item = '';
  for (const line of text.split('\n')) {
    const [, indent, number = ''] = /^(## |\s*)(\d+)\. /.exec(line) ?? [];
    if (indent === undefined) continue;
    if (indent === '## ') section = number;
    else if (indent === '') item = `${section}.${number}`;
    steps.add(indent === '## ' ? section : indent === '' ? item : `${item}.${number}`);
  }
  return steps;
}

/** Steps in comments: `// 4.6.2: …`, `/** 4.3.1: …`, `steps 4.7 to 4.9`. */
function citationsIn(text: string): readonly string[] {
  const comments = text.split('\n').filter((line) => /\/\/|\/\*\*|^\s*\*/.test(line));
  return comments.flatMap((line) =>
    [...line.matchAll(/(?:\/\/ |\/\*\* |[Ss]teps? |, |and |to )(\d+(?:\.\d+)+)/g)].map(([, step = '']) => step),
  );
}

describe('docs/decision-math.md', () => {
  const steps = stepsOf(page);

  for (const file of readdirSync(folder)) {
    it(`has every step that ${file} cites`, () => {
      const cited = citationsIn(readFileSync(new URL(file, folder), 'utf8'));
      expect(cited.filter((step) => !steps.has(step))).to.deep.equal([]);
    });
  }

  it('is read right: it has the steps that anyone would look for', () => {
    expect([...steps]).to.include.members(['1', '1.4', '4.6', '4.6.3', '4.9.2', '7.5', '10']);
  });
});
