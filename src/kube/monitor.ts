// Edge: self-metrics of talking to the API server.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What a reflector tells about itself when it is asked. */
interface ReflectorState {
  readonly resource: string;
  /** Objects in its store. */
  objects(): number;
  /** Seconds since the API server last said anything about this resource; undefined before it first did. */
  silentSeconds(): number | undefined;
}

/** Instruments of this folder. Gauges are read when they are scraped. */
export interface KubeMonitor {
  /** `code` is the HTTP status, or `none` when nothing answered. */
  requestFinished(verb: string, code: string, seconds: number): void;
  requestThrottled(verb: string, seconds: number): void;
  addReflector(state: ReflectorState): void;
  relisted(resource: string): void;
  skipped(resource: string): void;
  addQueue(name: string, depth: () => number): void;
  eventFinished(outcome: 'posted' | 'dropped' | 'rejected' | 'filtered'): void;
  leading(lease: string, isLeader: boolean): void;
}

/** Creates the instruments `headroom_kube_*` in the registry. */
export function createKubeMonitor(registry: Registry): KubeMonitor {
  const registers = [registry];
  const requests = new Histogram({
    name: 'headroom_kube_request_duration_seconds',
    help: 'Time until the API server answered, by verb and HTTP status code (none: no answer).',
    labelNames: ['verb', 'code'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30],
    registers,
  });
  const throttled = new Histogram({
    name: 'headroom_kube_rate_limiter_duration_seconds',
    help: 'Time that requests waited for the client-side rate limit.',
    labelNames: ['verb'],
    buckets: [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 60],
    registers,
  });
  const relists = new Counter({
    name: 'headroom_kube_reflector_lists_total',
    help: 'Complete lists that a reflector read; more than one each means that a watch could not be resumed.',
    labelNames: ['resource'],
    registers,
  });
  const skipped = new Counter({
    name: 'headroom_kube_reflector_skipped_objects_total',
    help: 'Objects that were skipped because they lack what they must have.',
    labelNames: ['resource'],
    registers,
  });
  const events = new Counter({
    name: 'headroom_kube_events_total',
    help: 'Kubernetes Events by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of ['posted', 'dropped', 'rejected', 'filtered']) events.inc({ outcome }, 0);
  const leader = new Gauge({
    name: 'headroom_kube_leader',
    help: '1 when this process holds the lease.',
    labelNames: ['lease'],
    registers,
  });
  const { addReflector, addQueue } = collectedGauges(registers);
  return {
    requestFinished: (verb, code, seconds) => requests.observe({ verb, code }, seconds),
    requestThrottled: (verb, seconds) => throttled.observe({ verb }, seconds),
    addReflector: (state) => {
      addReflector(state);
      relists.inc({ resource: state.resource }, 0);
      skipped.inc({ resource: state.resource }, 0);
    },
    relisted: (resource) => relists.inc({ resource }),
    skipped: (resource) => skipped.inc({ resource }),
    addQueue,
    eventFinished: (outcome) => events.inc({ outcome }),
    leading: (lease, isLeader) => leader.set({ lease }, isLeader ? 1 : 0),
  };
}

function collectedGauges(registers: Registry[]): Pick<KubeMonitor, 'addReflector' | 'addQueue'> {
  const reflectors: ReflectorState[] = [];
  const queues = new Map<string, () => number>();
  const objects = new Gauge({
    name: 'headroom_kube_reflector_objects',
    help: 'Objects in the cache.',
    labelNames: ['resource'],
    registers,
    collect: () => {
      for (const reflector of reflectors) objects.set({ resource: reflector.resource }, reflector.objects());
    },
  });
  const silence = new Gauge({
    name: 'headroom_kube_reflector_silence_seconds',
    help: 'Time since the API server last said anything about the resource, bookmarks included.',
    labelNames: ['resource'],
    registers,
    collect: () => {
      for (const reflector of reflectors) {
        const seconds = reflector.silentSeconds();
        if (seconds !== undefined) silence.set({ resource: reflector.resource }, seconds);
      }
    },
  });
  const depth = new Gauge({
    name: 'headroom_kube_queue_depth',
    help: 'Keys that are ready and wait for a worker.',
    labelNames: ['queue'],
    registers,
    collect: () => {
      for (const [queue, current] of queues) depth.set({ queue }, current());
    },
  });
  return {
    addReflector: (state) => {
      reflectors.push(state);
    },
    addQueue: (name, current) => {
      queues.set(name, current);
    },
  };
}
