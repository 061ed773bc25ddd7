// Pure: the words for a metric that could not be computed. docs/decision-math.md step 4.12.
import type { MetricSpec } from '../../crd/types.ts';
import { goQuote } from '../../lib/go-quote.ts';
import type { MetricWorking } from './types.ts';

/**
 * What went wrong with a metric:
 * `selector` - its own selector is invalid; `target` - its spec sets no target that its type knows;
 * `value` - it could not be read or computed.
 */
export interface MetricFault {
  readonly kind: 'selector' | 'target' | 'value';
  readonly message: string;
}

export type MetricFailure = Extract<MetricWorking['outcome'], { kind: 'failed' }>;

/** `inner` is for the metric's own event and condition, `outer` for the summary over all metrics. */
export function describeFailure(spec: MetricSpec, fault: MetricFault): MetricFailure {
  switch (spec.type) {
    case 'Resource': {
      const inner = resourceFault(spec, fault);
      const outer = `failed to get ${spec.resource} resource metric value: ${inner}`;
      return { kind: 'failed', reason: 'FailedGetResourceMetric', inner, outer };
    }
    case 'ContainerResource': {
      const inner = resourceFault(spec, fault);
      const outer = `failed to get ${spec.container} container metric value: ${inner}`;
      return { kind: 'failed', reason: 'FailedGetContainerResourceMetric', inner, outer };
    }
    case 'Pods': {
      const inner = fault.message;
      return {
        kind: 'failed',
        reason: 'FailedGetPodsMetric',
        inner,
        outer: `failed to get pods metric value: ${inner}`,
      };
    }
    case 'Object':
      return describeObjectFailure(spec, fault);
    case 'External':
      return describeExternalFailure(spec, fault);
    case 'Unknown': {
      const inner = `unknown metric source type ${goQuote(spec.name)}`;
      return { kind: 'failed', reason: 'InvalidMetricSourceType', inner, outer: inner };
    }
  }
}

function resourceFault(
  spec: Extract<MetricSpec, { type: 'Resource' | 'ContainerResource' }>,
  fault: MetricFault,
): string {
  if (fault.kind === 'target') return fault.message;
  const what = spec.target.averageValueMilli === undefined ? 'utilization' : 'usage';
  return `failed to get ${spec.resource} ${what}: ${fault.message}`;
}

function describeObjectFailure(spec: Extract<MetricSpec, { type: 'Object' }>, fault: MetricFault): MetricFailure {
  const inner = fault.message;
  const isAverage = fault.kind === 'value' && spec.target.type === 'AverageValue';
  const detail = isAverage ? `failed to get ${spec.metric.name} object metric: ` : '';
  const outer = `failed to get object metric value: ${detail}${inner}`;
  return { kind: 'failed', reason: 'FailedGetObjectMetric', inner, outer };
}

function describeExternalFailure(spec: Extract<MetricSpec, { type: 'External' }>, fault: MetricFault): MetricFailure {
  const inner = fault.message;
  const { name } = spec.metric;
  const outer = `failed to get ${name} external metric value: ${externalDetail(spec, fault)}${inner}`;
  return { kind: 'failed', reason: 'FailedGetExternalMetric', inner, outer };
}

function externalDetail(spec: Extract<MetricSpec, { type: 'External' }>, fault: MetricFault): string {
  if (fault.kind === 'target') return '';
  const { name } = spec.metric;
  return spec.target.averageValueMilli === undefined
    ? `failed to get external metric ${name}: `
    : `failed to get ${name} external metric: `;
}
