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

const number = String.raw`\d+(?:\.\d+)*`;
const list = `${number}(?:(?:, | and | to )${number})*`;
const inComments = new RegExp(String.raw`(?:// |/\*\* )(${list})(?:[:.]|$| \*/)|[Ss]teps? (${list})`, 'g');
const inTitles = new RegExp(String.raw` \((${list})\)`, 'g');

/** All steps of `4.7 to 4.9`, `1.3, 6.4` and `4 and 5`. */
function expand(text: string): readonly string[] {
  return text.split(/, | and /).flatMap((part) => {
    const [first = '', last = first] = part.split(' to ');
    const place = first.lastIndexOf('.') + 1;
    const [from, to] = [first, last].map((step) => Number(step.slice(place)));
    const count = (to ?? 0) - (from ?? 0) + 1;
    return Array.from({ length: count }, (_, index) => `${first.slice(0, place)}${(from ?? 0) + index}`);
  });
}

/** Steps in comments: `// 4.6.2: …`, `// 6. …`, `/** 4.3.1: …`, `docs/decision-math.md steps 4.7 to 4.9`. */
function citationsIn(text: string): readonly string[] {
  const comments = text.split('\n').filter((line) => /\/\/|\/\*\*|^\s*\*/.test(line));
  return comments.flatMap((line) => stepsIn(line, inComments));
}

function stepsIn(line: string, citation: RegExp): readonly string[] {
  return [...line.matchAll(citation)].flatMap(([, one, other]) => expand(one ?? other ?? ''));
}

/** Steps in the titles of tests: `(4.2)`, `(6.3 to 6.5)`. */
function titlesIn(text: string): readonly string[] {
  const titles = text.split('\n').filter((line) => /^\s*(?:describe|it|check)\(|^\s*'/.test(line));
  return titles.flatMap((line) => stepsIn(line, inTitles));
}

function readAll(directory: URL, ending: string): ReadonlyMap<string, string> {
  const files = readdirSync(directory).filter((file) => file.endsWith(ending));
  return new Map(files.map((file) => [file, readFileSync(new URL(file, directory), 'utf8')]));
}

/** A step is told where its section or a part of it is. */
function isTold(step: string, told: readonly string[]): boolean {
  return told.some((other) => other === step || other.startsWith(`${step}.`));
}

describe('docs/decision-math.md', () => {
  const steps = stepsOf(page);
  const code = readAll(folder, '.ts');
  const cited = [...code.values()].flatMap(citationsIn);
  const tested = [...readAll(new URL('.', import.meta.url), '.test.ts').values()].flatMap(titlesIn);

  for (const [file, text] of code) {
    it(`has every step that ${file} cites`, () => {
      expect(citationsIn(text).filter((step) => !steps.has(step))).to.deep.equal([]);
    });
  }

  it('has no step that the code does not cite', () => {
    expect([...steps].filter((step) => !isTold(step, cited))).to.deep.equal([]);
  });

  it('has every step that a test names, and no step that none names', () => {
    expect(tested.filter((step) => !steps.has(step))).to.deep.equal([]);
    expect([...steps].filter((step) => !isTold(step, tested))).to.deep.equal([]);
  });

  it('is read right: it has the steps that anyone would look for', () => {
    expect([...steps]).to.include.members(['1', '1.4', '4.6', '4.6.3', '4.9.2', '7.5', '10']);
    expect(
      citationsIn('// 4.7 to 4.9: x\n// Pure: y. docs/decision-math.md steps 1, 2.1 and 10.\n const 3.3'),
    ).to.deep.equal(['4.7', '4.8', '4.9', '1', '2.1', '10']);
  });
});
