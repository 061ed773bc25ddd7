// Two processes, one after the other, with one --state-dir.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { everything, parseLabelSelector } from '../../src/lib/label-selector.ts';
import type { LabelMatcher } from '../../src/lib/views.ts';
import { SampleKeeper } from '../../src/metrics/sample-keeper.ts';
import { ClusterReader } from '../support/cluster-reader.ts';
import type { ContainerLines } from '../support/exposition-text.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { NodeListerFake, nodeView, PodListerFake, podView } from '../support/metrics-reader-fake.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { until } from '../support/until.ts';

describe('SampleKeeper', () => {
  let directory: string;
  let clock: FakeClock;
  let nodes: NodeListerFake;
  let pods: PodListerFake;
  let logger: RecordingLogger;
  let outcomes: string[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'headroom-samples-'));
    clock = new FakeClock();
    logger = new RecordingLogger();
    outcomes = [];
    nodes = new NodeListerFake();
    pods = new PodListerFake();
    for (const name of ['a', 'b']) {
      nodes.nodes.set(name, nodeView({ name, uid: `uid-of-${name}`, labels: { name } }));
      pods.pods.set(`default/on-${name}`, podView({ name: `on-${name}`, nodeName: name }));
    }
  });

  afterEach(() => rm(directory, { recursive: true }));

  interface Process {
    readonly cluster: ClusterReader;
    readonly keeper: SampleKeeper;
    /** What `start` said. */
    readonly hasEveryNode: boolean;
  }

  async function begin(nodeSelector: LabelMatcher = everything, where = directory): Promise<Process> {
    const cluster = new ClusterReader();
    const keeper = new SampleKeeper({
      directory: where,
      clock,
      logger,
      monitor: { snapshotWritten: (outcome) => void outcomes.push(outcome) },
      store: cluster.store,
      nodes,
      nodeSelector,
      pods,
    });
    return { cluster, keeper, hasEveryNode: await keeper.start() };
  }

  /** One scrape of every node, or of these. */
  async function scrape({ cluster }: Process, names: readonly string[] = ['a', 'b']): Promise<void> {
    await clock.advance(15_000);
    cluster.nowMs = clock.now();
    const sample = { timestampMs: clock.now(), cpuSeconds: clock.now() / 1000 };
    for (const name of names) {
      const containers: ContainerLines[] = [{ pod: `on-${name}`, startSeconds: 1, ...sample }];
      cluster.scrape(name, { ...sample, containers });
    }
  }

  /** A process that has a usage of everything, and was stopped. */
  async function predecessor(): Promise<void> {
    const process = await begin();
    await scrape(process);
    await scrape(process);
    await process.keeper.stop();
  }

  const served = ({ cluster }: Process): string[] =>
    ['a', 'b'].filter((name) => cluster.store.podUsage('default', `on-${name}`, name) !== undefined);
  const said = (): string[] => logger.lines.map(({ level, message }) => `${level} ${message}`);
  const modifiedAtMs = async (): Promise<number> => (await stat(join(directory, 'samples.bin'))).mtimeMs;

  it('gives a process what the one before had when it was stopped', async () => {
    await predecessor();
    await clock.advance(5_000);
    const process = await begin();
    expect(served(process)).to.deep.equal(['a', 'b']);
    expect(logger.lines).to.deep.equal([
      {
        level: 'info',
        message: 'samples restored',
        fields: { path: join(directory, 'samples.bin'), ageMs: 5_000, nodes: 2, containers: 2 },
      },
    ]);
    await process.keeper.stop();
  });

  it('gives it what was saved within the last minute when it was killed', async () => {
    const killed = await begin();
    const startedAtMs = clock.now();
    for (let scrapes = 0; scrapes < 4; scrapes++) await scrape(killed);
    await until(() => outcomes.length > 0, 5_000);
    for (let scrapes = 0; scrapes < 2; scrapes++) await scrape(killed);
    const process = await begin();
    expect(served(process)).to.deep.equal(['a', 'b']);
    const sampledAtMs = process.cluster.store.podUsage('default', 'on-a', 'a')?.timestampMs ?? 0;
    expect(sampledAtMs - startedAtMs).to.be.within(45_000, 60_000);
    expect(outcomes).to.deep.equal(['written']);
    await Promise.all([process.keeper.stop(), killed.keeper.stop()]);
  });

  it('keeps the age of what nobody confirmed over any number of restarts', async () => {
    await predecessor();
    for (let restarts = 0; restarts < 3; restarts++) {
      await clock.advance(15_000);
      await (await begin()).keeper.stop();
    }
    await clock.advance(15_001);
    const late = await begin();
    expect(served(late)).to.deep.equal([]);
    await late.keeper.stop();
  });

  describe('says whether every ready node has its usage again:', () => {
    const check = (when: string, expected: boolean, change: () => unknown, selector = everything): void => {
      it(`${expected ? 'yes' : 'no'} ${when}`, async () => {
        await predecessor();
        await change();
        const process = await begin(selector);
        expect(process.hasEveryNode).to.equal(expected);
        await process.keeper.stop();
      });
    };
    const nothing = (): void => undefined;
    const add = (name: string, ready: boolean) => (): unknown =>
      nodes.nodes.set(name, nodeView({ name, uid: `uid-of-${name}`, ready }));
    check('after a short restart', true, nothing);
    check('with a new node', false, add('new', true));
    check('with a new node that is not ready', true, add('new', false));
    check('without any node', false, () => nodes.nodes.clear());
    check('when the samples are too old', false, () => clock.advance(60_001));
    check('when the file is gone', false, () => rm(join(directory, 'samples.bin')));
    check('when all nodes are that are scraped', true, nothing, parseLabelSelector('name=a'));
  });

  describe('serves nothing', () => {
    const check = (of: string, change: () => unknown, selector = everything): void => {
      it(`of ${of}`, async () => {
        await predecessor();
        await change();
        const process = await begin(selector);
        expect(served(process)).to.deep.equal(['b']);
        await process.keeper.stop();
      });
    };
    check('a node that is gone', () => nodes.nodes.delete('a'));
    check('a node that was made anew', () => nodes.nodes.set('a', nodeView({ name: 'a', uid: 'another' })));
    check('a node that is not scraped any more', () => undefined, parseLabelSelector('name!=a'));
    const pod = (more: Parameters<typeof podView>[0]) => (): unknown =>
      pods.pods.set('default/on-a', podView({ name: 'on-a', nodeName: 'a', ...more }));
    check('a pod that is gone', () => pods.pods.delete('default/on-a'));
    check('a pod that runs elsewhere now', pod({ nodeName: 'b' }));
    check('a pod that started after the sample', () => pod({ startedAtMs: clock.now() + 1 })());
    check('a pod that has not started yet', pod({ startedAtMs: undefined }));
  });

  it('ignores a damaged file with one warning, and replaces it', async () => {
    await predecessor();
    const path = join(directory, 'samples.bin');
    const contents = await readFile(path);
    await writeFile(path, contents.subarray(0, -10));
    const process = await begin();
    expect(served(process)).to.deep.equal([]);
    expect(said()).to.deep.equal(['warn file of samples ignored']);
    for (let scrapes = 0; scrapes < 2; scrapes++) await scrape(process);
    await process.keeper.stop();
    const next = await begin();
    expect(served(next)).to.deep.equal(['a', 'b']);
    await next.keeper.stop();
  });

  it('says once that the folder cannot be written to, counts it, and goes on', async () => {
    await writeFile(join(directory, 'file'), '');
    const process = await begin(everything, join(directory, 'file'));
    for (let scrapes = 0; scrapes < 12; scrapes++) await scrape(process);
    await process.keeper.stop();
    expect(served(process)).to.deep.equal(['a', 'b']);
    expect(said()).to.deep.equal(['warn file of samples ignored', 'warn samples not saved']);
    expect(new Set(outcomes)).to.deep.equal(new Set(['failed']));
  });

  it('writes nothing after it was stopped', async () => {
    await predecessor();
    const writtenAtMs = await modifiedAtMs();
    await clock.advance(600_000);
    expect(clock.waiting).to.equal(0);
    expect(await modifiedAtMs()).to.equal(writtenAtMs);
  });
});
