// What runs of mocha found, told again where somebody who sees only the last lines of a long log finds it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What test/support/counting-reporter.cjs writes of one run of mocha. */
interface MochaRun {
  readonly passes: number;
  readonly failures: number;
  readonly pending: number;
  readonly failed: readonly { readonly title: string; readonly error: string }[];
}

/** Those runs that were started with `args` and `env`. Closing it ends the counting. */
export class MochaRuns implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'headroom-test-'));
  readonly #file = join(this.#folder, 'counts');
  readonly args: readonly string[] = ['--reporter', 'test/support/counting-reporter.cjs'];
  readonly env: Readonly<Record<string, string>> = { HEADROOM_TEST_COUNTS: this.#file };

  /** Each failed test with the beginning of its error, and last one line of counts. */
  summary(): string {
    const runs = this.#read();
    const failed = runs
      .flatMap((run) => run.failed)
      .map(({ title, error }) => `FAILED: ${title}\n${firstLines(error)}`);
    const sum = (count: (run: MochaRun) => number): number => runs.reduce((total, run) => total + count(run), 0);
    const counts = `${sum((run) => run.passes)} passed, ${sum((run) => run.failures)} failed, ${sum((run) => run.pending)} skipped`;
    return [...failed, counts].join('\n');
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #read(): readonly MochaRun[] {
    try {
      const lines = readFileSync(this.#file, 'utf8').trim().split('\n');
      return lines.map((line) => JSON.parse(line) as MochaRun);
    } catch {
      return []; // no run came to its end
    }
  }
}

function firstLines(text: string): string {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `  ${line}`)
    .join('\n');
}
