// Edge: the self-metrics of this folder. The metrics_server_* names are those of metrics-server, so that its dashboards and alerts keep working.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

export type ScrapeFailure = 'address' | 'timeout' | 'request' | 'body' | 'no-samples';

const scrapeFailures: readonly ScrapeFailure[] = ['address', 'timeout', 'request', 'body', 'no-samples'];

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface MetricsMonitor {
  /** One request to a kubelet, whatever came of it. */
  observeRequest(node: string, request: { seconds: number; isSuccess: boolean; atMs: number }): void;
  /** One body that was parsed. */
  observeBody(body: { bytes: number; badLines: number; droppedSamples: number }): void;
  countFailure(reason: ScrapeFailure): void;
  /** The slowest scrape of a period of one resolution, from when it was due to when it was stored. */
  observeCycle(seconds: number): void;
  setUsages(usages: { readonly nodes: number; readonly containers: number }): void;
  setNodes(nodes: { readonly ok: number; readonly failing: number; readonly waiting: number }): void;
  setHotNodes(count: number): void;
  snapshotWritten(outcome: 'written' | 'failed'): void;
  /** Drops the series of a node that is gone. */
  forgetNode(node: string): void;
}

/** Registers the self-metrics of scraping; `resolutionMs` decides the buckets of the cycle's duration as metrics-server decides them. */
export function createMetricsMonitor(registry: Registry, resolutionMs: number): MetricsMonitor {
  const reference = createReferenceMetrics(registry, resolutionMs / 1000);
  const own = createOwnMetrics(registry);
  return {
    observeRequest: (node, { seconds, isSuccess, atMs }) => {
      reference.requestDuration.observe({ node }, seconds);
      reference.requests.inc({ success: String(isSuccess) });
      reference.lastRequest.set({ node }, Math.floor(atMs / 1000));
    },
    observeBody: ({ bytes, badLines, droppedSamples }) => {
      own.bodyBytes.inc(bytes);
      own.badLines.inc(badLines);
      own.droppedSamples.inc(droppedSamples);
    },
    countFailure: (reason) => own.failures.inc({ reason }),
    observeCycle: (seconds) => reference.tickDuration.observe(seconds),
    setUsages: ({ nodes, containers }) => {
      reference.points.set({ type: 'node' }, nodes);
      reference.points.set({ type: 'container' }, containers);
    },
    setNodes: (nodes) => {
      for (const [state, count] of Object.entries(nodes)) own.nodes.set({ state }, count);
    },
    setHotNodes: (count) => own.hotNodes.set(count),
    snapshotWritten: (outcome) => own.snapshots.inc({ outcome }),
    forgetNode: (node) => {
      reference.requestDuration.remove({ node });
      reference.lastRequest.remove({ node });
    },
  };
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- the inferred type is the list of instruments below
function createReferenceMetrics(registry: Registry, resolutionSeconds: number) {
  const registers = [registry];
  const metrics = {
    tickDuration: new Histogram({
      name: 'metrics_server_manager_tick_duration_seconds',
      help: '[ALPHA] The total time spent collecting and storing metrics in seconds.',
      buckets: tickBuckets(resolutionSeconds),
      registers,
    }),
    requestDuration: new Histogram({
      name: 'metrics_server_kubelet_request_duration_seconds',
      help: '[ALPHA] Duration of requests to Kubelet API in seconds',
      labelNames: ['node'],
      buckets: requestBuckets,
      registers,
    }),
    requests: new Counter({
      name: 'metrics_server_kubelet_request_total',
      help: '[ALPHA] Number of requests sent to Kubelet API',
      labelNames: ['success'],
      registers,
    }),
    lastRequest: new Gauge({
      name: 'metrics_server_kubelet_last_request_time_seconds',
      help: '[ALPHA] Time of last request performed to Kubelet API since unix epoch in seconds',
      labelNames: ['node'],
      registers,
    }),
    points: new Gauge({
      name: 'metrics_server_storage_points',
      help: '[ALPHA] Number of metrics points stored.',
      labelNames: ['type'],
      registers,
    }),
  };
  for (const success of ['true', 'false']) metrics.requests.inc({ success }, 0);
  for (const type of ['node', 'container']) metrics.points.set({ type }, 0);
  return metrics;
}

// oxlint-disable-next-line typescript/explicit-function-return-type -- as above
function createOwnMetrics(registry: Registry) {
  const registers = [registry];
  const failures = new Counter({
    name: 'headroom_metrics_scrape_failures_total',
    help: 'Scrapes of a node that brought no samples, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of scrapeFailures) failures.inc({ reason }, 0);
  const snapshots = new Counter({
    name: 'headroom_metrics_snapshots_total',
    help: 'Snapshots of the samples, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['written', 'failed']) snapshots.inc({ outcome }, 0);
  return {
    failures,
    snapshots,
    nodes: new Gauge({
      name: 'headroom_metrics_nodes',
      help: 'Nodes to scrape, by the outcome of their last scrape (waiting: none yet).',
      labelNames: ['state'],
      registers,
    }),
    hotNodes: new Gauge({
      name: 'headroom_metrics_hot_nodes',
      help: 'Nodes that are scraped faster, because the next samples of pods on them may change replicas.',
      registers,
    }),
    bodyBytes: new Counter({
      name: 'headroom_metrics_body_bytes_total',
      help: 'Bytes of exposition text that were parsed.',
      registers,
    }),
    badLines: new Counter({
      name: 'headroom_metrics_bad_lines_total',
      help: 'Lines of a needed family that held no usable sample and were skipped.',
      registers,
    }),
    droppedSamples: new Counter({
      name: 'headroom_metrics_dropped_samples_total',
      help: 'Samples of containers beyond the limit of containers per node.',
      registers,
    }),
  };
}

/** A cycle may take longer than any bucket of a request when the resolution is longer than 10 s. */
function tickBuckets(resolutionSeconds: number): number[] {
  if (resolutionSeconds <= 10) return requestBuckets;
  const between = 10 + (resolutionSeconds - 10) / 2;
  return [...requestBuckets, between, resolutionSeconds, resolutionSeconds * 1.5, resolutionSeconds * 2];
}
