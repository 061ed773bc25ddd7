// Edge: the files that `headroom check` is to read. What goes wrong at one path is told, and stops nothing else.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { errorMessage } from '../lib/errors.ts';
import type { SourceFile } from './check.ts';

const extension = /\.(ya?ml|json)$/;

export interface ReadFiles {
  readonly files: readonly SourceFile[];
  /** One line for each path that could not be read. */
  readonly mistakes: readonly string[];
}

interface ReadOptions {
  readonly recursive: boolean;
  readonly stdin: NodeJS.ReadableStream;
}

type Outcome = SourceFile | { readonly mistake: string };

/** Reads files in the order given, those of a folder by name. `-` is `stdin`, whose name in reports is `<stdin>`. */
export async function readFiles(paths: readonly string[], options: ReadOptions): Promise<ReadFiles> {
  const outcomes: Outcome[] = [];
  for (const path of paths) outcomes.push(...(await readPath(path, options)));
  return {
    files: outcomes.filter((one) => 'text' in one),
    mistakes: outcomes.flatMap((one) => ('mistake' in one ? [one.mistake] : [])),
  };
}

function readPath(path: string, { recursive, stdin }: ReadOptions): Promise<Outcome[]> {
  if (path === '-') return attempt('<stdin>', async () => [{ file: '<stdin>', text: decoded(await buffer(stdin)) }]);
  return attempt(path, async () => {
    if (!(await stat(path)).isDirectory()) return readOne(path);
    const found = await readFolder(path, recursive);
    const hint = recursive ? '' : '; -R looks into the folders inside it';
    return found.length > 0 ? found : [{ mistake: `${path}: holds no *.yaml, *.yml or *.json${hint}` }];
  });
}

/** Links to files are followed, because that is what a mounted ConfigMap is made of; links to folders are not. */
function readFolder(folder: string, recursive: boolean): Promise<Outcome[]> {
  return attempt(folder, async () => {
    const entries = await readdir(folder, { withFileTypes: true });
    const outcomes: Outcome[] = [];
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const inside = join(folder, entry.name);
      if (entry.isDirectory()) outcomes.push(...(recursive ? await readFolder(inside, recursive) : []));
      else if (extension.test(entry.name)) outcomes.push(...(await readOne(inside)));
    }
    return outcomes;
  });
}

function readOne(file: string): Promise<Outcome[]> {
  return attempt(file, async () => [{ file, text: decoded(await readFile(file)) }]);
}

async function attempt(path: string, read: () => Promise<Outcome[]>): Promise<Outcome[]> {
  try {
    return await read();
  } catch (error) {
    // Node says `ENOENT: no such file or directory, open 'a.yaml'`.
    const reason = errorMessage(error).replace(/^[A-Z]+: (.*?), .*$/s, '$1');
    return [{ mistake: `${path}: ${reason}` }];
  }
}

/** As kubectl decodes files: UTF-16 where a byte order mark says so, else UTF-8. Windows PowerShell writes the former. */
function decoded(bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  const encoding = mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}
