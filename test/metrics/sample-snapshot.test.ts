// What a process leaves to the next, told as scrapes before and after. Rules: docs/metrics-math.md 4.7 to 4.9.
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { type Present, readSnapshot, writeSnapshot } from '../../src/metrics/sample-snapshot.ts';
import type { PodName, PodUsage } from '../../src/metrics/types.ts';
import { WindowStore } from '../../src/metrics/window-store.ts';
import { ClusterReader } from '../support/cluster-reader.ts';
import type { ContainerLines, NodeLines } from '../support/exposition-text.ts';
import { failureOf } from '../support/failure-of.ts';

const t0 = 1_700_000_000_000;
const maxAgeMs = 60_000;
const everything: Present = { uidOf: (node) => `uid-of-${node}`, ran: () => true };

async function saved(store: WindowStore, nowMs: number, present: Pick<Present, 'uidOf'> = everything): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const file = { writeFile: async (piece: Uint8Array) => void pieces.push(Buffer.from(piece)) };
  await writeSnapshot(file, store, present, { nowMs, originMs: 0 });
  return Buffer.concat(pieces);
}

/** A new process at `nowMs` that found the file. */
async function successor(contents: Buffer, nowMs: number, present: Partial<Present> = {}): Promise<ClusterReader> {
  const cluster = new ClusterReader();
  cluster.nowMs = nowMs;
  await readSnapshot(contents, cluster.store, { ...everything, ...present }, { nowMs, originMs: 0 });
  return cluster;
}

/** One container of pod ns/p, `at` seconds after t0, which began long before. */
const c = (at: number, cpuSeconds: number, more: ContainerLines = {}): ContainerLines => ({
  container: 'c',
  namespace: 'ns',
  pod: 'p',
  timestampMs: t0 + at * 1000,
  cpuSeconds,
  memoryBytes: 1024,
  startSeconds: t0 / 1000 - 1e6,
  ...more,
});
const lines = (at: number, ...containers: ContainerLines[]): NodeLines => ({
  timestampMs: t0 + at * 1000,
  cpuSeconds: 100 + at,
  memoryBytes: 4096,
  containers,
});
const usage = (at: number, windowSeconds: number, cpuNanoCores: number): PodUsage => ({
  timestampMs: t0 + at * 1000,
  windowNs: windowSeconds * 1e9,
  containers: [{ name: 'c', cpuNanoCores, memoryBytes: 1024 }],
});

/** A process that scraped node n at seconds 0 and 15. */
function predecessor(): ClusterReader {
  const cluster = new ClusterReader();
  for (const at of [0, 15]) {
    cluster.nowMs = t0 + at * 1000;
    cluster.scrape('n', lines(at, c(at, at / 5)));
  }
  return cluster;
}

describe('a snapshot of samples', () => {
  it('is served at once, with the timestamps of the samples', async () => {
    const before = predecessor();
    const { store } = await successor(await saved(before.store, t0 + 20_000), t0 + 30_000);
    expect(store.podUsage('ns', 'p', 'n')).to.deep.equal(usage(15, 15, 200_000_000));
    expect(store.nodeUsage('n')).to.deep.equal(before.store.nodeUsage('n'));
    expect(store.usages).to.deep.equal({ nodes: 1, containers: 1 });
  });

  it('makes of one new sample a usage, also where there was no usage before', async () => {
    const before = new ClusterReader();
    before.scrape('n', lines(0, c(0, 10)));
    const after = await successor(await saved(before.store, t0), t0 + 20_000);
    expect(after.store.podUsage('ns', 'p', 'n')).to.equal(undefined);
    expect(after.store.awaitsUsage('n')).to.equal(true);
    expect(after.scrape('n', lines(20, c(20, 14)))).to.deep.equal(['ns/p']);
    expect(after.store.podUsage('ns', 'p', 'n')).to.deep.equal(usage(20, 20, 200_000_000));
  });

  it('leaves nothing to wait for when the kubelet repeats the last sample', async () => {
    const after = await successor(await saved(predecessor().store, t0 + 20_000), t0 + 20_000);
    expect(after.scrape('n', lines(15, c(15, 3)))).to.deep.equal([]);
    expect(after.store.awaitsUsage('n')).to.equal(false);
    expect(after.store.podUsage('ns', 'p', 'n')).to.deep.equal(usage(15, 15, 200_000_000));
  });

  it('is no baseline for a container that was started meanwhile', async () => {
    const after = await successor(await saved(predecessor().store, t0 + 20_000), t0 + 45_000);
    after.scrape('n', lines(45, c(45, 1, { startSeconds: t0 / 1000 + 20 })));
    expect(after.store.podUsage('ns', 'p', 'n')).to.equal(undefined);
  });

  it('keeps the age of its samples, though the time line of the next process begins elsewhere', async () => {
    const contents = await saved(predecessor().store, t0 + 20_000);
    const { store } = new ClusterReader();
    const originMs = t0 + 29_000;
    await readSnapshot(contents, store, everything, { nowMs: t0 + 30_000, originMs });
    const storedAtMs = t0 + 15_000 - originMs;
    store.expire(storedAtMs + maxAgeMs);
    expect(store.podUsage('ns', 'p', 'n')).to.deep.equal(usage(15, 15, 200_000_000));
    store.expire(storedAtMs + maxAgeMs + 1);
    expect(store.podUsage('ns', 'p', 'n')).to.equal(undefined);
  });

  it('drops a container that the next scrape does not name', async () => {
    const after = await successor(await saved(predecessor().store, t0 + 20_000), t0 + 20_000);
    after.scrape('n', lines(30, c(30, 1, { pod: 'q' })));
    expect(after.store.podUsage('ns', 'p', 'n')).to.equal(undefined);
  });

  describe('is believed', () => {
    const check = (rule: string, served: boolean, nowMs: number, present: Partial<Present> = {}): void => {
      it(`${served ? '' : 'not '}${rule}`, async () => {
        const other = new ClusterReader(predecessor().store);
        other.nowMs = t0 + 15_000;
        other.scrape('other', lines(15, c(15, 1, { pod: 'on-other' })));
        const contents = await saved(other.store, t0 + 20_000);
        const { store } = await successor(contents, nowMs, present);
        expect(store.podUsage('ns', 'p', 'n') !== undefined).to.equal(served);
      });
    };
    const soonMs = t0 + 30_000;
    check('until the maximum age after the last scrape', true, t0 + 15_000 + maxAgeMs);
    check('beyond that', false, t0 + 15_001 + maxAgeMs);
    check('of a node that is gone', false, soonMs, { uidOf: (node) => (node === 'n' ? undefined : `uid-of-${node}`) });
    check('of a node that was made anew', false, soonMs, {
      uidOf: (node) => (node === 'n' ? 'new' : `uid-of-${node}`),
    });
    check('of a pod that is gone', false, soonMs, { ran: ({ name }) => name !== 'p' });
    const startedAt =
      (ms: number) =>
      (pod: PodName, node: string, atMs: number): boolean =>
        pod.namespace === 'ns' && node === 'n' && ms <= atMs;
    check('of a pod that had started when it was sampled', true, soonMs, { ran: startedAt(t0 + 15_000) });
    check('of a pod of that name that started later', false, soonMs, { ran: startedAt(t0 + 15_001) });
  });

  it('ages from the last scrape that confirmed a sample, which no clock puts behind the writing', async () => {
    const before = predecessor();
    before.nowMs = t0 + 3_600_000; // and is set back an hour
    before.scrape('n', lines(30, c(30, 6)));
    const contents = await saved(before.store, t0 + 31_000);
    const after = await successor(contents, t0 + 31_000 + maxAgeMs);
    expect(after.store.podUsage('ns', 'p', 'n')).to.deep.equal(usage(30, 15, 200_000_000));
    after.store.expire(t0 + 31_001 + maxAgeMs);
    expect(after.store.podUsage('ns', 'p', 'n')).to.equal(undefined);
  });

  it('leaves out a container whose readings stopped too long ago, and the node when its own did', async () => {
    const before = predecessor();
    for (const at of [30, 45, 60]) {
      before.nowMs = t0 + at * 1000;
      before.scrape('n', {
        ...lines(at, c(at, at / 5, { pod: 'q' }), c(at, 3, { memoryBytes: 0 })),
        cpuSeconds: null,
      });
    }
    const after = await successor(await saved(before.store, t0 + 61_000), t0 + 76_000);
    expect(after.store.podUsage('ns', 'q', 'n')).to.not.equal(undefined);
    expect(after.store.podUsage('ns', 'p', 'n')).to.equal(undefined);
    expect(after.store.nodeUsage('n')).to.equal(undefined);
  });

  it('has the bytes of format 1: whoever changes them raises formatVersion', async () => {
    const contents = await saved(predecessor().store, t0 + 20_000);
    expect([contents.length, crc32(contents.subarray(0, -4)).toString(16)]).to.deep.equal([258, '48a7129a']);
  });

  it('holds no node that the cluster no longer has', async () => {
    const gone = await saved(predecessor().store, t0, { uidOf: () => undefined });
    expect(gone).to.deep.equal(await saved(new WindowStore({ resolutionMs: 1, sampleMaxAgeMs: 1 }), t0));
  });

  describe('is refused, and the store stays as it was,', () => {
    const check = (
      when: string,
      damage: (contents: Buffer) => Buffer,
      problem: RegExp,
      { nowMs = t0 + 30_000, ...present }: Partial<Present> & { nowMs?: number } = {},
    ): void => {
      it(when, async () => {
        const store = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: maxAgeMs });
        const contents = damage(await saved(predecessor().store, t0 + 20_000));
        const failure = await failureOf(
          readSnapshot(contents, store, { ...everything, ...present }, { nowMs, originMs: 0 }),
        );
        expect(String(failure)).to.match(problem);
        expect([...store.nodeNames()]).to.deep.equal([]);
      });
    };
    const intact = (contents: Buffer): Buffer => contents;
    const rewritten =
      (rewrite: (body: Buffer) => void) =>
      (contents: Buffer): Buffer => {
        rewrite(contents);
        contents.writeUInt32LE(crc32(contents.subarray(0, -4)), contents.length - 4);
        return contents;
      };
    check('when it is empty', () => Buffer.alloc(0), /damaged/);
    check(
      'when it is of another format',
      rewritten((body) => body.writeUInt32LE(2, 20)),
      /format 2 is not 1/,
    );
    check(
      'when it is another file',
      rewritten((body) => body.write('H', 4)),
      /holds no samples/,
    );
    check('when it is from the future', intact, /future/, { nowMs: t0 + 19_999 });
    check('when it is of another cluster', intact, /none of its nodes/, { uidOf: (node) => `another-${node}` });
  });

  it('is refused whichever byte is another, and wherever it is cut off', async () => {
    const contents = await saved(predecessor().store, t0 + 20_000);
    const refused = async (damaged: Buffer, where: string): Promise<void> => {
      const store = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: maxAgeMs });
      const failure = await failureOf(readSnapshot(damaged, store, everything, { nowMs: t0 + 30_000, originMs: 0 }));
      expect(String(failure), where).to.match(/damaged/);
      expect([...store.nodeNames()]).to.deep.equal([]);
    };
    for (let at = 0; at < contents.length; at++) {
      await refused(contents.subarray(0, at), `cut at ${at}`);
      const damaged = Buffer.from(contents);
      damaged[at] = (damaged[at] ?? 0) ^ (1 + (at % 255));
      await refused(damaged, `byte ${at}`);
    }
  });

  it('is written in pieces, each whole, while nodes come and go', async () => {
    const before = new ClusterReader();
    const containers = Array.from({ length: 100 }, (_, index) => c(0, 1, { pod: `p-${index}` }));
    for (let node = 0; node < 20; node++) before.scrape(`n-${node}`, lines(0, ...containers));
    const pieces: Buffer[] = [];
    const file = {
      writeFile: async (piece: Uint8Array) => {
        pieces.push(Buffer.from(piece));
        before.store.forget(`n-${19 - pieces.length}`);
        before.scrape(`new-${pieces.length}`, lines(0, c(0, 1)));
      },
    };
    await writeSnapshot(file, before.store, everything, { nowMs: t0, originMs: 0 });
    expect(pieces.length).to.be.above(3);
    expect(Math.max(...pieces.map(({ length }) => length))).to.be.below(2 ** 16 + 20_000);
    const after = await successor(Buffer.concat(pieces), t0);
    const names = [...after.store.nodeNames()];
    expect(names).to.include.members(['n-0', 'n-10', 'new-1']);
    expect(names).to.not.include('n-18');
  });

  const container = fc.record({
    container: fc.constantFrom('a', 'b"\\'),
    namespace: fc.constantFrom('x', 'y'),
    pod: fc.constantFrom('p', 'ü'),
    cpuSeconds: fc.integer({ min: 0, max: 20_000 }).map((milli) => milli / 1000),
    memoryBytes: fc.integer({ min: 0, max: 1e9 }),
    startSeconds: fc.oneof(
      fc.constant(null),
      fc.integer({ min: -100_000, max: 60_000 }).map((ms) => (t0 + ms) / 1000),
    ),
    timestampMs: fc.integer({ min: 0, max: 60 }).map((step) => t0 + step * 1500),
  });
  const scrape = fc.record({
    node: fc.constantFrom('n1', 'n2'),
    containers: fc.uniqueArray(container, {
      maxLength: 6,
      selector: (each) => `${each.namespace}/${each.pod}/${each.container}`,
    }),
    cpuSeconds: fc.integer({ min: 0, max: 100 }),
  });
  const scrapes = fc.array(scrape, { maxLength: 12 });
  const scrapeAll = (cluster: ClusterReader, all: readonly (NodeLines & { readonly node: string })[]): string[][] =>
    all.map(({ node, ...rest }) => cluster.scrape(node, escaped(rest)));

  it('lets a process go on as if there had been no restart, after any row of scrapes', async () => {
    await fc.assert(
      fc.asyncProperty(scrapes, scrapes, async (earlier, later) => {
        const before = new ClusterReader();
        scrapeAll(before, earlier);
        const after = await successor(await saved(before.store, before.nowMs), before.nowMs);
        expect(usagesOf(after.store)).to.deep.equal(usagesOf(before.store));
        expect(scrapeAll(after, later)).to.deep.equal(scrapeAll(before, later));
        expect(usagesOf(after.store)).to.deep.equal(usagesOf(before.store));
        expect(after.store.usages).to.deep.equal(before.store.usages);
      }),
      { numRuns: 300 },
    );
  });
});

/** Label values as the text format writes them. */
function escaped(lines: NodeLines): NodeLines {
  const containers = lines.containers?.map((each) => ({
    ...each,
    container: (each.container ?? '').replace(/["\\]/g, '\\$&'),
  }));
  return { ...lines, ...(containers === undefined ? {} : { containers }) };
}

function usagesOf(store: WindowStore): readonly unknown[] {
  return ['n1', 'n2'].flatMap((node) => [
    store.nodeUsage(node),
    ...['x', 'y'].flatMap((namespace) => ['p', 'ü'].map((pod) => store.podUsage(namespace, pod, node))),
  ]);
}
