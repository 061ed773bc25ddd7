// Reads test/parity/forms.md: every form of a condition, an event and an error of the HPA controller, and where it is compared.
import { readProjectFile, sectionOf, tableRowsOf } from './markdown.ts';

const path = 'test/parity/forms.md';

export interface Form {
  /** `AbleToScale True` or `Warning`; '' for words that are a part of a message. */
  readonly kind: string;
  /** '' likewise. */
  readonly reason: string;
  /** Names in braces stand for any text. */
  readonly words: string;
  /** Conversations, `e2e` and a case, or `decisions.json`. */
  readonly comparedIn: readonly string[];
}

/** The rows of a table with a kind and a reason: `Conditions`, `Events`. */
export function readForms(heading: string): readonly Form[] {
  return rowsOf(heading).map(([kind = '', reason = '', words = '', names = '']) => form(kind, reason, words, names));
}

/** The rows of a table of words: `Reasons of a rescale`, `Names of metrics`, `Errors`, `Errors of the log`. */
export function readWords(heading: string): readonly Form[] {
  return rowsOf(heading).map(([words = '', names = '']) => form('', '', words, names));
}

/** The texts of the sources that are no forms. */
export function readUnsaidTexts(): readonly string[] {
  return rowsOf('Texts of the sources that nobody can be made to say').map(([text = '']) => unquoted(text));
}

/** Fits a whole message. */
export function expressionOf(words: string): RegExp {
  return new RegExp(`^${sourceOf(words)}$`, 's');
}

/** Fits a part of a message. */
export function partExpressionOf(words: string): RegExp {
  return new RegExp(sourceOf(words), 's');
}

function sourceOf(words: string): string {
  return words
    .split(/\{[^}]*\}/)
    .map((part) => RegExp.escape(part))
    .join('.*');
}

function rowsOf(heading: string): readonly (readonly string[])[] {
  return tableRowsOf(sectionOf(readProjectFile(path), heading));
}

function form(kind: string, reason: string, words: string, names: string): Form {
  return { kind, reason, words: unquoted(words), comparedIn: names.split('; ') };
}

/** `nothing` is the empty text. */
function unquoted(cell: string): string {
  return cell === 'nothing' ? '' : cell.replace(/^`|`$/g, '');
}
