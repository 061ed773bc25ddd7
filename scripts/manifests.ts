// `npm run manifests`: writes the manifests that are generated from code (`--write`), or says which are out of date and exits 1.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatedManifests } from './generated-manifests.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const write = process.argv.includes('--write');
for (const [file, render] of Object.entries(generatedManifests)) {
  const path = `${root}${file}`;
  const text = render();
  if (readOrEmpty(path) === text) continue;
  if (write) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    console.log(`wrote ${file}`);
  } else {
    console.error(`${file} is out of date: npm run manifests`);
    process.exitCode = 1;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
