// Edge: self-metrics of the controller: those of kube-controller-manager's HPA controller under their names (k8s.io/kubernetes pkg/controller/podautoscaler/monitor),
// and our own.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AutoscalerKind } from '../crd/types.ts';
import { FrequentHistogram } from '../metrics/frequent-histogram.ts';
import type { AutoscalerName } from './autoscaler-key.ts';
import type { Course } from './course.ts';
import type { Decision, MetricWorking, Observation } from './decide/types.ts';

/** What the controller tells about itself when it is asked. */
export interface ControllerState {
  autoscalers(kind: AutoscalerKind): number;
  ownsNativeHpas(): boolean;
  /** How many wait for their turn to write. */
  awaitingTurn(): number;
}

/** What became of one look at an autoscaler. */
export type LookOutcome = Course | 'superseded' | 'await-turn';

export interface ControllerMonitor {
  /** A look ended. `trigger` is `sync` when a whole sync was due, else `event`. */
  looked(trigger: 'sync' | 'event', outcome: LookOutcome): void;
  /** One entry of readingSeconds for each metric. */
  metricsComputed(observation: Observation, decision: Decision, readingSeconds: readonly number[]): void;
  /** A whole sync decided on samples of pods, the oldest of which had this age. */
  decidedOnSamples(oldestAgeMs: number): void;
  /** New replicas were accepted by the API server so long after the newest sample that they rest on was taken. */
  patchedOnSamples(sinceNewestMs: number): void;
  reconciled(observation: Observation, decision: Decision, end: ReconcileEnd): void;
  /** The autoscaler is gone. */
  forget(autoscaler: AutoscalerName): void;
  snapshotWritten(outcome: 'written' | 'failed'): void;
}

export interface ReconcileEnd {
  readonly hasScaled: boolean;
  readonly hasFailed: boolean;
  /** undefined: the sync ended before that was settled. */
  readonly desiredReplicas: number | undefined;
  readonly seconds: number;
}

const upstream = 'horizontal_pod_autoscaler_controller';
const buckets = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power);
/** Seconds. Samples are 0 to 20 s old when they come, and the resolution older at worst. */
const freshnessBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 7.5, 10, 12.5, 15, 20, 25, 30, 45, 60, 120, 300];
const actions = ['scale_up', 'scale_down', 'none'] as const;
const errors = ['spec', 'internal', 'none'] as const;
const outcomes = ['commit', 'defer', 'discard', 'wait-for-metrics', 'superseded', 'await-turn'] as const;

/** Creates the instruments in the registry; those with few label values start at 0. `state` is asked whenever gauges are scraped. */
export function createControllerMonitor(registry: Registry, state: ControllerState): ControllerMonitor {
  return { ...createUpstreamMetrics(registry, state), ...createOwnMetrics(registry, state) };
}

type UpstreamMetrics = Pick<ControllerMonitor, 'metricsComputed' | 'reconciled' | 'forget'>;

function createUpstreamMetrics(registry: Registry, state: ControllerState): UpstreamMetrics {
  const registers = [registry];
  const reconciliations = countedAndTimed('reconciliation', 'one whole look at an HPA', ['action', 'error'], registers);
  const computations = countedAndTimed(
    'metric_computation',
    'one metric of an HPA',
    ['action', 'error', 'metric_type'],
    registers,
  );
  const desiredReplicas = new Gauge({
    name: `${upstream}_desired_replicas`,
    help: 'Replicas that the last sync of an HPA wanted.',
    labelNames: ['namespace', 'hpa_name'],
    registers,
  });
  gauge(registry, `${upstream}_num_horizontal_pod_autoscalers`, 'Number of HPAs that are known.', () =>
    state.autoscalers('HorizontalPodAutoscaler'),
  );
  for (const action of actions) for (const error of errors) reconciliations.counter.inc({ action, error }, 0);

  return {
    metricsComputed: ({ autoscaler }, decision, readingSeconds) => {
      for (const [index, metric] of decision.metrics.entries()) {
        const metricType = autoscaler.spec.metrics[index]?.type ?? 'Unknown';
        const labels = { ...computationLabels(metric, autoscaler.status.currentReplicas), metric_type: metricType };
        computations.add(labels, readingSeconds[index] ?? 0);
      }
    },
    reconciled: ({ autoscaler, target }, decision, end) => {
      const failure = target.kind === 'failed' && target.stage === 'parse-api-version' ? 'spec' : 'internal';
      const action = end.hasScaled ? direction(decision.desiredReplicas, decision.currentReplicas) : 'none';
      reconciliations.add({ action, error: end.hasFailed ? failure : 'none' }, end.seconds);
      if (end.desiredReplicas === undefined || autoscaler.kind !== 'HorizontalPodAutoscaler') return;
      desiredReplicas.set({ namespace: autoscaler.namespace, hpa_name: autoscaler.name }, end.desiredReplicas);
    },
    // Upstream keeps the series of HPAs that are gone.
    forget: ({ kind, namespace, name }) => {
      if (kind === 'HorizontalPodAutoscaler') desiredReplicas.remove({ namespace, hpa_name: name });
    },
  };
}

interface CountedAndTimed<L extends string> {
  readonly counter: Counter<L>;
  add(labels: Readonly<Record<L, string>>, seconds: number): void;
}

function countedAndTimed<L extends string>(
  name: string,
  what: string,
  labelNames: L[],
  registers: Registry[],
): CountedAndTimed<L> {
  const plural = `${upstream}_${name === 'reconciliation' ? 'reconciliations' : name}_total`;
  const counter = new Counter({ name: plural, help: `Number of times of ${what}.`, labelNames, registers });
  const histogram = new Histogram({
    name: `${upstream}_${name}_duration_seconds`,
    help: `Time that ${what} took.`,
    labelNames,
    buckets,
    registers,
  });
  return {
    counter,
    add: (labels, seconds) => {
      counter.inc(labels);
      histogram.observe(labels, seconds);
    },
  };
}

function computationLabels({ outcome }: MetricWorking, statusReplicas: number): { action: string; error: string } {
  if (outcome.kind === 'proposal') return { action: direction(outcome.replicas, statusReplicas), error: 'none' };
  return { action: 'none', error: outcome.reason === 'InvalidMetricSourceType' ? 'spec' : 'internal' };
}

function direction(to: number, from: number): (typeof actions)[number] {
  if (to === from) return 'none';
  return to > from ? 'scale_up' : 'scale_down';
}

function createOwnMetrics(
  registry: Registry,
  state: ControllerState,
): Pick<ControllerMonitor, 'looked' | 'snapshotWritten' | 'decidedOnSamples' | 'patchedOnSamples'> {
  const registers = [registry];
  const looks = new Counter({
    name: 'headroom_controller_looks_total',
    help: 'Looks at autoscalers by what called for them (sync: the period or a change of the object; event: a sample or the target) and what became of them.',
    labelNames: ['trigger', 'outcome'],
    registers,
  });
  const snapshots = new Counter({
    name: 'headroom_controller_snapshots_total',
    help: 'Snapshots of what is remembered of autoscalers, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const sampleAge = new FrequentHistogram({
    name: 'headroom_controller_sample_age_at_decision_seconds',
    help: 'Age of the oldest sample that a whole sync of an autoscaler decided on.',
    buckets: freshnessBuckets,
    registers,
  });
  const sampleToPatch = new FrequentHistogram({
    name: 'headroom_controller_sample_to_patch_seconds',
    help: 'Time from the newest sample that a change of replicas rests on until the API server had accepted the change.',
    buckets: freshnessBuckets,
    registers,
  });
  gauge(registry, 'headroom_controller_headroom_autoscalers', 'Number of HeadroomAutoscalers that are known.', () =>
    state.autoscalers('HeadroomAutoscaler'),
  );
  const ownership = '1 while HorizontalPodAutoscalers are scaled by Headroom, 0 while they are left to somebody else.';
  gauge(registry, 'headroom_controller_owns_native_hpas', ownership, () => Number(state.ownsNativeHpas()));
  const awaitingTurn = 'Number of autoscalers that have something to write and wait for the rate limit of requests.';
  gauge(registry, 'headroom_controller_awaiting_turn', awaitingTurn, () => state.awaitingTurn());
  for (const trigger of ['sync', 'event']) for (const outcome of outcomes) looks.inc({ trigger, outcome }, 0);
  for (const outcome of ['written', 'failed']) snapshots.inc({ outcome }, 0);
  return {
    looked: (trigger, outcome) => looks.inc({ trigger, outcome }),
    decidedOnSamples: (oldestAgeMs) => sampleAge.record(oldestAgeMs / 1000),
    patchedOnSamples: (sinceNewestMs) => sampleToPatch.record(sinceNewestMs / 1000),
    snapshotWritten: (outcome) => snapshots.inc({ outcome }),
  };
}

/** A gauge that is asked for its value whenever it is scraped. */
export function gauge(registry: Registry, name: string, help: string, value: () => number): void {
  const made = new Gauge({
    name,
    help,
    registers: [],
    collect() {
      this.set(value());
    },
  });
  registry.registerMetric(made);
}
