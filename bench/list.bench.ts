// Benchmark: answers to LISTs from filled stores, without the network: what joining, encoding and copying cost.
// `npm run bench:list [-- pods]`

import { PodListEncoder } from '../src/api/json-list.ts';
import { readListOptions } from '../src/api/list-options.ts';
import { listPodMetrics, type MetricsSources } from '../src/api/metrics-query.ts';
import { listAnswer } from '../src/api/representation.ts';
import { everything } from '../src/lib/label-selector.ts';
import { RecordingLogger } from '../test/support/recording-logger.ts';
import { appOf, fillStores, podsPerApp, podsPerNamespace } from './filled-stores.ts';

const podCount = Number(process.argv[2] ?? 30_000);
const startMs = Date.parse('2026-11-21T11:00:00Z');
const rounds = 10;

const { pods, reader, scrapeAll } = fillStores(podCount, startMs, new RecordingLogger());
const sources: MetricsSources = {
  nodes: { get: () => undefined, list: () => [] },
  pods,
  reader,
  nodeSelector: everything,
  onServed: () => undefined,
};

const podLists = new PodListEncoder();

async function answer(namespace: string, query: string, encoding: 'json' | 'protobuf'): Promise<number> {
  const list = listPodMetrics(sources, namespace, readListOptions('pods', new URLSearchParams(query)), startMs);
  const representation = { encoding, transform: undefined, pretty: false };
  const { body, recycle } = await listAnswer('PodMetrics', list, {
    representation,
    includeObject: '',
    nowMs: startMs,
    podLists,
  });
  let size = 0;
  for (const chunk of Buffer.isBuffer(body) ? [body] : body) {
    size += chunk.length;
    recycle?.(chunk);
  }
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
