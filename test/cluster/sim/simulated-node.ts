// State: one simulated node, what is wrong with it, and what it answers to a scrape.
import { constants, gzipSync } from 'node:zlib';
import { renderExposition, renderScrapeError } from './exposition.ts';
import type { Fault } from './fault.ts';
import type { NodeUsage } from './node-usage.ts';

export interface SimulatedNode {
  readonly index: number;
  readonly name: string;
  readonly address: string;
  readonly usage: NodeUsage;
  readonly body: ScrapeBody;
  fault: Fault | undefined;
}

/**
 * /metrics/resource, made anew for each scrape: most scrapes meet new samples, and thousands of bodies that are kept until their node's next scrape
 * grow old in the heap, where freeing them costs more than making them. For the same reason nothing here allocates memory outside the heap, which
 * brings on a collection of all of it every 64 MB.
 */
export class ScrapeBody {
  readonly #usage: NodeUsage;

  constructor(usage: NodeUsage) {
    this.#usage = usage;
  }

  /** One byte per character. */
  identity(fault: Fault | undefined): string {
    if (fault?.kind === 'scrape-error') return renderScrapeError(1);
    return renderExposition(this.#usage, { timestamps: fault?.kind !== 'no-timestamps' });
  }

  gzip(fault: Fault | undefined): Buffer {
    const text = this.identity(fault);
    if (text.length > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * text.length);
    return gzipSync(scratch.subarray(0, scratch.write(text, 'latin1')), cheapGzip);
  }
}

/** What is compressed next. */
let scratch = Buffer.allocUnsafeSlow(65_536);

/** A quarter of the memory of the default and, for such texts, no more bytes; one chunk holds the answer of thirty pods. */
const cheapGzip = { level: constants.Z_BEST_SPEED, windowBits: 13, memLevel: 6, chunkSize: 4096 };
