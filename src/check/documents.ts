// Pure: the text of a file -> its documents, split as kubectl does: at lines of `---`, and JSON where a document starts with a brace.
import { errorMessage } from '../lib/errors.ts';
import { JsonSyntaxError, readJson } from './json-reader.ts';
import type { Position, SourceDocument, UnreadableDocument } from './types.ts';
import { readYaml, YamlError } from './yaml-reader.ts';

const separator = /^---[ \t]*(#.*)?$/;

/** The documents of a file in their order; those with nothing but blanks and comments are left out. */
export function readDocuments(file: string, text: string): (SourceDocument | UnreadableDocument)[] {
  return splitDocuments(text).flatMap(({ text, firstLine }) => readDocument(file, text, firstLine));
}

interface Chunk {
  readonly text: string;
  readonly firstLine: number;
}

function splitDocuments(text: string): Chunk[] {
  const chunks: { lines: string[]; firstLine: number }[] = [{ lines: [], firstLine: 1 }];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (separator.test(line)) chunks.push({ lines: [], firstLine: index + 2 });
    else chunks.at(-1)?.lines.push(line);
  }
  return chunks.map(({ lines, firstLine }) => ({ text: lines.join('\n'), firstLine }));
}

function readDocument(file: string, text: string, firstLine: number): (SourceDocument | UnreadableDocument)[] {
  if (/^\s*\{/.test(text)) {
    const documents = tryJson(file, text, firstLine);
    if (documents !== undefined) return documents;
  }
  try {
    const { root, repeatedKeys } = readYaml(text, firstLine);
    return root === undefined ? [] : [{ file, format: 'yaml', root, repeatedKeys }];
  } catch (error) {
    const at = error instanceof YamlError ? error.at : { line: firstLine, column: 1 };
    // The parser of YAML calls itself for each level.
    const cause = errorMessage(error).replace('Maximum call stack size exceeded', 'exceeded max depth');
    return [{ file, message: `error converting YAML to JSON: yaml: ${cause}`, at }];
  }
}

/** undefined when it only looked like JSON: YAML may start with a brace too. */
function tryJson(file: string, text: string, firstLine: number): SourceDocument[] | undefined {
  try {
    return readJson(text, positions(text, firstLine)).map((root) => ({
      file,
      format: 'json',
      root,
      repeatedKeys: [],
    }));
  } catch (error) {
    if (error instanceof JsonSyntaxError) return undefined;
    throw error;
  }
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
