// The store, told as scrapes: the cases of metrics-server's storage (with our improvements) and the rules of docs/metrics-math.md section 4.
import { expect } from 'chai';
import type { NodeUsage, PodUsage } from '../../src/metrics/types.ts';
import { WindowStore } from '../../src/metrics/window-store.ts';
import { ClusterReader } from '../support/cluster-reader.ts';
import { bytes, type ContainerLines, expositionText, type NodeLines } from '../support/exposition-text.ts';

const t0 = 1_700_000_000_000;
const mebibyte = 1024 * 1024;

/** A reading of container c of pod ns/p (or what `more` says), `at` seconds after t0. */
const c = (
  at: number,
  cpuSeconds: number | string,
  more: ContainerLines & { startedAt?: number } = {},
): ContainerLines => ({
  container: 'c',
  namespace: 'ns',
  pod: 'p',
  timestampMs: t0 + at * 1000,
  cpuSeconds,
  memoryBytes: mebibyte,
  startSeconds: t0 / 1000 + (more.startedAt ?? -1e6),
  ...more,
});
const d = (at: number, cpuSeconds: number, more: Parameters<typeof c>[2] = {}): ContainerLines =>
  c(at, cpuSeconds, { container: 'd', ...more });
const noNode: NodeLines = { cpuSeconds: null, memoryBytes: null };

const usage = (at: number, windowNs: number, containers: Record<string, number>): PodUsage => ({
  timestampMs: t0 + at * 1000,
  windowNs,
  containers: Object.entries(containers).map(([name, cpuNanoCores]) => ({ name, cpuNanoCores, memoryBytes: mebibyte })),
});

describe('WindowStore', () => {
  describe('after a row of scrapes a pod has this usage', () => {
    const check = (
      rule: string,
      scrapes: readonly (readonly ContainerLines[])[],
      expected: PodUsage | undefined,
    ): void => {
      it(rule, () => {
        const cluster = new ClusterReader();
        for (const containers of scrapes) cluster.scrape('n', { ...noNode, containers });
        expect(cluster.store.podUsage('ns', 'p', 'n')).to.deep.equal(expected);
        expect(cluster.store.usages.containers).to.equal(expected?.containers.length ?? 0);
      });
    };
    check('none after one sample', [[c(0, 10)]], undefined);
    check('one after two', [[c(0, 10)], [c(15, 13)]], usage(15, 15e9, { c: 200_000_000 }));
    check(
      'the same when the kubelet repeats itself',
      [[c(0, 10)], [c(15, 13)], [c(15, 13)]],
      usage(15, 15e9, { c: 200_000_000 }),
    );
    check('none when the counter fell', [[c(0, 10)], [c(15, 3)]], undefined);
    check('again after the counter fell', [[c(0, 10)], [c(15, 3)], [c(30, 6)]], usage(30, 15e9, { c: 200_000_000 }));
    check(
      'only of the container that did not reset',
      [
        [c(0, 10), d(0, 10)],
        [c(15, 13), d(15, 3)],
      ],
      usage(15, 15e9, { c: 200_000_000 }),
    );
    check('none 9.999 s after a start', [[c(0, 1, { startedAt: -9.999 })]], undefined);
    check('at once 10 s after a start', [[c(0, 1, { startedAt: -10 })]], usage(0, 10e9, { c: 100_000_000 }));
    check(
      'at once 14.999 s after a start',
      [[c(0, 1, { startedAt: -14.999 })]],
      usage(0, 14_999_000_064, { c: 66_671_111 }),
    );
    check('none 15 s after a start', [[c(0, 1, { startedAt: -15 })]], undefined);
    const restart = [[c(0, 10, { startedAt: -100 })], [c(15, 0.5, { startedAt: 10 })]];
    check('none after a restart', restart, undefined);
    check('again after a restart', [...restart, [c(30, 1.5, { startedAt: 10 })]], usage(30, 15e9, { c: 66_666_666 }));
    check(
      'none after a restart at the time of the last sample',
      [[c(0, 10, { startedAt: -100 })], [c(30, 0.5, { startedAt: 0 })]],
      undefined,
    );
    check('without a container that joined', [[c(0, 10)], [c(15, 13), d(15, 7)]], usage(15, 15e9, { c: 200_000_000 }));
    check(
      'still without it when the kubelet repeats itself',
      [[c(0, 10)], [c(15, 13), d(15, 7)], [c(15, 13), d(15, 7)]],
      usage(15, 15e9, { c: 200_000_000 }),
    );
    check(
      'with it after its second sample',
      [[c(0, 10)], [c(15, 13), d(15, 7)], [c(30, 16), d(30, 10)]],
      usage(30, 15e9, { c: 200_000_000, d: 200_000_000 }),
    );
    check(
      'without a container that went (4.2)',
      [[c(0, 10), d(0, 10)], [c(15, 13)]],
      usage(15, 15e9, { c: 200_000_000 }),
    );
    check(
      'rated against the earlier of two when a sample lies between',
      [[c(0, 10)], [c(15, 11)], [c(7, 10.5)]],
      usage(7, 7e9, { c: 71_428_571 }),
    );
    check('none when a sample is older than both', [[c(0, 10)], [c(15, 11)], [c(7, 10.5)], [c(-5, 9)]], undefined);
    check(
      'also when the start time is missing once (3.5)',
      [[c(0, 10, { startedAt: 0.5 })], [c(15, 13, { startSeconds: null })]],
      usage(15, 15e9, { c: 200_000_000 }),
    );
    check('none when the start moved back', [[c(0, 10)], [c(15, 13, { startedAt: -2e6 })]], undefined);
    check(
      'none when the start is in the future',
      [[c(0, 10, { startedAt: 50 })], [c(15, 13, { startedAt: 50 })]],
      undefined,
    );
    check('truncated to 0', [[c(0, 1)], [c(15, '1.000000015')]], usage(15, 15e9, { c: 0 }));
    check(
      'of a container that never used CPU (2.6)',
      [
        [c(0, 0), d(0, 1)],
        [c(15, 0), d(15, 4)],
      ],
      usage(15, 15e9, { c: 0, d: 200_000_000 }),
    );
    check('none without memory (2.6)', [[c(0, 10, { memoryBytes: 0 })], [c(15, 13, { memoryBytes: 0 })]], undefined);
    check(
      'of the other containers when one has only a start time',
      [
        [c(0, 10), d(0, 1, { cpuSeconds: null })],
        [c(15, 13), d(15, 1, { cpuSeconds: null })],
      ],
      usage(15, 15e9, { c: 200_000_000 }),
    );
    check(
      'with time and window of the container sampled earliest (4.4)',
      [
        [c(0, 10), d(-2, 10)],
        [c(15, 13), d(14, 10)],
      ],
      usage(14, 16e9, { c: 200_000_000, d: 0 }),
    );
    check(
      'with those of the first by name when they tie',
      [
        [d(-1, 10), c(0, 10)],
        [d(15, 10), c(15, 13)],
      ],
      usage(15, 15e9, { c: 200_000_000, d: 0 }),
    );
  });

  it('sorts containers by name whatever their order in the body', () => {
    const cluster = new ClusterReader();
    const names = ['m', 'z', 'a', 'n', 'b'];
    for (const at of [0, 15]) {
      cluster.scrape('n', { ...noNode, containers: names.map((container) => c(at, at, { container })) });
    }
    expect(cluster.store.podUsage('ns', 'p', 'n')?.containers.map(({ name }) => name)).to.deep.equal([
      'a',
      'b',
      'm',
      'n',
      'z',
    ]);
  });

  describe('after a row of scrapes a node has this usage', () => {
    const node = (at: number, cpuSeconds: number | null, memoryBytes: number | null = 1024 * mebibyte): NodeLines => ({
      timestampMs: t0 + at * 1000,
      cpuSeconds,
      memoryBytes,
    });
    const check = (rule: string, scrapes: readonly NodeLines[], expected: NodeUsage | undefined): void => {
      it(rule, () => {
        const cluster = new ClusterReader();
        for (const lines of scrapes) cluster.scrape('n', { containers: [c(0, 1)], ...lines });
        expect(cluster.store.nodeUsage('n')).to.deep.equal(expected);
        expect(cluster.store.usages.nodes).to.equal(expected === undefined ? 0 : 1);
      });
    };
    const rated = (at: number): NodeUsage => ({
      timestampMs: t0 + at * 1000,
      windowNs: 15e9,
      cpuNanoCores: 33_333_333,
      memoryBytes: 1024 * mebibyte,
    });
    check('none after one sample', [node(0, 10)], undefined);
    check('one after two', [node(0, 10), node(15, 10.5)], rated(15));
    check('none when the counter fell', [node(0, 10), node(15, 5)], undefined);
    check('none when CPU is 0 (2.6)', [node(0, 0), node(15, 0)], undefined);
    check('none when memory is 0 (2.6)', [node(0, 10, 0), node(15, 10.5, 0)], undefined);
    check(
      'the last one when a value is missing (4.3)',
      [node(0, 10), node(15, 10.5), node(30, null), node(30, 11, null)],
      rated(15),
    );
  });

  it('knows nothing of nodes and pods it was never told of', () => {
    const { store } = new ClusterReader();
    expect([store.nodeUsage('n'), store.podUsage('ns', 'p', 'n')]).to.deep.equal([undefined, undefined]);
    expect(store.usages).to.deep.equal({ nodes: 0, containers: 0 });
  });

  describe('returns the pods that have a new usage', () => {
    const check = (
      rule: string,
      scrapes: readonly (readonly ContainerLines[])[],
      expected: readonly string[],
    ): void => {
      it(rule, () => {
        const cluster = new ClusterReader();
        const returned = scrapes.map((containers) => cluster.scrape('n', { ...noNode, containers }));
        expect(returned.at(-1)).to.deep.equal(expected);
      });
    };
    const q = { pod: 'q' };
    check('none after the first scrape', [[c(0, 1)]], []);
    check(
      'each once, though its containers stand apart',
      [
        [c(0, 1), c(0, 1, q), d(0, 1), d(0, 1, q)],
        [c(15, 2), c(15, 2, q), d(15, 2), d(15, 2, q)],
      ],
      ['ns/p', 'ns/q'],
    );
    check(
      'not those whose samples repeat',
      [
        [c(0, 1), c(0, 1, q)],
        [c(15, 2), c(15, 2, q)],
        [c(15, 2), c(30, 3, q)],
      ],
      ['ns/q'],
    );
    check('not those that lost theirs', [[c(0, 5)], [c(15, 6)], [c(30, 1)]], []);
  });

  describe('keeps samples while a node fails (4.3)', () => {
    const scrapedTwice = (): ClusterReader => {
      const cluster = new ClusterReader();
      for (const at of [0, 15]) {
        cluster.nowMs = t0 + at * 1000;
        cluster.scrape('n', { timestampMs: cluster.nowMs, cpuSeconds: 10 + at, containers: [c(at, at), d(at, at)] });
      }
      return cluster;
    };

    it('for the maximum age, then forgets them', () => {
      const cluster = scrapedTwice();
      cluster.store.expire(cluster.nowMs + 60_000);
      expect(cluster.store.podUsage('ns', 'p', 'n')?.timestampMs).to.equal(t0 + 15_000);
      expect(cluster.store.nodeUsage('n')?.timestampMs).to.equal(t0 + 15_000);
      cluster.store.expire(cluster.nowMs + 60_001);
      expect([cluster.store.podUsage('ns', 'p', 'n'), cluster.store.nodeUsage('n')]).to.deep.equal([
        undefined,
        undefined,
      ]);
      expect(cluster.store.usages).to.deep.equal({ nodes: 0, containers: 0 });
    });

    it('so that one missed scrape costs one sample and no more', () => {
      const cluster = scrapedTwice();
      cluster.nowMs = t0 + 45_000;
      cluster.scrape('n', { ...noNode, containers: [c(45, 45), d(45, 45)] });
      expect(cluster.store.podUsage('ns', 'p', 'n')).to.deep.equal(usage(45, 30e9, { c: 1e9, d: 1e9 }));
    });

    it('and those of a container without a reading, and of the node, likewise', () => {
      const cluster = scrapedTwice();
      const incomplete = [c(30, 30), d(30, 30, { memoryBytes: 'NaN' })];
      cluster.nowMs = t0 + 75_000;
      cluster.scrape('n', { ...noNode, containers: incomplete });
      expect(cluster.store.podUsage('ns', 'p', 'n')?.containers).to.have.length(2);
      expect(cluster.store.nodeUsage('n')).to.include({ timestampMs: t0 + 15_000 });
      cluster.nowMs = t0 + 75_001;
      cluster.scrape('n', { ...noNode, containers: incomplete });
      expect(cluster.store.podUsage('ns', 'p', 'n')?.containers.map(({ name }) => name)).to.deep.equal(['c']);
      expect(cluster.store.nodeUsage('n')).to.equal(undefined);
      // And the container comes back as a new one.
      for (const at of [90, 105]) cluster.scrape('n', { ...noNode, containers: [c(at, at), d(at, at)] });
      expect(cluster.store.podUsage('ns', 'p', 'n')?.containers).to.have.length(2);
    });
  });

  describe('serves a pod that several nodes report (4.5)', () => {
    const cluster = (): ClusterReader => {
      const both = new ClusterReader();
      for (const at of [0, 15]) both.scrape('old', { ...noNode, containers: [c(at, at)] });
      both.scrape('new', { ...noNode, containers: [c(20, 1)] });
      return both;
    };

    it('as the node says that it is bound to, even when that has no usage yet', () => {
      const both = cluster();
      expect(both.store.podUsage('ns', 'p', 'new')).to.equal(undefined);
      both.scrape('new', { ...noNode, containers: [c(35, 4)] });
      expect(both.store.podUsage('ns', 'p', 'new')).to.deep.equal(usage(35, 15e9, { c: 200_000_000 }));
    });

    it('unmoved by what others say, however late they say they took their sample', () => {
      const both = cluster();
      for (const at of [30, 45]) both.scrape('new', { ...noNode, containers: [c(at, at)] });
      for (const at of [1e9, 2e9]) both.scrape('rogue', { ...noNode, containers: [c(at, at * 1e3)] });
      expect(both.store.podUsage('ns', 'p', 'new')).to.deep.equal(usage(45, 15e9, { c: 1e9 }));
    });

    it('not at all when only others report it', () => {
      expect(cluster().store.podUsage('ns', 'p', 'third')).to.equal(undefined);
    });

    it('also when another of them forgets it', () => {
      for (const [gone, left, expected] of [
        ['new', 'old', usage(15, 15e9, { c: 1e9 })],
        ['old', 'third', usage(19, 1e9, { c: 1e9 })],
        ['third', 'old', usage(15, 15e9, { c: 1e9 })],
      ] as const) {
        const three = cluster();
        for (const at of [18, 19]) three.scrape('third', { ...noNode, containers: [c(at, at)] });
        three.store.forget(gone);
        expect(three.store.podUsage('ns', 'p', left), gone).to.deep.equal(expected);
        expect(three.store.podUsage('ns', 'p', gone), gone).to.equal(undefined);
      }
    });
  });

  it('uses the slots of vanished containers again', () => {
    const cluster = new ClusterReader();
    for (let generation = 0; generation < 50; generation++) {
      const containers = Array.from({ length: 20 }, (_, i) => c(generation, 1, { pod: `p-${generation}-${i}` }));
      cluster.scrape('n', { ...noNode, containers });
    }
    // The new ones come before the old ones are known to be gone.
    expect(cluster.store.containerSlots).to.be.at.most(40);
    cluster.store.forget('n');
    cluster.scrape('m', { ...noNode, containers: [c(0, 1)] });
    expect(cluster.store.containerSlots).to.be.at.most(40);
  });

  it('forgets a node that it never knew', () => {
    const { store } = new ClusterReader();
    store.forget('nobody');
    expect(store.usages.nodes).to.equal(0);
  });

  it('refuses a layout whose labels name no container', () => {
    const cluster = new ClusterReader();
    const body = bytes(expositionText({ containers: [c(0, 1)] }));
    const { layout } = cluster.store.node('n');
    cluster.parser.parse(body, layout, cluster.readings, 0);
    layout.text(0).fill(0x7d);
    expect(() => cluster.store.commit('n', cluster.readings, 0)).to.throw(
      'BUG: a row holds labels that name no container',
    );
  });

  it('keeps the samples of nodes apart', () => {
    const store = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: 60_000 });
    const cluster = new ClusterReader(store);
    for (const at of [0, 15]) {
      cluster.scrape('a', { ...noNode, containers: [c(at, at, { pod: 'on-a' })] });
      cluster.scrape('b', { ...noNode, containers: [c(at, 2 * at, { pod: 'on-b' })] });
    }
    store.forget('a');
    expect(store.podUsage('ns', 'on-a', 'a')).to.equal(undefined);
    expect(store.podUsage('ns', 'on-b', 'b')).to.deep.equal(usage(15, 15e9, { c: 2e9 }));
  });

  describe('awaits usage (6.6)', () => {
    const node = (at: number): NodeLines => ({
      cpuSeconds: 100 + at,
      memoryBytes: mebibyte,
      timestampMs: t0 + at * 1000,
      containers: [],
    });
    const check = (what: string, scrapes: readonly NodeLines[], expected: boolean): void => {
      it(what, () => {
        const cluster = new ClusterReader();
        for (const lines of scrapes) cluster.scrape('n', lines);
        expect(cluster.store.awaitsUsage('n')).to.equal(expected);
      });
    };
    check('of a node that was never scraped: no', [], false);
    check('of a node sampled once', [node(0)], true);
    check('of a node whose kubelet repeats itself', [node(0), node(0)], true);
    check('of a node sampled twice: no', [node(0), node(15)], false);
    check(
      'of a container sampled once',
      [
        { ...node(0), containers: [] },
        { ...node(15), containers: [c(15, 1)] },
      ],
      true,
    );
    check(
      'of all containers sampled twice: no',
      [0, 15].map((at) => ({ ...node(at), containers: [c(at, at), d(at, at)] })),
      false,
    );
    check(
      'of a node that tells only of containers: no',
      [0, 15].map((at) => ({ ...noNode, containers: [c(at, at)] })),
      false,
    );
  });
});
