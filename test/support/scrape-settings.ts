// Settings of a scrape engine for tests and benchmarks.
import type { ScrapeSettings } from '../../src/metrics/scrape-engine.ts';
import { everyNode } from './node-builder.ts';

const defaults: ScrapeSettings = {
  resolutionMs: 15_000,
  fastResolutionMs: 5000,
  sampleMaxAgeMs: 60_000,
  nodeSelector: everyNode,
  maxConcurrentScrapes: 100,
  maxConcurrentRetries: 10,
  requestTimeoutMs: 10_000,
  maxContainersPerNode: 1000,
  address: { preferredAddressTypes: ['InternalIP'], port: 10250, useNodeStatusPort: false, scheme: 'https' },
};

export const scrapeSettings = (parts: Partial<ScrapeSettings> = {}): ScrapeSettings => ({ ...defaults, ...parts });
