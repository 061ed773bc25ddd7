// Pure: when each node is scraped. Rules: docs/metrics-math.md section 6.
import { phaseOf, phaseStepMs } from '../lib/phase.ts';

/** A failing node is asked at least every so many resolutions. */
const maxBackOffResolutions = 4;

/** How long after its first scrape a node is scraped more often, as long as something on it has no usage. */
const startResolutions = 2;
const startScrapesPerResolution = 3;

/** The node's place in the period, 0 … resolutionMs - 1: always the same for a name, evenly spread over many names (6.1). */
export function scrapePhaseOf(nodeName: string, resolutionMs: number): number {
  return Math.floor(phaseOf(nodeName) * (resolutionMs / phaseStepMs)) * phaseStepMs;
}

/**
 * When the node is scraped next, on the time line of `startedAtMs`: on its phase, at least half a resolution after the last scrape began, so
 * that no window is tiny. After a good scrape off its phase that may be more than a resolution away: then once in between (6.2). Each failure
 * in a row after the first doubles the distance, up to four resolutions (6.3).
 */
export function nextScrapeAt(startedAtMs: number, phaseMs: number, resolutionMs: number, failures: number): number {
  const resolutions = failures === 0 ? 1 : Math.min(2 ** (failures - 1), maxBackOffResolutions);
  const earliestMs = startedAtMs + (resolutions - 0.5) * resolutionMs;
  const onPhaseMs = Math.ceil((earliestMs - phaseMs) / resolutionMs) * resolutionMs + phaseMs;
  const isFar = failures === 0 && onPhaseMs - startedAtMs > resolutionMs;
  return isFar ? (startedAtMs + onPhaseMs) / 2 : onPhaseMs;
}

/**
 * The same for a node that was first scraped at `firstAtMs` and of which something was sampled once only: a kubelet takes samples every 10 to 20 s,
 * and who asks between two of them gets the same one again. Soon, instead of a resolution later; not for ever, as some never take a second (6.6).
 */
export function nextStartScrapeAt(startedAtMs: number, firstAtMs: number, resolutionMs: number): number | undefined {
  const soonMs = startedAtMs + resolutionMs / startScrapesPerResolution;
  return soonMs < firstAtMs + startResolutions * resolutionMs ? soonMs : undefined;
}
