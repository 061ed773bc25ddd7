// Edge: src as JavaScript: `node scripts/strip-types.ts FOLDER`. For the image and the benchmark (docs/adr/0001-types-are-stripped-not-built.md): a process that
// strips types itself keeps what it did that with, 30 MB.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../src', import.meta.url));

/** Writes every module of src into the folder. Blanks stand where types stood, so that lines and columns are those of the source. */
export function stripTypes(folder: string): void {
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue;
    const target = join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, asJavaScript(readFileSync(join(source, file), 'utf8')));
  }
}

/** Names of modules are the only strings that end in `.ts`; a test holds that. */
function asJavaScript(typeScript: string): string {
  return stripTypeScriptTypes(typeScript).replaceAll(/'([\w./-]+)\.ts'/g, "'$1.js'");
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new TypeError('which folder?');
  stripTypes(folder);
}
