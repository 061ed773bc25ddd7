import { EventEmitter } from 'node:events';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect } from 'chai';
import { glyphsOf, Terminal } from '../../demo/terminal.ts';
import { span } from '../../demo/text.ts';

/** Knows the few sequences that the demo writes, and holds what would be seen. */
class FakeScreen extends EventEmitter {
  columns = 10;
  rows = 3;
  writes = 0;
  isOther = false;
  isCursorShown = true;
  cells: string[][] = [];
  #row = 0;
  #column = 0;

  write(text: string): boolean {
    this.writes++;
    // oxlint-disable-next-line no-control-regex -- terminals are controlled by control characters
    for (const [part, parameters, command] of text.matchAll(/\u001b\[([\d;?]*)([A-Za-z])|[^\u001b]/g)) {
      if (command === undefined) this.#put(part);
      else this.#control(parameters ?? '', command);
    }
    return true;
  }

  get lines(): readonly string[] {
    return this.cells.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
  }

  #put(character: string): void {
    this.#rowCells()[this.#column] = character;
    this.#column = Math.min(this.columns - 1, this.#column + 1);
  }

  #control(parameters: string, command: string): void {
    if (parameters === '?1049') this.isOther = command === 'h';
    if (parameters === '?25') this.isCursorShown = command === 'h';
    if (command === 'J' && parameters === '2') this.cells = Array.from({ length: this.rows }, () => []);
    if (command === 'J' && parameters === '') {
      this.#rowCells().splice(this.#column);
      for (const row of this.cells.slice(this.#row + 1)) row.splice(0);
    }
    if (command === 'K') this.#rowCells().splice(this.#column);
    if (command === 'H') {
      const [row = 1, column = 1] = parameters.split(';').map(Number);
      this.#row = Math.min(this.rows, row) - 1;
      this.#column = column - 1;
    }
  }

  #rowCells(): string[] {
    const row = this.cells[this.#row] ?? [];
    this.cells[this.#row] = row;
    return row;
  }
}

class FakeKeys extends EventEmitter {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  pause(): this {
    return this;
  }
}

function openTerminal(onEnd = () => undefined, onResize = () => undefined) {
  const screen = new FakeScreen();
  const keys = new FakeKeys();
  const glyphs = { hasColour: false, isAscii: false };
  const terminal = new Terminal(screen as unknown as WriteStream, keys as unknown as ReadStream, glyphs);
  terminal.open(onEnd, onResize);
  return {
    screen,
    keys,
    terminal,
    draw: (...lines: readonly string[]) => terminal.draw(lines.map((text) => [span(text)])),
  };
}

describe('the terminal', () => {
  it('shows the lines, also in the last row', () => {
    const { screen, draw, terminal } = openTerminal();
    draw('one', 'two', 'three');
    expect(screen.lines).to.deep.equal(['one', 'two', 'three']);
    terminal.close();
  });

  it('leaves nothing of what was there before', () => {
    const { screen, draw, terminal } = openTerminal();
    draw('longer', 'two', 'three');
    draw('one');
    expect(screen.lines).to.deep.equal(['one', '', '']);
    draw('one', 'b', 'c');
    expect(screen.lines).to.deep.equal(['one', 'b', 'c']);
    terminal.close();
  });

  it('writes nothing when nothing has changed', () => {
    const { screen, draw, terminal } = openTerminal();
    draw('one', 'two');
    const { writes } = screen;
    draw('one', 'two');
    expect(screen.writes).to.equal(writes);
    terminal.close();
  });

  it('keeps the last column free, so that clearing the rest of a line takes nothing away', () => {
    const { terminal } = openTerminal();
    expect(terminal.size).to.deep.equal({ columns: 9, rows: 3 });
    terminal.close();
  });

  it('draws all of it again after a change of size', () => {
    let resized = 0;
    const { screen, draw, terminal } = openTerminal(undefined, () => void resized++);
    draw('one', 'two');
    screen.cells = screen.cells.map(() => ['?']);
    screen.emit('resize');
    draw('one', 'two');
    expect(resized).to.equal(1);
    expect(screen.lines).to.deep.equal(['one', 'two', '']);
    terminal.close();
  });

  it('gives the screen, the cursor and the keys back', () => {
    const { screen, keys, terminal, draw } = openTerminal();
    expect([screen.isOther, screen.isCursorShown, keys.isRaw]).to.deep.equal([true, false, true]);
    terminal.close();
    terminal.close();
    expect([screen.isOther, screen.isCursorShown, keys.isRaw]).to.deep.equal([false, true, false]);
    const { writes } = screen;
    draw('late');
    expect(screen.writes).to.equal(writes);
  });

  describe('ends on', () => {
    const check = (name: string, key: string, expected: number): void => {
      it(name, () => {
        let ends = 0;
        const { keys, terminal } = openTerminal(() => void ends++);
        keys.emit('data', Buffer.from(key));
        expect(ends).to.equal(expected);
        terminal.close();
      });
    };
    check('Ctrl-C', '\u0003', 1);
    check('Ctrl-D', '\u0004', 1);
    check('q', 'q', 1);
    check('no other key', 'x\r', 0);
  });

  describe('is taken to show', () => {
    const check = (env: NodeJS.ProcessEnv, expected: ReturnType<typeof glyphsOf>): void => {
      it(`${JSON.stringify(expected)} in ${JSON.stringify(env)}`, () => {
        expect(glyphsOf(env)).to.deep.equal(expected);
      });
    };
    check({}, { hasColour: true, isAscii: false });
    check({ NO_COLOR: '1' }, { hasColour: false, isAscii: false });
    check({ NO_COLOR: '' }, { hasColour: true, isAscii: false });
    check({ LANG: 'de_DE.UTF-8' }, { hasColour: true, isAscii: false });
    check({ LANG: 'C.utf8' }, { hasColour: true, isAscii: false });
    check({ LANG: 'C' }, { hasColour: true, isAscii: true });
    check({ LANG: 'de_DE.UTF-8', LC_ALL: 'POSIX' }, { hasColour: true, isAscii: true });
    check({ TERM: 'linux' }, { hasColour: true, isAscii: true });
  });
});
