// `npm run docs:update`: writes the docs that are generated from code.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generatedDocs } from './generated-docs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const [file, render] of Object.entries(generatedDocs)) {
  const text = await render();
  const path = `${root}${file}`;
  if (readOrEmpty(path) === text) continue;
  writeFileSync(path, text);
  console.log(`wrote ${file}`);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
