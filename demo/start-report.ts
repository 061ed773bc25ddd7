// Edge: the steps of the start, one line each, as they are taken.
import { formatSeconds } from './elapsed.ts';
import { type Glyphs, printable } from './terminal.ts';
import { fit, type Line, span } from './text.ts';

export class StartReport {
  readonly #output: NodeJS.WriteStream;
  readonly #glyphs: Glyphs;

  constructor(output: NodeJS.WriteStream, glyphs: Glyphs) {
    this.#output = output;
    this.#glyphs = glyphs;
  }

  /** Shows the step while it runs (on a terminal) and how long it took. */
  async step<T>(name: string, run: (detail: (text: string) => void) => Promise<T>): Promise<T> {
    const startedAtMs = performance.now();
    this.#passing([span('    '), span(name, 'dim')]);
    const result = await run((text) => this.#detail(name, text));
    const seconds = formatSeconds(performance.now() - startedAtMs);
    this.#lasting([span('  '), span('✓', 'good'), span(` ${name} `), span(seconds, 'dim')]);
    return result;
  }

  say(...lines: readonly Line[]): void {
    for (const line of lines) this.#lasting(line);
  }

  /** On a terminal the detail takes the place of the one before; elsewhere it is a line. */
  #detail(name: string, text: string): void {
    if (this.#output.isTTY) this.#passing([span('    '), span(`${name}: ${text}`, 'dim')]);
    else this.#lasting([span(`    ${text}`)]);
  }

  #passing(line: Line): void {
    if (this.#output.isTTY) this.#output.write(`\r${printable(fit(line, this.#output.columns), this.#glyphs)}\u001b[K`);
  }

  #lasting(line: Line): void {
    const text = printable(line, this.#glyphs);
    this.#output.write(this.#output.isTTY ? `\r${text}\u001b[K\n` : `${text}\n`);
  }
}
