// Edge: one file of --state-dir. Whoever reads it finds what was written last, whole, or what was written before that.
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorMessage } from './errors.ts';
import type { Logger } from './logger.ts';

export interface StateFileDeps {
  readonly logger: Logger;
  /** What the file holds, in the plural, as the log calls it. */
  readonly holds: string;
  /** Told of each attempt to write. */
  readonly onWritten: (outcome: 'written' | 'failed') => void;
}

/** Not safe against two writers: each process needs a folder of its own. */
export class StateFile {
  readonly path: string;
  readonly #deps: StateFileDeps;
  #problem: string | undefined;

  constructor(directory: string, name: string, deps: StateFileDeps) {
    this.path = join(directory, name);
    this.#deps = deps;
  }

  /**
   * Hands the contents to `use` and returns what it returns. undefined when there is no file, which is nothing to talk about, and when it cannot be read or
   * `use` throws because it cannot be understood: then it is as good as none, and the log says why.
   */
  async read<T>(use: (contents: Buffer) => T | Promise<T>): Promise<T | undefined> {
    try {
      return await use(await readFile(this.path));
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isMissing) this.#warn(`file of ${this.#deps.holds} ignored`, errorMessage(error));
      return undefined;
    }
  }

  /**
   * Replaces the file by what `write` writes; its folder is made when it is missing. A file system that fails costs memory over a restart, nothing else: the
   * failure is counted, and logged once per problem.
   */
  async replace(write: (file: FileHandle) => Promise<void>): Promise<void> {
    try {
      await this.#replace(write);
      this.#deps.onWritten('written');
      this.#problem = undefined;
    } catch (error) {
      this.#deps.onWritten('failed');
      const problem = errorMessage(error);
      if (problem !== this.#problem) this.#warn(`${this.#deps.holds} not saved`, problem);
      this.#problem = problem;
    }
  }

  async #replace(write: (file: FileHandle) => Promise<void>): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true });
    const next = `${this.path}.new`;
    try {
      const file = await open(next, 'w', 0o600);
      try {
        await write(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      await rm(next, { force: true }); // half of it, on a disk that is perhaps full
      throw error;
    }
    await rename(next, this.path);
  }

  #warn(message: string, problem: string): void {
    this.#deps.logger.warn(message, { path: this.path, problem });
  }
}
