// Edge: the lines that a growing log file has had since the last look.
import { type FileHandle, open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

const chunkBytes = 64 * 1024;

export class LogTail implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #decoder = new StringDecoder('utf8');
  #offset = 0;
  #unfinished = '';

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Starts at the beginning of the file, which must exist. */
  static async open(path: string): Promise<LogTail> {
    return new LogTail(await open(path, 'r'));
  }

  /** The lines that are complete by now and were not returned before. */
  async newLines(): Promise<readonly string[]> {
    const buffer = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, chunkBytes, this.#offset);
      if (bytesRead === 0) break;
      this.#offset += bytesRead;
      this.#unfinished += this.#decoder.write(buffer.subarray(0, bytesRead));
    }
    const lines = this.#unfinished.split('\n');
    this.#unfinished = lines.pop() ?? '';
    return lines;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}
