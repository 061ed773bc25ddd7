// Reads the Dockerfile as text: no image is built here.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { readText } from './manifests.ts';

interface Instruction {
  readonly name: string;
  readonly args: string;
}

interface Stage {
  readonly from: string;
  readonly as: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** Instructions in order, comments dropped, continued lines joined. */
function parseInstructions(text: string): Instruction[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [name = '', ...args] = line.trim().split(/\s+/);
      return { name, args: args.join(' ') };
    });
}

function parseStages(instructions: readonly Instruction[]): Stage[] {
  return instructions.flatMap(({ name, args }, start) => {
    if (name !== 'FROM') return [];
    const [from = '', , as] = args.split(' ');
    const next = instructions.findIndex((each, index) => index > start && each.name === 'FROM');
    return [{ from, as, instructions: instructions.slice(start + 1, next < 0 ? undefined : next) }];
  });
}

const instructions = parseInstructions(readText('Dockerfile'));
const stages = parseStages(instructions);
const final = stages.at(-1);
const named = (name: string, from: readonly Instruction[] = final?.instructions ?? []): string[] =>
  from.filter((each) => each.name === name).map(({ args }) => args);

describe('the Dockerfile', () => {
  it('starts every stage from an image given as an argument whose default names no registry', () => {
    const defaults = new Map(named('ARG', instructions).map((arg) => arg.split('=') as [string, string]));
    for (const { from } of stages) {
      const image = defaults.get(/^\$\{(\w+)\}$/.exec(from)?.[1] ?? '');
      expect(image, from).to.match(/^[a-z]+:[\w.-]+$/);
    }
  });

  it('copies between stages that exist', () => {
    const names = stages.map(({ as }) => as);
    const sources = named('COPY', instructions).flatMap((args) => /^--from=(\S+)/.exec(args)?.[1] ?? []);
    expect(new Set(sources)).to.deep.equal(new Set(['runtime', 'packages']));
    expect(names).to.include.members(sources);
  });

  it('fetches nothing but packages, and adds no URL', () => {
    expect(named('ADD', instructions)).to.deep.equal([]);
    for (const run of named('RUN', instructions)) expect(run).to.not.match(/\b(curl|wget|git)\b|:\/\//);
  });

  it('installs exactly what the lock file says, and runs no package script but that of Node', () => {
    const installs = named('RUN', instructions).flatMap((run) => run.match(/npm [^&]+/g) ?? []);
    expect(installs.map((install) => install.trim())).to.deep.equal([
      'npm ci --ignore-scripts --no-audit --no-fund',
      'npm rebuild node',
      'npm ci --omit=dev --ignore-scripts --no-audit --no-fund',
    ]);
  });

  it('takes production packages only into the image', () => {
    const packages = stages.find(({ as }) => as === 'packages');
    expect(named('RUN', packages?.instructions).join()).to.include('--omit=dev');
    const copies = named('COPY').filter((args) => args.includes('node_modules'));
    expect(copies).to.deep.equal(['--from=packages /build/node_modules /app/node_modules']);
  });

  it('runs the program, in exec form, as a user that is visibly not root', () => {
    expect(named('USER')).to.deep.equal(['65532:65532']);
    expect(named('ENTRYPOINT')).to.deep.equal(['["/app/bin/node", "--max-semi-space-size=8", "/app/src/main.js"]']);
    expect(readText('bin/headroom')).to.include('exec "$node" --max-semi-space-size=8 "$root/src/main.ts"');
    expect(named('RUN')).to.deep.equal([]);
  });

  it('takes src without its types, by a script of ours', () => {
    expect(named('RUN', instructions).filter((run) => run.includes('strip-types'))).to.deep.equal([
      'LD_LIBRARY_PATH=/runtime/lib /runtime/bin/node scripts/strip-types.ts /program/src',
    ]);
    expect(named('COPY')).to.include('--from=runtime /program/src /app/src');
  });

  it('copies from the checkout only what exists and what .dockerignore lets through', () => {
    const allowed = readText('.dockerignore')
      .split('\n')
      .flatMap((line) => /^!(.+)$/.exec(line)?.[1] ?? []);
    const sources = named('COPY', instructions)
      .filter((args) => !args.startsWith('--from'))
      .flatMap((args) => args.split(' ').slice(0, -1));
    expect(new Set(sources)).to.deep.equal(new Set(allowed));
    for (const source of sources) {
      expect(existsSync(fileURLToPath(new URL(`../../${source}`, import.meta.url))), source).to.equal(true);
    }
  });
});
