import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

interface CruiseOutput {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly unknown[] }[];
}

describe('the check of import directions', () => {
  it('sees every module of src, and what they import', function () {
    this.timeout(60_000);
    const root = fileURLToPath(new URL('..', import.meta.url));
    const { stdout } = spawnSync(
      process.execPath,
      ['node_modules/.bin/depcruise', 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'],
      { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    const cruised = JSON.parse(stdout) as CruiseOutput;
    const seen = new Set(cruised.modules.map((module) => module.source));
    const unseen = globSync('src/**/*.ts', { cwd: root }).filter((file) => !seen.has(file));
    expect(unseen).to.deep.equal([]);
    const imports = cruised.modules.reduce((sum, module) => sum + module.dependencies.length, 0);
    expect(imports).to.be.greaterThan(seen.size / 2);
  });
});
