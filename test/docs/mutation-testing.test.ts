// docs/mutation-testing.md and the code that it speaks of agree, as far as that can be known without a run.
import { expect } from 'chai';
import { compareSurvivors, describeSurvivors, readExplained, type StrykerReport } from '../mutation/survivors.ts';
import { readProjectFile } from '../support/markdown.ts';

const explained = readExplained(readProjectFile('docs/mutation-testing.md'));

describe('docs/mutation-testing.md', () => {
  it('is read right: it explains some survivors', () => {
    expect(explained).to.have.length.above(10);
  });

  for (const file of new Set(explained.map((survivor) => survivor.file))) {
    it(`explains code that is in ${file}`, () => {
      const source = readProjectFile(`src/controller/decide/${file}`).replaceAll(/\s+/g, ' ');
      const codes = explained.filter((survivor) => survivor.file === file).map(({ code }) => code);
      expect(codes.filter((code) => !source.includes(code))).to.deep.equal([]);
    });
  }
});

describe('mutants that survive', () => {
  const source = 'const a = 1;\nconst b =\n  a < 1 ||\n  a > 2;\n';
  const mutant = (status: string, [line, column]: readonly [number, number], replacement: string) => ({
    status,
    location: { start: { line: 2, column: 7 }, end: { line, column } },
    replacement,
  });
  const report = (...mutants: StrykerReport['files'][string]['mutants']): StrykerReport => ({
    files: { 'src/controller/decide/a.ts': { source, mutants } },
  });
  const survivor = { file: 'a.ts', code: 'b = a < 1 || a > 2', mutant: 'b = true' };
  const one = mutant('Survived', [4, 8], 'b =\n  true');
  const killed = mutant('Killed', [4, 8], 'c');

  it('are told when they are not explained, each as often as it is there', () => {
    expect(compareSurvivors(report(one, killed, one), [survivor])).to.deep.equal({
      unexplained: [survivor],
      outdated: [],
    });
  });

  it('that no test reaches count too', () => {
    const unreached = mutant('NoCoverage', [4, 8], 'b = true');
    expect(compareSurvivors(report(unreached), []).unexplained).to.deep.equal([survivor]);
  });

  it('are told when they are explained and gone', () => {
    const comparison = compareSurvivors(report(killed), [survivor]);
    expect(comparison).to.deep.equal({ unexplained: [], outdated: [survivor] });
    expect(describeSurvivors(report(killed), comparison)).to.deep.equal({
      lines: [
        '1 mutants, 0 survived: 100.0 % killed',
        'explained, but killed or gone: a.ts: b = a < 1 || a > 2 -> b = true',
      ],
      isExplained: false,
    });
  });

  it('are read from tables of four columns, with | in code', () => {
    const page = '| File | Code | Mutant | Why |\n|---|---|---|---|\n| `a.ts` | `x \\|\\| y` | `""` | because |\n';
    expect(readExplained(page)).to.deep.equal([{ file: 'a.ts', code: 'x || y', mutant: '""' }]);
  });
});
