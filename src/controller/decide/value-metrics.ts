// Pure: what a metric of one value (Object, External) proposes. docs/decision-math.md steps 4.7 to 4.9.
import type { MetricSpec } from '../../crd/types.ts';
import { failedMetric, faultOfReading, type ProposalContext, proposedMetric } from './metric-workings.ts';
import type { MetricReading, MetricWorking } from './types.ts';
import { proposeFromAverageValue, proposeFromValue, sumForAverageValue, sumForValue } from './value-math.ts';

type ObjectSpec = Extract<MetricSpec, { type: 'Object' }>;
type ExternalSpec = Extract<MetricSpec, { type: 'External' }>;
type ValueTarget = { readonly kind: 'value' | 'average-value'; readonly milli: bigint };

export function proposeForObject(
  spec: ObjectSpec,
  reading: MetricReading | undefined,
  context: ProposalContext,
): MetricWorking {
  if (reading?.kind === 'failed' && reading.stage === 'selector') return failedMetric(spec, faultOfReading(reading));
  const target = objectTarget(spec);
  if (target === undefined) return noTarget(spec, 'object');
  if (reading?.kind !== 'object') return failedMetric(spec, faultOfReading(reading));
  return target.kind === 'value'
    ? fromValue(spec, reading.valueMilli, target.milli, context)
    : fromAverageValue(spec, reading.valueMilli, target.milli, context);
}

export function proposeForExternal(
  spec: ExternalSpec,
  reading: MetricReading | undefined,
  context: ProposalContext,
): MetricWorking {
  const target = externalTarget(spec);
  if (target === undefined) return noTarget(spec, 'external');
  if (reading?.kind !== 'external') return failedMetric(spec, faultOfReading(reading));
  return target.kind === 'value'
    ? fromValue(spec, sumForValue(reading.valuesMilli), target.milli, context)
    : fromAverageValue(spec, sumForAverageValue(reading.valuesMilli), target.milli, context);
}

/** Type and field must agree. */
function objectTarget({ target }: ObjectSpec): ValueTarget | undefined {
  const { type, valueMilli, averageValueMilli } = target;
  if (type === 'Value' && valueMilli !== undefined) return { kind: 'value', milli: valueMilli };
  if (type === 'AverageValue' && averageValueMilli !== undefined) {
    return { kind: 'average-value', milli: averageValueMilli };
  }
  return undefined;
}

/** Which field is set decides; the target's type is not looked at. */
function externalTarget({ target }: ExternalSpec): ValueTarget | undefined {
  const { valueMilli, averageValueMilli } = target;
  if (averageValueMilli !== undefined) return { kind: 'average-value', milli: averageValueMilli };
  if (valueMilli !== undefined) return { kind: 'value', milli: valueMilli };
  return undefined;
}

function noTarget(spec: ObjectSpec | ExternalSpec, source: string): MetricWorking {
  const cause = 'neither a value target nor an average value target was set';
  return failedMetric(spec, { kind: 'target', message: `invalid ${source} metric source: ${cause}` });
}

function fromValue(
  spec: ObjectSpec | ExternalSpec,
  usageMilli: bigint,
  targetMilli: bigint,
  context: ProposalContext,
): MetricWorking {
  const { currentReplicas, pods, band } = context;
  const outcome = proposeFromValue({ usageMilli, targetMilli, currentReplicas, pods, band });
  const known = { sumUsageMilli: usageMilli, toleranceBand: band };
  if (outcome.kind === 'failed') return failedMetric(spec, { kind: 'value', message: outcome.message }, known);
  return proposedMetric(spec, outcome, { valueMilli: usageMilli }, { ...known, usageRatio: outcome.usageRatio });
}

function fromAverageValue(
  spec: ObjectSpec | ExternalSpec,
  usageMilli: bigint,
  targetMilli: bigint,
  context: ProposalContext,
): MetricWorking {
  const { statusReplicas, band } = context;
  const isExternal = spec.type === 'External';
  const proposal = proposeFromAverageValue({ usageMilli, targetMilli, statusReplicas, band, isExternal });
  const { averageMilli, usageRatio } = proposal;
  const known = { sumUsageMilli: usageMilli, toleranceBand: band, usageRatio };
  return proposedMetric(spec, proposal, { averageValueMilli: averageMilli }, known);
}
