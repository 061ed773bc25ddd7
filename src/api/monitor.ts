// Flow: what the Metrics API tells about itself.
import { Counter, Histogram, type Registry } from 'prom-client';
import { FrequentHistogram } from '../metrics/frequent-histogram.ts';

export interface ApiMonitor {
  /** One item was served whose sample is this old. */
  observeFreshness(ageMs: number): void;
  /** One request was answered. `resource` is '' for paths that are none. */
  observeRequest(request: AnsweredRequest): void;
}

interface AnsweredRequest {
  readonly verb: string;
  readonly resource: string;
  readonly code: number;
  readonly durationMs: number;
}

const batchSize = 256;

/** 20 bounds, each 1.364 times the one before: multiplied step by step, so that they print as metrics-server's. */
const freshnessBuckets = Array.from({ length: 19 }).reduce<number[]>(
  (bounds) => [...bounds, (bounds.at(-1) ?? 1) * 1.364],
  [1],
);
const knownVerbs = new Set([
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'post',
  'put',
  'head',
  'options',
]);

/** Registers the instruments. The first has the name and buckets that metrics-server gives it (docs/metrics-api.md, M-146). */
export function createApiMonitor(registry: Registry): ApiMonitor {
  const freshness = new FrequentHistogram({
    name: 'metrics_server_api_metric_freshness_seconds',
    help: '[ALPHA] Freshness of metrics exported',
    buckets: freshnessBuckets,
    registers: [registry],
  });
  const requests = new Counter({
    name: 'headroom_api_requests_total',
    help: 'Requests to the Metrics API that were answered.',
    labelNames: ['verb', 'resource', 'code'],
    registers: [registry],
    collect: () => tellAll(),
  });
  const durations = new Histogram({
    name: 'headroom_api_request_duration_seconds',
    help: 'Time from a request to the Metrics API to the end of its answer.',
    labelNames: ['verb', 'resource'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
    registers: [registry],
    collect: () => tellAll(),
  });
  // prom-client checks, sorts and joins labels each time. Told of many at once, it does so with warm caches, at a fraction of the cost.
  let untold: AnsweredRequest[] = [];
  const tellAll = (): void => {
    const told = untold;
    untold = [];
    for (const { verb, resource, code, durationMs } of told) {
      requests.inc({ verb, resource, code: String(code) });
      durations.observe({ verb, resource }, durationMs / 1000);
    }
  };
  return {
    observeFreshness: (ageMs) => freshness.record(ageMs / 1000),
    observeRequest: ({ verb, resource, code, durationMs }) => {
      // Verbs and resources are the caller's words: only known ones become series.
      untold.push({
        verb: knownVerbs.has(verb) ? verb : 'other',
        resource: resource === 'nodes' || resource === 'pods' ? resource : '',
        code,
        durationMs,
      });
      if (untold.length >= batchSize) tellAll();
    },
  };
}
