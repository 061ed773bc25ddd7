import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LogTail } from '../../demo/log-tail.ts';

describe('the tail of a log', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'log-tail-'));
    path = join(directory, 'log');
    await writeFile(path, 'one\ntwo\n');
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('gives each line once', async () => {
    await using tail = await LogTail.open(path);
    expect(await tail.newLines()).to.deep.equal(['one', 'two']);
    expect(await tail.newLines()).to.deep.equal([]);
    await appendFile(path, 'three\n');
    expect(await tail.newLines()).to.deep.equal(['three']);
  });

  it('waits for the end of a line, and of a character', async () => {
    await using tail = await LogTail.open(path);
    await tail.newLines();
    const bytes = Buffer.from('thr→e\nfour');
    await appendFile(path, bytes.subarray(0, 4));
    expect(await tail.newLines()).to.deep.equal([]);
    await appendFile(path, bytes.subarray(4));
    expect(await tail.newLines()).to.deep.equal(['thr→e']);
  });

  it('reads more than one chunk at once', async () => {
    await using tail = await LogTail.open(path);
    await tail.newLines();
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
    await appendFile(path, `${lines.join('\n')}\n`);
    expect(await tail.newLines()).to.deep.equal(lines);
  });
});
