// Edge: draws lines in place on a terminal, and leaves it as it was.
import type { ReadStream, WriteStream } from 'node:tty';
import type { ScreenSize } from './screen.ts';
import type { Line, Style } from './text.ts';

const escape = '\u001b[';

/** Ctrl-C, Ctrl-D, q. */
const endKeys = ['\u0003', '\u0004', 'q'];

const enterSequence = `${escape}?1049h${escape}?25l${escape}?7l${escape}2J`; // other screen, no cursor, no wrapping, blank
const leaveSequence = `${escape}?7h${escape}?25h${escape}?1049l`;
// The terminal shows what lies between these at once, where it knows them.
const beginFrame = `${escape}?2026h`;
const endFrame = `${escape}?2026l`;

const styleCodes: Readonly<Record<Style, string>> = { bold: '1', dim: '2', accent: '36', good: '32', warn: '33' };

/** Characters for terminals that have no others, each one column wide. */
const asciiOf: Readonly<Record<string, string>> = {
  '▁': '_',
  '▂': '_',
  '▃': '.',
  '▄': '-',
  '▅': '=',
  '▆': '+',
  '▇': '#',
  '█': '#',
  '░': '.',
  '┃': '|',
  '→': '>',
  '×': 'x',
  '…': '~',
  '✓': '*',
};

export interface Glyphs {
  readonly hasColour: boolean;
  readonly isAscii: boolean;
}

/** What the terminal can show: no colour when NO_COLOR is set, no line drawing on the kernel's console or in a locale without UTF-8. */
export function glyphsOf(env: NodeJS.ProcessEnv): Glyphs {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  const isUtf8 = locale === '' || /utf-?8/i.test(locale);
  return { hasColour: (env['NO_COLOR'] ?? '') === '', isAscii: !isUtf8 || env['TERM'] === 'linux' };
}

export function printable(line: Line, { hasColour, isAscii }: Glyphs): string {
  return line
    .map(({ text, style }) => {
      const shown = isAscii ? toAscii(text) : text;
      return hasColour && style !== undefined ? `${escape}${styleCodes[style]}m${shown}${escape}0m` : shown;
    })
    .join('');
}

export function toAscii(text: string): string {
  return text.replaceAll(/\P{ASCII}/gu, (character) => asciiOf[character] ?? '?');
}

export class Terminal {
  readonly #output: WriteStream;
  readonly #input: ReadStream;
  readonly #glyphs: Glyphs;
  #shown: string[] = [];
  /** Undoes `open`; undefined while the screen is not ours. */
  #leave: (() => void) | undefined;

  constructor(output: WriteStream, input: ReadStream, glyphs: Glyphs) {
    this.#output = output;
    this.#input = input;
    this.#glyphs = glyphs;
  }

  /** Without the last column: clearing the rest of a full line would take its last character away. */
  get size(): ScreenSize {
    return { columns: this.#output.columns - 1, rows: this.#output.rows };
  }

  /** Takes the screen over. Keys are no longer shown, and Ctrl-C and q call `onEnd` instead of ending the process. */
  open(onEnd: () => void, onResize: () => void): void {
    const redraw = (): void => {
      this.#shown = [];
      onResize();
    };
    const endOnKey = (keys: Buffer): void => {
      if (endKeys.some((key) => keys.includes(key))) onEnd();
    };
    // However the process ends, short of being killed.
    const leave = (): void => this.close();
    this.#output.write(enterSequence);
    this.#output.on('resize', redraw);
    process.on('exit', leave);
    if (this.#input.isTTY) this.#input.setRawMode(true).on('data', endOnKey);
    this.#leave = () => {
      if (this.#input.isTTY) this.#input.off('data', endOnKey).setRawMode(false).pause();
      process.off('exit', leave);
      this.#output.off('resize', redraw);
      this.#output.write(leaveSequence);
    };
  }

  /** Writes the lines that differ from those that are shown. */
  draw(lines: readonly Line[]): void {
    if (this.#leave === undefined) return;
    const next = lines.map((line) => printable(line, this.#glyphs));
    const changes = next.flatMap((text, row) =>
      this.#shown[row] === text ? [] : [`${escape}${row + 1};1H${text}${escape}K`],
    );
    // Before the lines are written: below the last row there is nothing to clear, and asking for it would clear that row.
    const isShorter = next.length < this.#output.rows && next.length !== this.#shown.length;
    const rest = isShorter ? [`${escape}${next.length + 1};1H${escape}J`] : [];
    const writes = [...rest, ...changes];
    if (writes.length > 0) this.#output.write(beginFrame + writes.join('') + endFrame);
    this.#shown = next;
  }

  /** Gives the screen back. May be called twice. */
  close(): void {
    const leave = this.#leave;
    this.#leave = undefined;
    leave?.();
  }
}
