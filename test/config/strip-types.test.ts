// The program as the image has it: src without its types.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { stripTypes } from '../../scripts/strip-types.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'src');
const modules = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

describe('src without its types', () => {
  const folder = mkdtempSync(join(tmpdir(), 'headroom-stripped-'));
  const read = (module: string): string => readFileSync(join(folder, 'src', module.replace(/ts$/, 'js')), 'utf8');

  before(() => {
    stripTypes(join(folder, 'src'));
    for (const name of ['package.json', 'node_modules']) symlinkSync(join(root, name), join(folder, name));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('has every module, each line in its place', () => {
    for (const module of modules) {
      const lines = readFileSync(join(source, module), 'utf8').split('\n').length;
      expect(read(module).split('\n'), module).to.have.lengthOf(lines);
    }
  });

  it('names only modules that are there', () => {
    for (const module of modules) {
      for (const [, name = ''] of read(module).matchAll(/'([\w./-]+\.js)'/g)) {
        if (!name.startsWith('.')) continue;
        expect(existsSync(join(folder, 'src', dirname(module), name)), `${name} in ${module}`).to.equal(true);
      }
    }
    expect(read('kube/kube-access-reader.ts')).to.include("new URL('kube-config-program.js', import.meta.url)");
  });

  it('has no string that ends as the name of a module does and is none', () => {
    for (const module of modules) {
      for (const [, name = ''] of readFileSync(join(source, module), 'utf8').matchAll(/'([^'\n]+\.ts)'/g)) {
        expect(existsSync(join(source, dirname(module), name)), `${name} in ${module}`).to.equal(true);
      }
    }
  });

  it('runs on a Node that strips no types', () => {
    const run = (program: string, ...flags: readonly string[]): string =>
      spawnSync(process.execPath, [...flags, program, '--help'], { encoding: 'utf8' }).stdout;
    const help = run(join(folder, 'src/main.js'), '--no-strip-types');
    expect(help)
      .to.include('--metric-resolution')
      .and.equal(run(join(source, 'main.ts')));
  });
});
