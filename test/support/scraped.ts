// What a body says, as plain objects, for tests that would otherwise deal with columns.
import { type ExpositionOutcome, ExpositionParser } from '../../src/metrics/exposition.ts';
import { readContainerIdentity } from '../../src/metrics/label-text.ts';
import { NodeReadings, seenCpu, seenMemory, seenStart } from '../../src/metrics/node-readings.ts';
import { identityKey, SeriesLayout } from '../../src/metrics/series-layout.ts';

export interface ScrapedContainer {
  cpuNs?: number;
  memoryBytes?: number;
  startNs?: number;
  timestampMs?: number;
}

export interface Scraped {
  readonly outcome: ExpositionOutcome;
  readonly node: ScrapedContainer;
  /** By `namespace/pod/container`. */
  readonly containers: Record<string, ScrapedContainer>;
}

/** One kubelet's parser state over several bodies. */
export class ScrapeReader {
  readonly layout = new SeriesLayout();
  readonly readings = new NodeReadings();
  readonly parser: ExpositionParser;

  constructor(maxContainers = 1000) {
    this.parser = new ExpositionParser(maxContainers);
  }

  read(body: Uint8Array, requestedAtMs = 99): Scraped {
    const outcome = this.parser.parse(body, this.layout, this.readings, requestedAtMs);
    const { readings } = this;
    const node = pick(
      readings.nodeSeen,
      readings.nodeCpuNs,
      readings.nodeMemoryBytes,
      undefined,
      readings.nodeTimestampMs,
    );
    const containers: Record<string, ScrapedContainer> = {};
    for (const row of readings.order.subarray(0, readings.orderLength)) {
      const names = readContainerIdentity(this.layout.text(row));
      if (names === undefined) throw new Error('a row names no container');
      containers[identityKey(names.namespace, names.pod, names.container)] = pick(
        readings.seen[row] ?? 0,
        readings.cpuNs[row],
        readings.memoryBytes[row],
        readings.startNs[row],
        readings.timestampMs[row],
      );
    }
    if (outcome.kind === 'parsed') this.parser.settle();
    return { outcome, node, containers };
  }
}

/** What a single body says to a parser that has seen nothing before. */
export function scraped(body: Uint8Array, requestedAtMs = 99): Scraped {
  return new ScrapeReader().read(body, requestedAtMs);
}

function pick(seen: number, cpuNs = 0, memoryBytes = 0, startNs = 0, timestampMs = 0): ScrapedContainer {
  return {
    ...((seen & seenCpu) !== 0 && { cpuNs }),
    ...((seen & seenMemory) !== 0 && { memoryBytes }),
    ...((seen & seenStart) !== 0 && { startNs }),
    ...((seen & (seenCpu | seenMemory)) !== 0 && { timestampMs }),
  };
}
