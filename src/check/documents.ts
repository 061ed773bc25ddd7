// Pure: the text of a file -> its documents, split as kubectl does: at lines of `---`, and JSON where a document starts with a brace.
import { errorMessage } from '../lib/errors.ts';
import { JsonSyntaxError, readJson } from './json-reader.ts';
import type { Node, Position, SourceDocument, UnreadableDocument } from './types.ts';
import { YamlError } from './yaml-error.ts';
import { readYaml } from './yaml-reader.ts';

type Read = (SourceDocument | UnreadableDocument)[];

/** The documents of a file in their order; those with nothing but blanks and comments are left out. */
export function readDocuments(file: string, text: string): Read {
  return splitDocuments(text).flatMap((chunk) => [
    ...separatorProblems(file, chunk),
    ...readDocument(file, chunk.lines.join('\n'), chunk.firstLine),
  ]);
}

interface Chunk {
  /** What stands after the three dashes above it. */
  readonly separator: string;
  readonly lines: string[];
  readonly firstLine: number;
}

function splitDocuments(text: string): Chunk[] {
  const first: Chunk = { separator: '', lines: [], firstLine: 1 };
  const chunks = [first];
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('---')) chunks.push({ separator: line.slice(3).trim(), lines: [], firstLine: index + 2 });
    else chunks.at(-1)?.lines.push(line);
  }
  return chunks;
}

function separatorProblems(file: string, { separator, firstLine }: Chunk): UnreadableDocument[] {
  if (separator === '' || separator.startsWith('#')) return [];
  const message = `invalid Yaml document separator: ${separator}`;
  const at = { line: firstLine - 1, column: 1 };
  return [{ file, at, message, advice: 'leave the three dashes alone on their line' }];
}

function readDocument(file: string, text: string, firstLine: number): Read {
  const json = /^\s*\{/.test(text) ? tryJson(text, firstLine) : undefined;
  const fromJson = (json?.roots ?? []).map((root): SourceDocument => {
    return { file, format: 'json', root, repeatedKeys: [] };
  });
  if (json !== undefined && json.error === undefined) return fromJson;
  try {
    // It only looked like JSON: YAML may start with a brace too.
    const { root, repeatedKeys, unreadFrom } = readYaml(text, firstLine);
    return [
      ...(root === undefined ? [] : [{ file, format: 'yaml' as const, root, repeatedKeys }]),
      ...(unreadFrom === undefined ? [] : [unread(file, unreadFrom)]),
    ];
  } catch (thrown) {
    const error = syntaxError(thrown, firstLine);
    const further = json?.error !== undefined && isBefore(error.at, json.error.at) ? json.error : error;
    return [...fromJson, { file, ...further, advice: adviceFor(further.message, text) }];
  }
}

interface SyntaxProblem {
  readonly message: string;
  readonly at: Position;
}

/** The values before the first mistake, and the mistake. */
function tryJson(text: string, firstLine: number): { roots: readonly Node[]; error: SyntaxProblem | undefined } {
  const roots: Node[] = [];
  try {
    for (const root of readJson(text, positions(text, firstLine))) roots.push(root);
    return { roots, error: undefined };
  } catch (error) {
    if (error instanceof JsonSyntaxError) return { roots, error: { message: `json: ${error.message}`, at: error.at } };
    throw error;
  }
}

function syntaxError(thrown: unknown, firstLine: number): SyntaxProblem {
  const at = thrown instanceof YamlError ? thrown.at : { line: firstLine, column: 1 };
  // The parser of YAML calls itself for each level.
  const cause = errorMessage(thrown).replace('Maximum call stack size exceeded', 'exceeded max depth');
  return { message: `error converting YAML to JSON: ${cause.startsWith('json: ') ? '' : 'yaml: '}${cause}`, at };
}

function isBefore(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column < b.column);
}

function adviceFor(message: string, text: string): string {
  if (/^\s*\{\{|: *\{\{/m.test(text)) return 'render the template first: helm template . | headroom check -';
  if (text.startsWith('%')) return 'remove the lines that begin with %: kubectl takes no directives';
  if (message.includes('Tabs are not allowed')) return 'indent with spaces';
  if (message.includes('unsupported value')) return 'write a number, or put the text in quotes';
  if (message.includes('control characters'))
    return 'remove it, or write it as an escape such as "\\x07" in double quotes';
  return 'mend the syntax here';
}

function unread(file: string, at: Position): UnreadableDocument {
  return {
    file,
    at,
    message: 'nothing from here on is read: three dots ended the document, and kubectl splits a file at dashes only',
    advice: 'begin the document with --- on a line of its own',
  };
}

/** Offsets rise while a document is read, so counting goes on from the last one. */
function positions(text: string, firstLine: number): (offset: number) => Position {
  let line = firstLine;
  let lineStart = 0;
  let lineEnd = endOfLine(text, 0);
  return (offset) => {
    while (lineEnd < offset) {
      line++;
      lineStart = lineEnd + 1;
      lineEnd = endOfLine(text, lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}
