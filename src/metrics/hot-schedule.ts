// Pure: when a hot node, one whose next samples may change replicas, is scraped. Rules: docs/metrics-math.md section 7.
import { phaseStepMs } from '../lib/phase.ts';

/**
 * A kubelet's cAdvisor takes the next sample of a container 10 to 20 s after the last (housekeeping interval 10 s, with jitter: manager/container.go). No kubelet is
 * believed to be quicker: haste must not make windows shorter than that.
 */
export const shortestRefreshMs = 10_000;

/** How much of what a distance is longer than the shortest known one is believed of it each time. */
const forgetting = 1 / 256;

/**
 * Scrapes per second that all nodes of a kind together may cost beyond those at the resolution, at half a CPU-ms each (docs/performance.md). Where something changes a fortieth of a core: up to 375
 * nodes are scraped every 5 s instead of 15; if 5,000 were, each would be every 13 s. Where nothing does a tenth of that: 37 nodes every 5 s, so that it is of use for small clusters and
 * costs big ones nothing.
 */
const maxExtraScrapesPerSecond = { rising: 50, near: 5 };

/** Haste that gains less than a tenth of the resolution is none: it costs scrapes, planning, and the phases that nodes share. */
const leastHaste = 0.9;

/** What is known of a hot node when its next scrape is planned. Times are monotonic. */
export interface HotNode {
  /** When the last scrape ended. */
  readonly endedAtMs: number;
  /** When the oldest of the samples that matter was taken; Infinity: none of them is there yet. */
  readonly sampledAtMs: number;
  /** The shortest time between two samples of one container, as learnt so far. */
  readonly refreshMs: number;
}

/**
 * When a hot node is scraped next: soon after the kubelet can have taken a newer sample at the earliest, and from then on every `fastMs` until it has come (7.2). Never
 * sooner than `fastMs` after the last scrape, never later than the resolution.
 */
export function nextHotScrapeAt(
  { endedAtMs, sampledAtMs, refreshMs }: HotNode,
  fastMs: number,
  resolutionMs: number,
): number {
  // Hardly any sample is taken at the first possible moment: half a step later costs a fifth fewer scrapes and no time.
  const ripeAtMs = Math.min(sampledAtMs, endedAtMs) + refreshMs + fastMs / 2;
  const atMs = Math.min(Math.max(ripeAtMs, endedAtMs + fastMs), endedAtMs + resolutionMs);
  return Math.ceil(atMs / phaseStepMs) * phaseStepMs;
}

/** The shortest distance between two samples, after another one was seen: a shorter one is believed at once, longer ones little by little (7.3). */
export function learnRefresh(knownMs: number, seenMs: number): number {
  const isShorter = seenMs <= knownMs;
  return Math.max(shortestRefreshMs, isShorter ? seenMs : knownMs + (seenMs - knownMs) * forgetting);
}

/** How often each of so many hot nodes of a kind may be scraped, such that all of them keep within the bound; undefined: as often as any other node (7.4). */
export function sharedFastMs(
  fastMs: number,
  resolutionMs: number,
  hotNodes: number,
  kind: keyof typeof maxExtraScrapesPerSecond,
): number | undefined {
  const scrapesPerMs = 1 / resolutionMs + maxExtraScrapesPerSecond[kind] / 1000 / hotNodes;
  const sharedMs = Math.max(fastMs, 1 / scrapesPerMs);
  return sharedMs <= resolutionMs * leastHaste ? sharedMs : undefined;
}
