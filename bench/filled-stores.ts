// Pure: stores of pods and samples as a cluster fills them, without a cluster. For benchmarks of what reads them.
import { PodRecord } from '../src/kube/pod-record.ts';
import { PodStore } from '../src/kube/pod-store.ts';
import type { Logger } from '../src/lib/logger.ts';
import { ExpositionParser } from '../src/metrics/exposition.ts';
import { StoreReader } from '../src/metrics/metrics-reader.ts';
import { NodeReadings } from '../src/metrics/node-readings.ts';
import { WindowStore } from '../src/metrics/window-store.ts';
import { bytes, expositionText, kubelet119 } from '../test/support/exposition-text.ts';

const podsPerNode = 30;
export const podsPerApp = 10;
export const podsPerNamespace = 5_000;
const resolutionMs = 15_000;

const nodeOf = (pod: number): string => `node-${Math.floor(pod / podsPerNode)}`;
export const appOf = (pod: number): string => `app-${Math.floor(pod / podsPerApp)}`;
export const namespaceOf = (pod: number): string => `team-${Math.floor(pod / podsPerNamespace)}`;
export const nameOf = (pod: number): string =>
  `${appOf(pod)}-7c9f8d7b5c-${((pod * 7919 + 104_729) >>> 0).toString(36).padStart(5, '0')}`;

export interface FilledStores {
  readonly pods: PodStore;
  readonly store: WindowStore;
  readonly reader: StoreReader;
  /** Gives every node new samples; `cycle` counts up. */
  readonly scrapeAll: (cycle: number) => void;
}

/** `podCount` running pods of one container, of which each has a usage; `startMs` is the time of cycle 0. */
export function fillStores(podCount: number, startMs: number, logger: Logger): FilledStores {
  const store = new WindowStore({ resolutionMs, sampleMaxAgeMs: 4 * resolutionMs });
  const parser = new ExpositionParser(10_000);
  const readings = new NodeReadings();
  const scrapeAll = (cycle: number): void => {
    const nowMs = startMs + cycle * resolutionMs;
    for (let first = 0; first < podCount; first += podsPerNode) {
      const body = bytes(nodeText(first, cycle, nowMs));
      parser.parse(body, store.node(nodeOf(first)).layout, readings, nowMs);
      store.commit(nodeOf(first), readings, nowMs);
      parser.settle();
    }
  };
  for (const cycle of [-2, -1]) scrapeAll(cycle);
  return { pods: podStore(podCount, logger), store, reader: new StoreReader(store, logger), scrapeAll };
}

function podStore(podCount: number, logger: Logger): PodStore {
  const pods = new PodStore(logger);
  const template = { containers: [], initContainers: [], podRequestsMilli: undefined, overheadMilli: undefined };
  let labels: Readonly<Record<string, string>> = {};
  for (let pod = 0; pod < podCount; pod++) {
    if (pod % podsPerApp === 0) labels = { app: appOf(pod), 'pod-template-hash': '7c9f8d7b5c' };
    const record = new PodRecord({
      namespace: namespaceOf(pod),
      name: nameOf(pod),
      labels,
      nodeName: nodeOf(pod),
      phase: 'Running',
      deleting: false,
      startedAtMs: 0,
      ready: undefined,
      template,
    });
    pods.upsert(`${record.namespace}/${record.name}`, record);
  }
  return pods;
}

/** What the kubelet says that has the pods from `first` on. */
function nodeText(first: number, cycle: number, nowMs: number): string {
  const timestampMs = nowMs + (first % 977);
  const containers = Array.from({ length: podsPerNode }, (_, index) => ({
    container: 'app',
    namespace: namespaceOf(first + index),
    pod: nameOf(first + index),
    cpuSeconds: Number((1000 + first + index * 13 + cycle * 1.234567891).toFixed(9)),
    memoryBytes: 50_000_000 + ((first * 31 + index * 17 + cycle) % 100_000) * 4096,
    timestampMs,
  }));
  const cpuSeconds = 300_000 + first + cycle * 20.123456789;
  return expositionText({ cpuSeconds, memoryBytes: 16e9, timestampMs, containers }, kubelet119);
}
