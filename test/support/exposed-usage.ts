// Turns a PodMetricsList, what the Metrics API answers, back into usages as the store holds them.
import { parseQuantityMilli } from '../../src/lib/quantity.ts';
import type { PodUsage } from '../../src/metrics/types.ts';

interface PodMetricsList {
  readonly items: readonly {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly timestamp: string;
    /** `15s` */
    readonly window: string;
    readonly containers: readonly { readonly name: string; readonly usage: Readonly<Record<string, string>> }[];
  }[];
}

/** A look-up by namespace and name. undefined: nothing is known. */
export function readExposedUsage(list: unknown): (namespace: string, name: string) => PodUsage | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- from our own generator
  const { items } = (list ?? { items: [] }) as PodMetricsList;
  const usages = new Map<string, PodUsage>();
  for (const { metadata, timestamp, window, containers } of items) {
    usages.set(`${metadata.namespace}/${metadata.name}`, {
      timestampMs: Date.parse(timestamp),
      windowNs: Number.parseInt(window, 10) * 1e9,
      containers: containers.map(({ name, usage }) => ({
        name,
        cpuNanoCores: Number(parseQuantityMilli(usage['cpu'] ?? '0')) * 1e6,
        memoryBytes: Number(parseQuantityMilli(usage['memory'] ?? '0')) / 1000,
      })),
    });
  }
  return (namespace, name) => usages.get(`${namespace}/${name}`);
}
