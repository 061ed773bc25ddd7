// Pure: what a soak takes from the text of Headroom's /metrics. docs/self-metrics.md says what each means.

export interface SelfMetrics {
  /** What V8 has taken for its heap, gaps included. */
  readonly heapTotalBytes: number;
  /** V8's objects, including what is garbage and not collected yet. */
  readonly heapUsedBytes: number;
  readonly oldSpaceBytes: number;
  readonly externalBytes: number;
  /** The longest since the last scrape. */
  readonly eventLoopDelaySeconds: number;
  /** By how much the most overdue autoscaler is late now. */
  readonly syncOverdueSeconds: number;
  /** Whole syncs of autoscalers so far, by how late they began: all, and those that were more than the bound late. */
  readonly syncs: number;
  readonly lateSyncs: number;
  /** Requests to the API server so far. */
  readonly apiRequests: number;
  /** Those that brought an error or no answer. */
  readonly failedApiRequests: number;
  readonly scrapeFailures: number;
  readonly ownsHpas: boolean;
}

/** The bucket of headroom_controller_sync_lateness_seconds up to which a sync counts as in time. */
const inTimeSeconds = '5';

interface Series {
  readonly name: string;
  readonly labels: string;
  readonly value: number;
}

export function parseSelfMetrics(text: string): SelfMetrics {
  const all = text.split('\n').flatMap(parseLine);
  const sum = (name: string, matches: (labels: string) => boolean = () => true): number => {
    const found = all.filter((series) => series.name === name && matches(series.labels));
    return found.reduce((total, { value }) => total + value, 0);
  };
  const lateness = 'headroom_controller_sync_lateness_seconds';
  const syncs = sum(`${lateness}_count`);
  const requests = 'headroom_kube_request_duration_seconds_count';
  return {
    heapTotalBytes: sum('nodejs_heap_size_total_bytes'),
    heapUsedBytes: sum('nodejs_heap_size_used_bytes'),
    oldSpaceBytes: sum('nodejs_heap_space_size_used_bytes', (labels) => labels.includes('space="old"')),
    externalBytes: sum('nodejs_external_memory_bytes'),
    eventLoopDelaySeconds: sum('nodejs_eventloop_lag_max_seconds'),
    syncOverdueSeconds: sum('headroom_controller_sync_overdue_seconds'),
    syncs,
    lateSyncs: syncs - sum(`${lateness}_bucket`, (labels) => labels.includes(`le="${inTimeSeconds}"`)),
    apiRequests: sum(requests),
    failedApiRequests: sum(requests, (labels) => !/code="[23]/.test(labels)),
    scrapeFailures: sum('headroom_metrics_scrape_failures_total'),
    ownsHpas: sum('headroom_controller_owns_native_hpas') === 1,
  };
}

function parseLine(line: string): readonly Series[] {
  const parts = /^(?<name>[a-z_]+)(?<labels>\{.*\})? (?<value>\S+)$/.exec(line)?.groups;
  if (parts === undefined) return [];
  return [{ name: parts['name'] ?? '', labels: parts['labels'] ?? '', value: Number(parts['value']) }];
}
