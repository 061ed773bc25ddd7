// A store that is fed with expositions, without network and time.
import { objectKey } from '../../src/lib/object-key.ts';
import { ExpositionParser } from '../../src/metrics/exposition.ts';
import { NodeReadings } from '../../src/metrics/node-readings.ts';
import { WindowStore } from '../../src/metrics/window-store.ts';
import { bytes, expositionText, type NodeLines } from './exposition-text.ts';

export class ClusterReader {
  readonly store: WindowStore;
  readonly parser = new ExpositionParser(1000);
  readonly readings = new NodeReadings();
  /** Our own clock, which decides about ages; the kubelets' timestamps are in the lines. */
  nowMs = 1_700_000_000_000;

  constructor(store = new WindowStore({ resolutionMs: 15_000, sampleMaxAgeMs: 60_000 })) {
    this.store = store;
  }

  /** One scrape of a node; the keys of its pods that have a new usage. */
  scrape(node: string, lines: NodeLines): string[] {
    const body = bytes(expositionText(lines));
    const outcome = this.parser.parse(body, this.store.node(node).layout, this.readings, this.nowMs);
    if (outcome.kind !== 'parsed') return [];
    const pods = this.store.commit(node, this.readings, this.nowMs);
    this.parser.settle();
    return pods.map(({ namespace, name }) => objectKey(namespace, name));
  }
}
