// Reads the project's documents for the tests that hold them to the code.
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The text of a file of the project, by its path from the root. */
export function readProjectFile(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

/** Paths from the root that match a glob, sorted. Braces and ** are understood. */
export function findProjectFiles(pattern: string): readonly string[] {
  const exclude = (path: string): boolean => path.split('/').includes('node_modules');
  return globSync(pattern, { cwd: root, exclude }).toSorted();
}

/** The text between a heading (given without its #) and the next one of the same or a higher level. */
export function sectionOf(text: string, heading: string): string {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`there is no heading "${heading}"`);
  const level = /^#+/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const end = lines.findIndex((line, index) => index > start && (/^#+(?= )/.exec(line)?.[0].length ?? 9) <= level);
  return lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
}

/** The items of all bullet lists, each in one line, without the bullet. */
export function bulletsOf(text: string): readonly string[] {
  const items: string[] = [];
  let isOpen = false;
  for (const line of text.split('\n')) {
    const first = /^- (.*)$/.exec(line)?.[1];
    const more: string | undefined = isOpen ? /^ {2}(\S.*)$/.exec(line)?.[1] : undefined;
    if (first !== undefined) items.push(first);
    else if (more !== undefined) items.push(`${items.pop()} ${more}`);
    isOpen = first !== undefined || more !== undefined;
  }
  return items;
}

/** The rows of all tables, cell by cell; heads and rules are left out. */
export function tableRowsOf(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let isBody = false;
  for (const line of text.split('\n')) {
    const isRow = line.startsWith('|');
    if (isRow && isBody) rows.push(cellsOf(line));
    isBody = isRow && (isBody || /^\|[-| ]+\|$/.test(line));
  }
  return rows;
}

function cellsOf(line: string): string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
