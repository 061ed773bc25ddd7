import { statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createHistorySnapshot } from '../../src/controller/history-snapshot.ts';
import { HistoryStore } from '../../src/controller/history-store.ts';
import { ControllerWorld } from '../support/controller-fakes.ts';
import { history, nowMs } from '../support/observation-builders.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const key = 'HorizontalPodAutoscaler/shop/web';
const remembered = {
  uid: 'uid-1',
  history: history({ recommendations: '5@10 3@0', scaleUps: '2@10', scaleDowns: '1@400' }),
  between: [{ replicas: 4, atMs: nowMs - 2_000 }],
  lastScaleAtMs: nowMs - 10_000,
};

describe('the snapshot of histories', () => {
  let directory: string;
  let path: string;
  let logger: RecordingLogger;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-history-'));
    path = join(directory, 'autoscaler-history.json');
    logger = new RecordingLogger();
  });

  afterEach(() => rm(directory, { recursive: true }));

  const open = (where = directory): ReturnType<typeof createHistorySnapshot> =>
    createHistorySnapshot({ directory: where, logger, monitor: { snapshotWritten: () => undefined } });

  const restore = async (): Promise<HistoryStore> => {
    const store = new HistoryStore();
    await open().restore(store);
    return store;
  };

  it('comes back as it was saved', async () => {
    const store = new HistoryStore();
    store.set(key, remembered);
    await open(join(directory, 'deep', 'er')).save(store, true);
    const restored = new HistoryStore();
    await open(join(directory, 'deep', 'er')).restore(restored);
    expect([...restored.entries()]).to.deep.equal([[key, remembered]]);
  });

  it('of many autoscalers is written in pieces, and who comes and goes meanwhile harms nobody', async () => {
    const keyOf = (index: number): string => `HorizontalPodAutoscaler/shop/web-${index}`;
    const recommendations = Array.from({ length: 20 }, (_, index) => ({ replicas: 3, atMs: nowMs - index * 15_000 }));
    const longer = { ...remembered, history: { ...remembered.history, recommendations } };
    const store = new HistoryStore();
    for (let index = 0; index < 2_000; index++) store.set(keyOf(index), longer);
    const entries = store.entries.bind(store);
    let written = 0;
    store.entries = function* () {
      for (const entry of entries()) {
        if (entry[0] === keyOf(1_000)) {
          written = statSync(`${path}.new`).size;
          for (const gone of [0, 1_000, 1_999]) store.delete(keyOf(gone));
          store.set(keyOf(2_000), longer);
        }
        yield entry;
      }
    };
    await open().save(store, true);
    expect(written, 'in the file before half of it was made').to.be.greaterThan(100_000);
    const restored = new Map((await restore()).entries());
    expect([0, 1_000, 1_999, 2_000].map((index) => restored.has(keyOf(index)))).to.deep.equal([
      true,
      true,
      false,
      true,
    ]);
    expect(restored.size).to.equal(2_000);
    for (const [, each] of restored) expect(each).to.deep.equal(longer);
  });

  it('replaces the file of before, and leaves nothing else behind', async () => {
    const snapshot = open();
    await snapshot.save(new HistoryStore(), true);
    await snapshot.save(new HistoryStore(), true);
    expect(await readdir(directory)).to.deep.equal(['autoscaler-history.json']);
  });

  it('is nothing to talk about when there is none', async () => {
    expect([...(await restore()).entries()]).to.deep.equal([]);
    expect(logger.lines).to.deep.equal([]);
  });

  it('that is cut off anywhere is ignored with a warning', async () => {
    const store = new HistoryStore();
    store.set(key, remembered);
    await open().save(store, true);
    const text = await readFile(path, 'utf8');
    for (let length = 0; length < text.length; length++) {
      await writeFile(path, text.slice(0, length));
      logger.lines.length = 0;
      expect([...(await restore()).entries()], `${length} of ${text.length} bytes`).to.deep.equal([]);
      expect(logger.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
        'warn file of histories ignored',
      ]);
    }
  });

  for (const text of [
    'null',
    '[]',
    '{}',
    '{"formatVersion":2,"autoscalers":{}}',
    '{"formatVersion":1,"autoscalers":{"x":{}}}',
  ]) {
    it(`that says ${text} is ignored with a warning`, async () => {
      await writeFile(path, text);
      expect([...(await restore()).entries()]).to.deep.equal([]);
      expect(logger.lines[0]?.level).to.equal('warn');
    });
  }

  it('lets a new process hold to the recommendations of the old one', async () => {
    const before = new ControllerWorld({ stateDir: directory });
    before.deploy('web', 6, 500);
    before.api.put();
    await before.start();
    await before.controller.stop();

    const after = new ControllerWorld({ stateDir: directory, clock: before.clock });
    after.deploy('web', 6, 50);
    after.api.put({ status: before.status() });
    await after.start();
    await after.period();
    expect(after.scales.replicas('web')).to.equal(6);
    expect(after.condition('AbleToScale')).to.match(/^True ScaleDownStabilized/);
    await after.controller.stop();
  });

  it('forgets autoscalers that are gone, and those that were made anew', async () => {
    const store = new HistoryStore();
    store.set(key, remembered);
    store.set('HorizontalPodAutoscaler/shop/gone', remembered);
    await open().save(store, true);
    const world = new ControllerWorld({ stateDir: directory });
    world.deploy('web', 2, 500);
    world.api.put({ uid: 'uid-2' });
    await world.start();
    await world.controller.stop();
    const saved = JSON.parse(await readFile(path, 'utf8')) as { autoscalers: Record<string, { uid: string }> };
    expect(Object.entries(saved.autoscalers).map(([name, { uid }]) => `${name} ${uid}`)).to.deep.equal([
      `${key} uid-2`,
    ]);
  });

  it('that cannot be written is reported once, and disturbs nothing', async () => {
    await writeFile(join(directory, 'file'), '');
    const world = new ControllerWorld({ stateDir: join(directory, 'file') });
    world.deploy('web', 2, 900);
    world.api.put();
    await world.start();
    await world.clock.advance(200_000);
    await world.controller.stop();
    expect(world.scales.replicas('web')).to.equal(4);
    const said = world.logger.lines.filter(({ message }) => message === 'histories not saved');
    expect(said).to.have.length(1);
    expect(await world.registry.metrics()).to.match(/headroom_controller_snapshots_total\{outcome="failed"\} [1-9]/);
  });
});
