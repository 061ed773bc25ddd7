// Pure: what metrics are computed from, the working of one metric, and its entry in status.currentMetrics. docs/decision-math.md steps 4.10 and 4.11.
import type { MetricSpec, MetricStatus, MetricValueStatus } from '../../crd/types.ts';
import type { PodView } from '../../lib/views.ts';
import { describeFailure, type MetricFault } from './metric-failures.ts';
import { metricName } from './metric-names.ts';
import type { ToleranceBand } from './tolerance.ts';
import type { DecideSettings, MetricReading, MetricWorking, ProposalRule } from './types.ts';

/** What all metrics of one decision share. */
export interface ProposalContext {
  readonly pods: readonly PodView[];
  readonly currentReplicas: number;
  readonly statusReplicas: number;
  readonly band: ToleranceBand;
  readonly settings: DecideSettings;
  readonly nowMs: number;
}

/** What is known of a metric besides its name and outcome. */
export type KnownWorking = Partial<Omit<MetricWorking, 'name' | 'outcome'>>;

const nothingKnown: Omit<MetricWorking, 'name' | 'outcome'> = {
  pods: [],
  sumUsageMilli: undefined,
  sumRequestMilli: undefined,
  usageRatio: undefined,
  adjustedRatio: undefined,
  toleranceBand: undefined,
  rule: undefined,
  multiplier: undefined,
  strayMetrics: 0,
};

type KnownSpec = Exclude<MetricSpec, { type: 'Unknown' }>;

/** The working of a metric that proposes replicas. */
export function proposedMetric(
  spec: KnownSpec,
  proposal: { readonly replicas: number; readonly rule: ProposalRule; readonly multiplier: number | undefined },
  current: Partial<MetricValueStatus>,
  known: KnownWorking,
): MetricWorking {
  const { replicas, rule, multiplier } = proposal;
  const outcome = { kind: 'proposal', replicas, status: metricStatus(spec, current) } as const;
  return { ...nothingKnown, ...known, name: metricName(spec), outcome, rule, multiplier };
}

/** The working of a metric that could not be computed. */
export function failedMetric(spec: MetricSpec, fault: MetricFault, known: KnownWorking = {}): MetricWorking {
  return { ...nothingKnown, ...known, name: metricName(spec), outcome: describeFailure(spec, fault) };
}

/** Why a reading gives no value. Only a caller that mixes up readings sees the second text. */
export function faultOfReading(reading: MetricReading | undefined): MetricFault {
  if (reading?.kind !== 'failed') return { kind: 'value', message: 'no value of this metric was read' };
  return { kind: reading.stage === 'selector' ? 'selector' : 'value', message: reading.message };
}

/** 4.11: the entry that a metric leaves in status.currentMetrics. */
function metricStatus(spec: KnownSpec, value: Partial<MetricValueStatus>): MetricStatus {
  const current: MetricValueStatus = {
    valueMilli: value.valueMilli,
    averageValueMilli: value.averageValueMilli,
    averageUtilization: value.averageUtilization,
  };
  switch (spec.type) {
    case 'Resource':
      return { type: 'Resource', resource: spec.resource, current };
    case 'ContainerResource':
      return { type: 'ContainerResource', resource: spec.resource, container: spec.container, current };
    case 'Pods':
      return { type: 'Pods', metric: spec.metric, current };
    case 'Object':
      return { type: 'Object', metric: spec.metric, describedObject: spec.describedObject, current };
    case 'External':
      return { type: 'External', metric: spec.metric, current };
  }
}
