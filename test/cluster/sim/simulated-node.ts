// State: one simulated node, what is wrong with it, and the body of its last scrape.
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

type Variant = 'healthy' | 'no-timestamps' | 'scrape-error';

/** The bytes of /metrics/resource, made anew only when the node's samples or its fault changed. */
export class ScrapeBody {
  readonly #usage: NodeUsage;
  #version = -1;
  #variant: Variant = 'healthy';
  #identity: Buffer | undefined;
  #gzip: Buffer | undefined;

  constructor(usage: NodeUsage) {
    this.#usage = usage;
  }

  identity(fault: Fault | undefined): Buffer {
    this.#forgetWhenOld(variantOf(fault));
    this.#identity ??= Buffer.from(this.#render(), 'latin1');
    return this.#identity;
  }

  gzip(fault: Fault | undefined): Buffer {
    const identity = this.identity(fault);
    // The cheapest level: the simulation must not be what a benchmark measures.
    this.#gzip ??= gzipSync(identity, { level: constants.Z_BEST_SPEED });
    return this.#gzip;
  }

  #forgetWhenOld(variant: Variant): void {
    if (this.#version === this.#usage.version && this.#variant === variant) return;
    this.#version = this.#usage.version;
    this.#variant = variant;
    this.#identity = undefined;
    this.#gzip = undefined;
  }

  #render(): string {
    if (this.#variant === 'scrape-error') return renderScrapeError(1);
    return renderExposition(this.#usage, { timestamps: this.#variant === 'healthy' });
  }
}

function variantOf(fault: Fault | undefined): Variant {
  return fault?.kind === 'no-timestamps' || fault?.kind === 'scrape-error' ? fault.kind : 'healthy';
}
