// Pure: styled text and its width in the terminal. All characters used are one column wide.

export type Style = 'bold' | 'dim' | 'accent' | 'good' | 'warn';

export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

export function span(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

export function plainText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

export function widthOf(line: Line): number {
  return plainText(line).length;
}

/** The line cut to a width; what is cut off is replaced by an ellipsis. */
export function fit(line: Line, width: number): Line {
  if (widthOf(line) <= width) return line;
  let room = Math.max(0, width - 1);
  const kept: Span[] = [];
  for (const { text, style } of line) {
    if (room <= 0) break;
    kept.push(span(text.slice(0, room), style));
    room -= text.length;
  }
  return width > 0 ? [...kept, span('…', 'dim')] : [];
}

/** Breaks text between words so that no line is wider than `width`, unless a word is. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') {
      line = longer;
    } else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}

/** Breaks text anywhere, as a terminal does: for what is to be copied whole. */
export function breakAnywhere(text: string, width: number): readonly string[] {
  const parts = Math.max(1, Math.ceil(text.length / Math.max(1, width)));
  return Array.from({ length: parts }, (_, index) => text.slice(index * width, (index + 1) * width));
}
