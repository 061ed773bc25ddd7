import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { StateFile } from '../../src/lib/state-file.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

describe('StateFile', () => {
  let directory: string;
  let logger: RecordingLogger;
  let outcomes: string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-state-'));
    logger = new RecordingLogger();
    outcomes = [];
  });

  afterEach(() => rm(directory, { recursive: true }));

  const open = (...folders: string[]): StateFile =>
    new StateFile(join(directory, ...folders), 'words', {
      logger,
      holds: 'words',
      onWritten: (outcome) => void outcomes.push(outcome),
    });
  const write = (file: StateFile, text: string): Promise<void> => file.replace((handle) => handle.writeFile(text));
  const read = (file: StateFile): Promise<string | undefined> => file.read((contents) => contents.toString());
  const said = (): string[] => logger.lines.map(({ level, message }) => `${level} ${message}`);

  it('holds what was written last, in a folder that is made for it, and leaves nothing else behind', async () => {
    const file = open('deep', 'er');
    for (const text of ['one', 'two']) await write(file, text);
    expect(await read(file)).to.equal('two');
    expect(await readdir(join(directory, 'deep', 'er'))).to.deep.equal(['words']);
    expect(outcomes).to.deep.equal(['written', 'written']);
    expect(said()).to.deep.equal([]);
  });

  it('is for nobody else to read', async () => {
    await write(open(), 'one');
    expect((await stat(open().path)).mode & 0o777).to.equal(0o600);
  });

  it('is nothing to talk about when there is none', async () => {
    expect(await read(open())).to.equal(undefined);
    expect(said()).to.deep.equal([]);
  });

  it('is ignored with a warning when it cannot be read', async () => {
    await mkdir(open().path);
    expect(await read(open())).to.equal(undefined);
    expect(said()).to.deep.equal(['warn file of words ignored']);
  });

  it('is ignored with a warning when it cannot be understood', async () => {
    await write(open(), 'one');
    const use = (): never => {
      throw new Error('no such word');
    };
    expect(await open().read(use)).to.equal(undefined);
    expect(logger.lines.map(({ message, fields }) => [message, fields['problem']])).to.deep.equal([
      ['file of words ignored', 'no such word'],
    ]);
  });

  it('stays as it was when writing fails half-way, as on a full disk', async () => {
    const file = open();
    await write(file, 'one');
    await file.replace(async (handle) => {
      await handle.writeFile('tw');
      throw new Error('ENOSPC: no space left on device');
    });
    expect(await readFile(file.path, 'utf8')).to.equal('one');
    expect(await readdir(directory)).to.deep.equal(['words']);
    expect(outcomes).to.deep.equal(['written', 'failed']);
  });

  it('that cannot be written is logged once per problem, and again after it could be', async () => {
    await writeFile(join(directory, 'file'), '');
    const file = open('file');
    await write(file, 'one');
    await write(file, 'one');
    expect(said()).to.deep.equal(['warn words not saved']);
    await rm(join(directory, 'file'));
    await write(file, 'one');
    await rm(join(directory, 'file'), { recursive: true });
    await writeFile(join(directory, 'file'), '');
    await write(file, 'one');
    expect(said()).to.deep.equal(['warn words not saved', 'warn words not saved']);
    expect(outcomes).to.deep.equal(['failed', 'failed', 'written', 'failed']);
  });
});
