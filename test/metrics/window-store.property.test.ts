// Property: the store answers what a naive model of Maps and BigInts answers, after any row of scrapes.
import { expect } from 'chai';
import * as fc from 'fast-check';
import { splitObjectKey } from '../../src/lib/object-key.ts';
import { StoreReader } from '../../src/metrics/metrics-reader.ts';
import { newPodReading, podUsageOf } from '../../src/metrics/pod-reading.ts';
import type { PodUsage } from '../../src/metrics/types.ts';
import { ClusterReader } from '../support/cluster-reader.ts';
import type { ContainerLines } from '../support/exposition-text.ts';
import { RecordingLogger } from '../support/recording-logger.ts';

const t0 = 1_700_000_000_000;
const resolutionNs = 15_000_000_000n;
const maxAgeMs = 60_000;

interface ModelPoint {
  readonly timestampNs: bigint;
  readonly cpuNs: number;
  readonly startNs: bigint;
}

interface ModelContainer {
  last: ModelPoint;
  previous: ModelPoint | undefined;
  memoryBytes: number;
}

/** node -> "ns/pod" -> container -> points. Rules 3.1 to 3.7 in the plainest form. */
class Model {
  readonly nodes = new Map<string, Map<string, Map<string, ModelContainer>>>();
  readonly storedAtMs = new Map<string, number>();

  scrape(node: string, containers: readonly Required<ContainerLines>[], nowMs: number): void {
    if (containers.length === 0) return;
    const old = this.nodes.get(node);
    const pods = new Map<string, Map<string, ModelContainer>>();
    for (const lines of containers) {
      const key = `${lines.namespace}/${lines.pod}`;
      const known = old?.get(key)?.get(lines.container);
      const pod = pods.get(key) ?? new Map<string, ModelContainer>();
      pods.set(key, pod.set(lines.container, next(known, lines)));
    }
    this.nodes.set(node, pods);
    this.storedAtMs.set(node, nowMs);
  }

  expire(nowMs: number): void {
    for (const [node, storedAtMs] of this.storedAtMs) {
      if (nowMs - storedAtMs <= maxAgeMs) continue;
      this.nodes.delete(node);
      this.storedAtMs.delete(node);
    }
  }

  podUsage(key: string, node: string): PodUsage | undefined {
    const pod = this.nodes.get(node)?.get(key);
    const rated = [...(pod ?? [])].flatMap(([name, { last, previous, memoryBytes }]) => {
      if (previous === undefined) return [];
      const windowNs = Number(last.timestampNs - previous.timestampNs);
      const seconds = Math.floor(windowNs / 1e9) + (windowNs % 1e9) / 1e9;
      const cpuNanoCores = Math.trunc((last.cpuNs - previous.cpuNs) / seconds);
      return [
        { usage: { name, cpuNanoCores, memoryBytes }, timestampMs: Number(last.timestampNs / 1_000_000n), windowNs },
      ];
    });
    rated.sort((a, b) => (a.usage.name < b.usage.name ? -1 : 1));
    const first = rated.toSorted((a, b) => a.timestampMs - b.timestampMs)[0];
    if (first === undefined) return undefined;
    return { timestampMs: first.timestampMs, windowNs: first.windowNs, containers: rated.map(({ usage }) => usage) };
  }
}

function next(known: ModelContainer | undefined, lines: Required<ContainerLines>): ModelContainer {
  const n: ModelPoint = {
    timestampNs: BigInt(lines.timestampMs ?? 0) * 1_000_000n,
    cpuNs: Math.trunc(Number(lines.cpuSeconds) * 1e9),
    startNs: BigInt(Math.trunc(Number(lines.startSeconds ?? 0) * 1e9)),
  };
  if (known?.last.timestampNs === n.timestampNs) return known;
  return { last: n, previous: previousOf(n, known), memoryBytes: Math.trunc(Number(lines.memoryBytes)) };
}

function previousOf(n: ModelPoint, known: ModelContainer | undefined): ModelPoint | undefined {
  const ageNs = n.timestampNs - n.startNs;
  if (n.startNs !== 0n && ageNs >= 10_000_000_000n && ageNs < resolutionNs) {
    return { timestampNs: n.startNs, cpuNs: 0, startNs: n.startNs };
  }
  if (known === undefined || (n.startNs !== 0n && n.startNs >= known.last.timestampNs)) return undefined;
  const candidate = n.timestampNs > known.last.timestampNs ? known.last : known.previous;
  if (candidate === undefined || candidate.timestampNs >= n.timestampNs) return undefined;
  return hasReset(candidate, n) ? undefined : candidate;
}

function hasReset(from: ModelPoint, to: ModelPoint): boolean {
  const knowsStarts = from.startNs !== 0n && to.startNs !== 0n;
  return to.cpuNs < from.cpuNs || (knowsStarts && to.startNs < from.startNs);
}

const container = fc.record({
  container: fc.constantFrom('a', 'b', 'c'),
  namespace: fc.constantFrom('x', 'y'),
  pod: fc.constantFrom('p', 'q'),
  cpuSeconds: fc.integer({ min: 0, max: 20_000 }).map((milli) => milli / 1000),
  memoryBytes: fc.integer({ min: 1, max: 1e9 }),
  startSeconds: fc.oneof(
    fc.constant(null),
    fc.integer({ min: -100_000, max: 60_000 }).map((ms) => (t0 + ms) / 1000),
  ),
  timestampMs: fc.integer({ min: 0, max: 60 }).map((step) => t0 + step * 1500),
});
const scrape = fc.record({
  node: fc.constantFrom('n1', 'n2'),
  containers: fc.uniqueArray(container, { maxLength: 6, selector: (c) => `${c.namespace}/${c.pod}/${c.container}` }),
  waitMs: fc.constantFrom(0, 15_000, 61_000),
});

const keys = ['x/p', 'x/q', 'y/p', 'y/q'];
const nodes = ['n1', 'n2'];

describe('WindowStore against a naive model', () => {
  it('gives the same usages after any row of scrapes', () => {
    fc.assert(
      fc.property(fc.array(scrape, { maxLength: 25 }), (scrapes) => {
        const cluster = new ClusterReader();
        const model = new Model();
        for (const { node, containers, waitMs } of scrapes) {
          cluster.nowMs += waitMs;
          cluster.store.expire(cluster.nowMs);
          model.expire(cluster.nowMs);
          cluster.scrape(node, { cpuSeconds: null, memoryBytes: null, containers });
          model.scrape(node, containers, cluster.nowMs);
          for (const key of keys) {
            const { namespace, name } = splitObjectKey(key);
            for (const on of nodes) {
              expect(cluster.store.podUsage(namespace, name, on), `${key} on ${on}`).to.deep.equal(
                model.podUsage(key, on),
              );
            }
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives the same usages to those who ask for the same pods again and again', () => {
    fc.assert(
      fc.property(fc.array(scrape, { maxLength: 25 }), (scrapes) => {
        const cluster = new ClusterReader();
        const reader = new StoreReader(cluster.store, new RecordingLogger());
        const into = newPodReading();
        const pods = keys.flatMap((key) => nodes.map((nodeName) => ({ ...splitObjectKey(key), nodeName })));
        // Every other pod is replaced each time: its ordinal goes to a new object, which the old one outlives.
        let recurring = pods.map((pod, ordinal) => ({ ...pod, ordinal }));
        for (const { node, containers, waitMs } of scrapes) {
          cluster.nowMs += waitMs;
          cluster.store.expire(cluster.nowMs);
          cluster.scrape(node, { cpuSeconds: null, memoryBytes: null, containers });
          const replaced = recurring.map((pod) => (pod.ordinal % 2 === 0 ? pod : { ...pod }));
          for (const pod of [...recurring, ...replaced]) {
            const usage = reader.readPodUsage(pod, into) ? podUsageOf(into) : undefined;
            expect(usage).to.deep.equal(cluster.store.podUsage(pod.namespace, pod.name, pod.nodeName));
          }
          recurring = replaced;
        }
      }),
    );
  });
});
