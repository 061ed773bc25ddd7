// Edge: the files that `headroom check` is to read.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
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

/** Reads files in the order given, those of a folder by name. `-` is `stdin`, whose name in reports is `<stdin>`. */
export async function readFiles(paths: readonly string[], options: ReadOptions): Promise<ReadFiles> {
  const files: SourceFile[] = [];
  const mistakes: string[] = [];
  for (const path of paths) {
    try {
      files.push(...(await readPath(path, options)));
    } catch (error) {
      mistakes.push(errorMessage(error));
    }
  }
  return { files, mistakes };
}

async function readPath(path: string, { recursive, stdin }: ReadOptions): Promise<SourceFile[]> {
  if (path === '-') return [{ file: '<stdin>', text: await text(stdin) }];
  const files = await filesAt(path, recursive);
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
}

async function filesAt(path: string, recursive: boolean): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const inside = join(path, entry.name);
    if (entry.isDirectory() && recursive) found.push(...(await filesAt(inside, recursive)));
    else if (entry.isFile() && extension.test(entry.name)) found.push(inside);
  }
  return found;
}
