// Benchmark: answers to LISTs from filled stores, without the network: what joining, encoding and copying cost.
// `npm run bench:list [-- pods]`

import { readListOptions } from '../src/api/list-options.ts';
import { listPodMetrics, type MetricsSources } from '../src/api/metrics-query.ts';
import { listAnswer } from '../src/api/representation.ts';
import { PodStore } from '../src/kube/pod-store.ts';
import { createPodProjection } from '../src/kube/project-pod.ts';
import { everything } from '../src/lib/label-selector.ts';
import { ExpositionParser } from '../src/metrics/exposition.ts';
import { StoreReader } from '../src/metrics/metrics-reader.ts';
import { NodeReadings } from '../src/metrics/node-readings.ts';
import { WindowStore } from '../src/metrics/window-store.ts';
import { bytes, expositionText, kubelet119 } from '../test/support/exposition-text.ts';
import { RecordingLogger } from '../test/support/recording-logger.ts';

const podCount = Number(process.argv[2] ?? 30_000);
const podsPerNode = 30;
const podsPerApp = 10;
const podsPerNamespace = 5_000;
const startMs = Date.parse('2026-11-21T11:00:00Z');
const rounds = 10;

const nodeOf = (pod: number): string => `node-${Math.floor(pod / podsPerNode)}`;
const appOf = (pod: number): string => `app-${Math.floor(pod / podsPerApp)}`;
const namespaceOf = (pod: number): string => `team-${Math.floor(pod / podsPerNamespace)}`;
const nameOf = (pod: number): string =>
  `${appOf(pod)}-7c9f8d7b5c-${((pod * 7919 + 104_729) >>> 0).toString(36).padStart(5, '0')}`;

const pods = new PodStore(new RecordingLogger());
const project = createPodProjection();
for (let pod = 0; pod < podCount; pod++) {
  const metadata = {
    namespace: namespaceOf(pod),
    name: nameOf(pod),
    uid: `uid-${pod}`,
    labels: { app: appOf(pod), 'pod-template-hash': '7c9f8d7b5c' },
  };
  const record = project({
    metadata,
    spec: { nodeName: nodeOf(pod), containers: [{ name: 'app' }] },
    status: { phase: 'Running' },
  });
  pods.upsert(`${record.namespace}/${record.name}`, record);
}

const store = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: 60_000 });
const parser = new ExpositionParser(10_000);
const readings = new NodeReadings();
function scrapeAll(cycle: number): void {
  const nowMs = startMs + cycle * 15_000;
  for (let first = 0; first < podCount; first += podsPerNode) {
    const timestampMs = nowMs + (first % 977);
    const body = bytes(
      expositionText(
        {
          cpuSeconds: 300_000 + first + cycle * 20.123456789,
          memoryBytes: 16e9,
          timestampMs,
          containers: Array.from({ length: podsPerNode }, (_, index) => ({
            container: 'app',
            namespace: namespaceOf(first + index),
            pod: nameOf(first + index),
            cpuSeconds: Number((1000 + first + index * 13 + cycle * 1.234567891).toFixed(9)),
            memoryBytes: 50_000_000 + ((first * 31 + index * 17 + cycle) % 100_000) * 4096,
            timestampMs,
          })),
        },
        kubelet119,
      ),
    );
    parser.parse(body, store.node(nodeOf(first)).layout, readings, nowMs);
    store.commit(nodeOf(first), readings, nowMs);
    parser.settle();
  }
}

const sources: MetricsSources = {
  nodes: { get: () => undefined, list: () => [] },
  pods,
  reader: new StoreReader(store, new RecordingLogger()),
  nodeSelector: everything,
  onServed: () => undefined,
};

async function answer(namespace: string, query: string, encoding: 'json' | 'protobuf'): Promise<number> {
  const list = listPodMetrics(sources, namespace, readListOptions('pods', new URLSearchParams(query)));
  const representation = { encoding, transform: undefined, pretty: false };
  const { body } = await listAnswer('PodMetrics', list, { representation, includeObject: '', nowMs: startMs });
  let size = 0;
  for (const chunk of Buffer.isBuffer(body) ? [body] : body) size += chunk.length;
  return size;
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

for (const cycle of [-2, -1]) scrapeAll(cycle);
for (const encoding of ['json', 'protobuf'] as const) {
  const listMs: number[] = [];
  let bytesOfList = 0;
  for (let round = 0; round < rounds; round++) {
    scrapeAll(round);
    listMs.push(
      await cpuMs(async () => {
        bytesOfList = await answer('', '', encoding);
      }),
    );
  }
  console.log(
    `${encoding}: ${podCount} pods, ${(bytesOfList / 1e6).toFixed(2)} MB, ${median(listMs).toFixed(1)} CPU-ms`,
  );
}
const selections = 1000;
const selectedMs = await cpuMs(async () => {
  for (let turn = 0; turn < selections; turn++) {
    await answer('team-0', `labelSelector=app=${appOf((turn * podsPerApp) % podsPerNamespace)}`, 'json');
  }
});
console.log(
  `${podsPerApp} of ${podsPerNamespace} by label: ${((selectedMs * 1000) / selections).toFixed(1)} CPU-us each`,
);
globalThis.gc?.();
const { rss, heapUsed } = process.memoryUsage();
console.log(`resident ${(rss / 1e6).toFixed(0)} MB, heap ${(heapUsed / 1e6).toFixed(0)} MB`);
