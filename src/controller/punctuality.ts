// Edge: self-metrics of how punctual whole syncs are: of those that begin, and of those that should have begun.
import { Histogram, type Registry } from 'prom-client';
import { gauge } from './monitor.ts';

/** Seconds. Looks of the autoscalers that are due together come one after the other. */
const buckets = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 15, 30, 60];

/**
 * Creates the instruments in the registry. `longestOverdueMs` is asked whenever the gauge is scraped: an autoscaler that is never looked at
 * again leaves no trace in the histogram. Call what is returned when a whole sync begins.
 */
export function createPunctualityMetrics(
  registry: Registry,
  longestOverdueMs: () => number,
): (latenessMs: number) => void {
  const lateness = new Histogram({
    name: 'headroom_controller_sync_lateness_seconds',
    help: 'By how much later than it was due each whole sync of an autoscaler began.',
    buckets,
    registers: [registry],
  });
  const overdue = 'By how much the whole sync that has been due for longest is late by now; 0 when none is due.';
  gauge(registry, 'headroom_controller_sync_overdue_seconds', overdue, () => longestOverdueMs() / 1000);
  return (latenessMs) => lateness.observe(latenessMs / 1000);
}
